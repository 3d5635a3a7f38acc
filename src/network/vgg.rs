//! VGG19 (Simonyan & Zisserman 2014) up to relu5_1, as far as style transfer looks.
//!
//! The network is a chain with frozen weights, so its derivative is written out rather than taped:
//! [`Vgg::forward`] keeps each convolution's rectified output, and [`Activations::gradient`] walks the chain
//! back, adding the losses' gradients where they tap in. Weight gradients are never computed.

use std::cell::Cell;

use burn::tensor::Tensor;

use super::arch::{CONVOLUTIONS, Convolution, Layer, starts_block};
use super::weights::Weights;
use crate::compute::{self, Compute, Filter, Kernel, Layout, Maps, Pooled, Pooling};

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
    input: Maps,
    /// Of the convolutions after the first.
    outputs: Vec<Kept>,
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
    /// The gradient with respect to the image. `tap` is asked at each tapped activation, from the deepest to
    /// the shallowest, for the gradient of the losses there; nothing if it has none at the deepest.
    ///
    /// Consumes the activations, freeing each as soon as the way back has passed it.
    pub fn gradient(mut self, mut tap: impl FnMut(Layer, &Maps) -> Option<Tensor<4>>) -> Option<Tensor<4>> {
        let Vgg { filters, pooling, .. } = self.network;
        let top = Layer(self.outputs.len());
        let Kept::Maps(output) = self.below() else { return None };
        let mut gradient = compute::mask(&output, tap(top, &output)?);
        let mut size = [output.height, output.width];
        drop(output);
        for l in (1..=top.0).rev() {
            // The pooled maps are not kept: their mask is not needed, for a maximum that is zero passes
            // nothing on below either.
            let unpooled = |gradient| compute::conv3x3_gradient_unmasked(gradient, &filters[l], size);
            (size, gradient) = match self.below() {
                Kept::Pooled(pooled) => (pooled.size(), pooled.gradient(unpooled(gradient), *pooling)),
                Kept::Maps(below) => {
                    let add = tap(Layer(l - 1), &below);
                    let below_size = [below.height, below.width];
                    let gradient = if starts_block(l) {
                        compute::pool_gradient(unpooled(gradient), &below, add, *pooling)
                    } else {
                        compute::conv3x3_gradient(gradient, &filters[l], below, add)
                    };
                    (below_size, gradient)
                }
            };
        }
        Some(compute::image_gradient(gradient, &filters[0], size))
    }

    /// The deepest that is left; after all of them the first convolution's.
    fn below(&mut self) -> Kept {
        self.outputs.pop().unwrap_or_else(|| Kept::Maps(self.network.first(&self.input)))
    }
}

impl Vgg {
    /// Puts the (normalised) weights of the layers up to `last` on the device.
    pub fn new(weights: &Weights, last: Layer, pooling: Pooling, compute: &Compute) -> Self {
        let layout = compute.layout;
        let filters = (0..=last.0).map(|l| Filter::new(weights.normalised(l), layout, &compute.device)).collect();
        Self { filters, mean: weights.mean(), pooling, layout, visits: Cell::new(0) }
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

    /// Runs `image` (`[1, 3, height, width]`, RGB in \[0, 1\]) through the network as far as `last`, keeping
    /// what the way back needs where losses look at the activations of `tapped`, and shows each of those once.
    ///
    /// Both sides must be at least 2^halvings of `last`.
    pub fn forward(
        &self,
        image: Tensor<4>,
        last: Layer,
        tapped: &[Layer],
        mut see: impl FnMut(Layer, &Maps),
    ) -> Activations<'_> {
        let mut show = |layer: Layer, maps: &Maps| {
            if tapped.contains(&layer) {
                see(layer, maps);
            }
        };
        let input = compute::input(image, self.mean, self.layout);
        let mut outputs = Vec::new();
        let mut x = self.first(&input);
        show(Layer(0), &x);
        for l in 1..=last.0 {
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
            show(Layer(l), &output);
            x = output;
        }
        if last.0 > 0 {
            outputs.push(Kept::Maps(x));
        }
        Activations { network: self, input, outputs }
    }

    /// Runs `image` through the network as far as `last` and shows every activation once: how targets are made, and
    /// counted, for no picture should be looked at twice.
    pub fn visit(&self, image: Tensor<4>, last: Layer, mut see: impl FnMut(Layer, &Maps)) {
        self.visits.set(self.visits.get() + 1);
        let mut x = self.first(&compute::input(image, self.mean, self.layout));
        see(Layer(0), &x);
        for l in 1..=last.0 {
            if starts_block(l) {
                x = compute::pool(&x, self.pooling);
            }
            x = compute::conv3x3_relu(&x, &self.filters[l]);
            see(Layer(l), &x);
        }
    }

    /// How often [`Vgg::visit`] was called.
    pub fn visits(&self) -> usize {
        self.visits.get()
    }

    /// Every activation of `image` as far as `last`, shallow to deep.
    pub fn activations(&self, image: Tensor<4>, last: Layer) -> Vec<Maps> {
        let mut all = Vec::new();
        self.visit(image, last, |_, maps| all.push(maps.clone()));
        all
    }

    /// The first activation.
    fn first(&self, input: &Maps) -> Maps {
        compute::conv3x3_relu(input, &self.filters[0])
    }
}
