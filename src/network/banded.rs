//! The network in bands of rows, for pictures whose maps no device could hold whole.
//!
//! Exactly what [`Vgg::forward`] and [`Activations::gradient`](super::Activations::gradient) compute, but stage by stage ([`Stage`])
//! and within a stage band by band. Each band is computed twice: on the way through the losses see its own rows, on the way back it is
//! made again and the gradient at its own rows goes down to all rows it was made of. There the bands' shares are added up.

use std::cell::RefCell;
use std::ops::Range;

use burn::tensor::Tensor;

use super::arch::Layer;
use super::stage::{Band, Stage};
use super::vgg::Vgg;
use crate::compute::{self, Layout, Maps, Rising, Sheet, Wrap};

/// Some rows of a layer's maps.
#[derive(Debug)]
pub struct Part<'a> {
    /// The maps of a band, of which those rows that are not its own may be wrong.
    pub band: &'a Maps,
    /// Its own rows among them.
    pub own: Range<usize>,
    /// The number of the first of them among the whole maps' rows.
    pub first: usize,
    /// Height and width of the whole maps in pixels.
    pub size: [usize; 2],
    maps: RefCell<Option<Maps>>,
}

/// What one forward pass in bands leaves for the way back: what the stages were given.
#[derive(Debug)]
pub struct Bands {
    network: Vgg,
    image: Tensor<4>,
    tapped: Vec<Layer>,
    rows: usize,
    stages: Vec<Stage>,
    /// Of all stages but the first, which takes the image.
    inputs: Vec<Maps>,
}

impl Vgg {
    /// As [`Vgg::forward`] of an image whose edges meet so, in bands of so many rows (≥ 1) of each stage: every own row of the activations of `tapped` is shown
    /// once, from the top down.
    pub fn forward_in_bands(
        &self,
        (image, wrap): (Tensor<4>, Wrap),
        last: Layer,
        rows: usize,
        tapped: &[Layer],
        mut see: impl FnMut(Layer, &Part),
    ) -> Bands {
        let network = self.sparing();
        let [_, _, height, width] = image.dims();
        let stages = Stage::all(last, [height, width], wrap);
        let mut inputs: Vec<Maps> = Vec::new();
        for stage in &stages {
            let input = Input::of(&image, inputs.last());
            inputs.extend(network.through(stage, &input, rows, &mut |layer| tapped.contains(&layer), &mut see));
        }
        Bands { network, image, tapped: tapped.to_vec(), rows, stages, inputs }
    }

    /// As [`Vgg::visit`] of an image whose edges meet so, in bands of so many rows (≥ 1) of each stage; of a layer that is `wanted` every own row is shown once,
    /// from the top down.
    pub fn visit_in_bands(
        &self,
        (image, wrap): (Tensor<4>, Wrap),
        last: Layer,
        rows: usize,
        mut wanted: impl FnMut(Layer) -> bool,
        mut see: impl FnMut(Layer, &Part),
    ) {
        self.note_visit();
        let network = self.sparing();
        let [_, _, height, width] = image.dims();
        let mut before = None;
        for stage in Stage::all(last, [height, width], wrap) {
            let input = Input::of(&image, before.as_ref());
            before = network.through(&stage, &input, rows, &mut wanted, &mut see);
        }
    }

    /// Goes through a stage and shows the own rows of what is wanted: what the next stage is given, if there is one.
    fn through(
        &self,
        stage: &Stage,
        input: &Input,
        rows: usize,
        wanted: &mut impl FnMut(Layer) -> bool,
        see: &mut impl FnMut(Layer, &Part),
    ) -> Option<Maps> {
        let mut pooled: Option<(usize, Rising)> = None;
        let halvings = stage.all_halvings();
        let [height, width] = stage.size.map(|side| side >> halvings);
        for band in stage.bands(rows) {
            let maps = self.pass(input.cut(&band, stage, None, self), stage.convolutions.clone(), |layer, maps| {
                if wanted(layer) {
                    see(layer, &Part::of(maps, stage, &band, layer));
                }
            });
            if stage.is_pooled {
                let maps = compute::pool(&maps, self.pooling());
                let channels = maps.channels;
                let rising = || Rising::maps([channels, height, width], maps.layout, &maps.data);
                let (_, rising) = pooled.get_or_insert_with(|| (channels, rising()));
                rising.put(&maps.data, band.own(halvings));
            }
        }
        let (layout, wrap) = (self.layout(), stage.wrap);
        pooled.map(|(channels, rising)| Maps { data: rising.finish(), layout, channels, height, width, wrap })
    }
}

/// What a stage is given.
enum Input<'a> {
    Image(&'a Tensor<4>),
    Maps(&'a Maps),
}

impl<'a> Input<'a> {
    /// What the stage before has left, or the image.
    fn of(image: &'a Tensor<4>, before: Option<&'a Maps>) -> Self {
        before.map_or(Self::Image(image), Self::Maps)
    }

    /// The rows a band of a stage is computed with. `first` has the first rows of all, where those may be written over already.
    fn cut(&self, band: &Band, stage: &Stage, first: Option<&Tensor<4>>, network: &Vgg) -> Maps {
        let (layout, pieces) = (network.layout(), band.pieces());
        let wrap = if band.is_whole() { stage.wrap } else { stage.wrap.without_rows() };
        let (sheet, from) = match self {
            Self::Image(image) => (Sheet::Image(layout), *image),
            Self::Maps(maps) => (Sheet::Maps(layout), &maps.data),
        };
        let joined = || {
            let goes_on = |rows: &Range<usize>| band.cut.end > stage.size[0] as isize && rows.start == 0;
            let piece = |rows| (first.filter(|_| goes_on(&rows)).unwrap_or(from), rows);
            sheet.joined(&pieces.iter().cloned().map(piece).collect::<Vec<_>>())
        };
        let rows = match &pieces[..] {
            [one] => sheet.cut(from, one.clone()),
            _ => joined().unwrap_or_else(|| from.clone()),
        };
        match self {
            Self::Image(_) => compute::input(rows, wrap, network.mean(), layout),
            Self::Maps(maps) => Maps { data: rows, height: band.cut.len(), wrap, ..(*maps).clone() },
        }
    }

    /// Rows from the first on, in memory of their own where others are written over, as [`Input::cut`] takes it.
    fn first(&self, rows: usize, layout: Layout) -> Tensor<4> {
        let (sheet, from) = match self {
            Self::Image(image) => (Sheet::Image(layout), *image),
            Self::Maps(maps) => (Sheet::Maps(layout), &maps.data),
        };
        sheet.cut(from, 0..rows)
    }

    /// Where the gradient goes that belongs here: over what is no longer needed, if it can.
    fn gradient(&self, layout: Layout) -> Rising {
        match self {
            Self::Image(image) => {
                let [_, _, height, width] = image.dims();
                Rising::image([height, width], layout, image)
            }
            Self::Maps(maps) => Rising::over(maps),
        }
    }

    fn sheet(&self, layout: Layout) -> Sheet {
        match self {
            Self::Image(_) => Sheet::Image(layout),
            Self::Maps(_) => Sheet::Maps(layout),
        }
    }
}

impl<'a> Part<'a> {
    /// A band's own rows of a layer.
    fn of(maps: &'a Maps, stage: &Stage, band: &Band, layer: Layer) -> Self {
        let halvings = stage.halvings(layer.index());
        let (own, size) = (band.own(halvings), stage.size.map(|side| side >> halvings));
        Self { band: maps, own, first: band.first(halvings), size, maps: RefCell::default() }
    }

    /// The rows, as maps of their own.
    pub fn maps(&self) -> Maps {
        self.maps.borrow_mut().get_or_insert_with(|| self.band.rows(self.own.clone())).clone()
    }

    /// A gradient at these rows, as one at the maps of the band. The rows' own maps are given up.
    pub fn placed(&self, gradient: Tensor<4>) -> Tensor<4> {
        self.maps.take();
        Sheet::Maps(self.band.layout).moved(&gradient, 0..self.own.len(), self.own.start, self.band.height)
    }
}

impl Bands {
    /// The gradient with respect to the image. `tap` is asked for each band at each tapped activation, stage by stage from the
    /// deepest and within a stage from the top down, for the gradient of the losses at the band's maps, zero but at its own rows; nothing
    /// if it never has any.
    pub fn gradient(mut self, mut tap: impl FnMut(Layer, &Part) -> Option<Tensor<4>>) -> Option<Tensor<4>> {
        let mut above = None;
        let mut has_any = false;
        while let Some(stage) = self.stages.pop() {
            let before = self.inputs.pop();
            let input = Input::of(&self.image, before.as_ref());
            let mut tap = |layer: Layer, part: &Part| {
                let gradient = tap(layer, part);
                has_any |= gradient.is_some();
                gradient
            };
            above = Some(self.back(&stage, &input, above, &mut tap)?);
        }
        above.filter(|_| has_any)
    }

    /// The gradient at a stage's input, given that at its results if they were pooled.
    fn back(
        &self,
        stage: &Stage,
        input: &Input,
        above: Option<Tensor<4>>,
        tap: &mut impl FnMut(Layer, &Part) -> Option<Tensor<4>>,
    ) -> Option<Tensor<4>> {
        let (network, layout) = (&self.network, self.network.layout());
        let (sheet, maps_sheet) = (input.sheet(layout), Sheet::Maps(layout));
        let (bands, last) = (stage.bands(self.rows), Layer(stage.convolutions.end - 1));
        let halvings = stage.all_halvings();
        let height = stage.size[0] as isize;
        // Where the last band goes on with the first rows, these are written over by then.
        let beyond = bands.last().map_or(0, |band| (band.cut.end - height).max(0) as usize);
        let first = (beyond > 0).then(|| input.first(beyond, layout));
        let mut whole = input.gradient(layout);
        // The gradient at the rows that are the band before's as well.
        let mut before: Option<Tensor<4>> = None;
        // Gradients at rows beyond the upper edge, and the numbers of the first of these at the lower one.
        let mut beyond_upper: Vec<(Tensor<4>, usize)> = Vec::new();
        for (i, band) in bands.iter().enumerate() {
            let cut = input.cut(band, stage, first.as_ref(), network);
            let activations = network.run(cut, stage.convolutions.clone(), stage.is_pooled, &self.tapped, |_, _| ());
            let above = above.as_ref().map(|gradient| {
                let (first, own) = (band.first(halvings), band.own(halvings));
                maps_sheet.moved(gradient, first..first + own.len(), own.start, band.height(halvings))
            });
            let is_open = above.is_none();
            let gradient = activations.gradient(above, |layer, maps| {
                if !self.tapped.contains(&layer) {
                    return None;
                }
                // Where nothing pulls at these rows, the way back may yet begin here.
                let zeros = || (is_open && layer == last).then(|| maps.data.zeros_like());
                tap(layer, &Part::of(maps, stage, band, layer)).or_else(zeros)
            })?;
            let gradient = match before.take() {
                Some(shared) => sheet.added(&shared, 0, gradient, 0),
                None => gradient,
            };
            // No band to come is made of the rows above the next one's first, and none adds to their gradient, but for the last one
            // where edges meet.
            let next = (bands.get(i + 1).map_or(height, |next| next.cut.start) - band.cut.start) as usize;
            let upper = next.min((-band.cut.start).max(0) as usize);
            if upper > 0 {
                beyond_upper.push((sheet.cut(&gradient, 0..upper), (height + band.cut.start) as usize));
            }
            whole.put(&gradient, upper..next);
            before = (next < band.cut.len()).then(|| sheet.cut(&gradient, next..band.cut.len()));
        }
        // What is left is beyond the lower edge.
        let beyond = beyond_upper.into_iter().chain(before.map(|gradient| (gradient, 0)));
        Some(beyond.fold(whole.finish(), |whole, (gradient, at)| sheet.added(&gradient, 0, whole, at)))
    }
}
