//! VGG19 (Simonyan & Zisserman 2014) up to relu5_1, as far as style transfer looks.
//!
//! The network is a chain with frozen weights, so its derivative is written out rather than taped:
//! [`Vgg::forward`] keeps each convolution's rectified output, and [`Activations::gradient`] walks the chain
//! back, adding the losses' gradients where they tap in. Weight gradients are never computed.

use std::cell::Cell;
use std::ops::Range;

use burn::tensor::Tensor;

use super::arch::{CONVOLUTIONS, Convolution, Layer, starts_block};
use super::weights::Weights;
use crate::compute::{self, Compute, Filter, Kernel, Layout, Maps, Pooled, Pooling, Wrap};

/// The network with its weights on a device.
#[derive(Debug, Clone)]
pub struct Vgg {
    filters: Vec<Filter>,
    mean: [f32; 3],
    pooling: Pooling,
    layout: Layout,
    visits: Cell<usize>,
}

/// What one forward pass leaves for the losses and the way back.
///
/// The first convolution's output, the largest by far for what it costs, is made again when it is asked
/// for.
#[derive(Debug)]
pub struct Activations<'a> {
    network: &'a Vgg,
    /// Where the network's first convolution is among those that were gone through.
    input: Option<Maps>,
    /// The convolutions that were gone through: all, or those of a stage.
    convolutions: Range<usize>,
    /// Of the convolutions, but the network's first.
    outputs: Vec<Kept>,
    /// Which edges of all these maps meet.
    wrap: Wrap,
}

/// What is kept of one convolution's rectified output.
#[derive(Debug)]
enum Kept {
    /// All of it.
    Maps(Maps),
    /// What its pooling needs on the way back, no loss looking at it.
    Pooled(Pooled),
}

impl Activations<'_> {
    /// The gradient with respect to the input: the image, or what a stage was given. `tap` is asked at each tapped activation, from
    /// the deepest to the shallowest, for the gradient of the losses there. `above` is the gradient at what the deepest was pooled
    /// into, if it was; nothing where neither has any at the deepest.
    ///
    /// Consumes the activations, freeing each as soon as the way back has passed it.
    pub fn gradient(
        mut self,
        above: Option<Tensor<4>>,
        mut tap: impl FnMut(Layer, &Maps) -> Option<Tensor<4>>,
    ) -> Option<Tensor<4>> {
        let (Vgg { filters, pooling, .. }, wrap) = (self.network, self.wrap);
        let Range { start: bottom, end } = self.convolutions;
        let top = Layer(end - 1);
        let (mut size, mut gradient) = match (self.below()?, above) {
            (Kept::Maps(output), None) => (output.size(), compute::mask(&output, tap(top, &output)?)),
            (Kept::Maps(output), Some(above)) => {
                (output.size(), compute::pool_gradient(above, &output, tap(top, &output), *pooling))
            }
            (Kept::Pooled(pooled), above) => (pooled.size(), pooled.gradient(above?, *pooling)),
        };
        for l in (bottom + 1..=top.0).rev() {
            // The pooled maps are not kept: their mask is not needed, for a maximum that is zero passes
            // nothing on below either.
            let unpooled = |gradient| compute::conv3x3_gradient_unmasked(gradient, &filters[l], size, wrap);
            (size, gradient) = match self.below()? {
                Kept::Pooled(pooled) => (pooled.size(), pooled.gradient(unpooled(gradient), *pooling)),
                Kept::Maps(below) => {
                    let add = tap(Layer(l - 1), &below);
                    let below_size = below.size();
                    let gradient = if starts_block(l) {
                        compute::pool_gradient(unpooled(gradient), &below, add, *pooling)
                    } else {
                        compute::conv3x3_gradient(gradient, &filters[l], below, add)
                    };
                    (below_size, gradient)
                }
            };
        }
        Some(match bottom {
            0 => compute::image_gradient(gradient, &filters[0], size, wrap),
            _ => compute::conv3x3_gradient_unmasked(gradient, &filters[bottom], size, wrap),
        })
    }

    /// The deepest that is left; after all of them the network's first convolution's.
    fn below(&mut self) -> Option<Kept> {
        let again = |input| Kept::Maps(compute::conv3x3_relu(input, &self.network.filters[0]));
        self.outputs.pop().or_else(|| self.input.as_ref().map(again))
    }
}

impl Vgg {
    /// Puts the (normalised) weights of the layers up to `last` on the device.
    pub fn new(weights: &Weights, last: Layer, pooling: Pooling, compute: &Compute) -> Self {
        let layout = compute.layout;
        let filters = (0..=last.0).map(|l| Filter::new(weights.normalised(l), layout, &compute.device)).collect();
        Self { filters, mean: weights.mean(), pooling, layout, visits: Cell::new(0) }
    }

    /// The same network, taking less memory for what is found on the way. Its visits are counted apart.
    pub(super) fn sparing(&self) -> Self {
        Self { filters: self.filters.iter().map(Filter::sparing).collect(), ..self.clone() }
    }

    /// How this network's maps lie in memory.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// A network of this one's structure with at most `widest` channels and no weights: what it runs
    /// makes a device do the kinds of work the real one does.
    pub fn sketch(last: Layer, pooling: Pooling, widest: usize, compute: &Compute) -> Self {
        let layout = compute.layout;
        let kernel = |conv: &Convolution| {
            let [inputs, outputs] = [conv.inputs, conv.outputs].map(|channels| channels.min(widest));
            Kernel { shape: [outputs, inputs, 3, 3], weight: vec![0.0; outputs * inputs * 9], bias: vec![1.0; outputs] }
        };
        let filters =
            CONVOLUTIONS[..=last.0].iter().map(|conv| Filter::new(kernel(conv), layout, &compute.device)).collect();
        Self { filters, mean: [0.0; 3], pooling, layout, visits: Cell::new(0) }
    }

    /// Runs `image` (`[1, 3, height, width]`, RGB in \[0, 1\], these edges meeting) through the network as far as `last`, keeping
    /// what the way back needs where losses look at the activations of `tapped`, and shows each of those once.
    ///
    /// Both sides must be at least 2^halvings of `last`; a side whose ends meet had best be a multiple of that, lest what an odd one leaves over
    /// in pooling be missing between them.
    pub fn forward(
        &self,
        image: Tensor<4>,
        wrap: Wrap,
        last: Layer,
        tapped: &[Layer],
        mut see: impl FnMut(Layer, &Maps),
    ) -> Activations<'_> {
        let input = compute::input(image, wrap, self.mean, self.layout);
        self.run(input, 0..last.0 + 1, false, tapped, |layer, maps| {
            if tapped.contains(&layer) {
                see(layer, maps);
            }
        })
    }

    /// Runs maps through some convolutions, keeping what the way back needs where losses look at the activations of `tapped`, and
    /// shows each activation once. `pooled` says whether the deepest is pooled afterwards.
    pub(super) fn run(
        &self,
        input: Maps,
        convolutions: Range<usize>,
        pooled: bool,
        tapped: &[Layer],
        mut see: impl FnMut(Layer, &Maps),
    ) -> Activations<'_> {
        let mut outputs = Vec::new();
        let (Range { start, end }, wrap) = (convolutions, input.wrap);
        let mut x = compute::conv3x3_relu(&input, &self.filters[start]);
        let input = (start == 0).then_some(input);
        see(Layer(start), &x);
        for l in start + 1..end {
            let output = if starts_block(l) {
                let (pooled, kept) = if tapped.contains(&Layer(l - 1)) {
                    (compute::pool(&x, self.pooling), Kept::Maps(x))
                } else {
                    let (pooled, kept) = Pooled::pool(x, self.pooling);
                    (pooled, Kept::Pooled(kept))
                };
                outputs.push(kept);
                compute::conv3x3_relu(&pooled, &self.filters[l])
            } else {
                let output = compute::conv3x3_relu(&x, &self.filters[l]);
                // The first activation is made again on the way back.
                if l > 1 {
                    outputs.push(Kept::Maps(x));
                }
                output
            };
            see(Layer(l), &output);
            x = output;
        }
        if pooled && !tapped.contains(&Layer(end - 1)) {
            outputs.push(Kept::Pooled(Pooled::pool(x, self.pooling).1));
        } else if end > 1 {
            outputs.push(Kept::Maps(x));
        }
        Activations { network: self, input, convolutions: start..end, outputs, wrap }
    }

    /// Runs `image`, these edges meeting, through the network as far as `last` and shows every activation once: how targets are
    /// made, and counted, for no picture should be looked at twice.
    pub fn visit(&self, image: Tensor<4>, wrap: Wrap, last: Layer, see: impl FnMut(Layer, &Maps)) {
        self.note_visit();
        self.pass(compute::input(image, wrap, self.mean, self.layout), 0..last.0 + 1, see);
    }

    /// Counts a visit.
    pub(super) fn note_visit(&self) {
        self.visits.set(self.visits.get() + 1);
    }

    /// Runs maps through some convolutions, keeping nothing, and shows every activation once; the last one.
    pub(super) fn pass(&self, input: Maps, convolutions: Range<usize>, mut see: impl FnMut(Layer, &Maps)) -> Maps {
        let start = convolutions.start;
        let mut x = input;
        for l in convolutions {
            if l > start && starts_block(l) {
                x = compute::pool(&x, self.pooling);
            }
            x = compute::conv3x3_relu(&x, &self.filters[l]);
            see(Layer(l), &x);
        }
        x
    }

    /// What is subtracted from RGB in \[0, 1\] before the first convolution.
    pub(super) fn mean(&self) -> [f32; 3] {
        self.mean
    }

    /// How it halves the resolution.
    pub(super) fn pooling(&self) -> Pooling {
        self.pooling
    }

    /// How often [`Vgg::visit`] was called.
    pub fn visits(&self) -> usize {
        self.visits.get()
    }

    /// Every activation of `image` as far as `last`, shallow to deep; no edges meet.
    pub fn activations(&self, image: Tensor<4>, last: Layer) -> Vec<Maps> {
        let mut all = Vec::new();
        self.visit(image, Wrap::None, last, |_, maps| all.push(maps.clone()));
        all
    }
}
