//! The motions of one step on the shelf that the kernels take their buffers from, without a device: what `network::vgg`,
//! `network::banded` and the losses take there, and when they put it back.

mod losses;

use std::ops::Range;
use std::rc::Rc;

use crate::compute::wgsl::buffers::{Fit, Shared, Shelf};
use crate::compute::{Form, Winograd};
use crate::network::{Band, CONVOLUTIONS, Convolution, Layer, Stage, largest_at_once, starts_block};
use crate::settings::StyleConfig;

/// Stands for a buffer in the shelf.
type Held = Rc<()>;

impl Shared for Held {
    fn is_idle(&self) -> bool {
        Self::strong_count(self) == 1
    }
}

/// A step of a run, as far as memory goes.
pub(super) struct Motions<'a> {
    shelf: Shelf<Held>,
    largest: u64,
    config: &'a StyleConfig,
    /// Height and width of the image.
    size: [usize; 2],
    form: Form,
    last: usize,
    /// Whether a painting has a mask.
    masked: bool,
    /// How many groups of paintings have statistics of their own.
    groups: u64,
    /// The height of each convolution's maps that are made now: of the whole, or of a band.
    heights: Vec<usize>,
}

/// What is kept of one convolution's output.
enum Kept {
    Maps(Held),
    Places(Held),
}

/// What a look at the style leaves: Gram matrices one by one, or all layers' covariances.
#[derive(Default)]
struct Statistics {
    each: Vec<Held>,
    batch: Option<Held>,
}

impl<'a> Motions<'a> {
    pub fn new(config: &'a StyleConfig, size: [usize; 2], form: Form, masked: bool, groups: u64) -> Self {
        let heights = CONVOLUTIONS.iter().map(|conv| sides_of(conv, size)[0]).collect();
        let last = config.deepest().index();
        Self { shelf: Shelf::default(), largest: 0, config, size, form, last, masked, groups, heights }
    }

    /// Everything the shelf has come to hold.
    pub fn bytes(&self) -> u64 {
        self.shelf.bytes()
    }

    /// The largest buffer that was asked for.
    pub fn largest(&self) -> u64 {
        self.largest
    }

    /// Steps on the whole image.
    pub fn whole(&mut self) {
        self.reserve();
        // The second step may find other buffers idle than the first did.
        for _ in 0..2 {
            let mut statistics = Statistics::default();
            let input = self.input(0);
            let all = 0..self.last + 1;
            let kept = self.run(input.clone(), all.clone(), false, &mut |step: &mut Self, l| {
                step.see(l, step.heights[l], &mut statistics)
            });
            let solved = self.solve();
            let gradient = self.back(all, kept, None, &mut |step: &mut Self, l| step.tap(l));
            drop((gradient, input, statistics, solved));
        }
    }

    /// Steps in bands of so many rows. What is idle is given back before each.
    pub fn in_bands(&mut self, rows: usize) {
        self.form = self.form.sparing();
        let mut statistics = Statistics::default();
        let stages = Stage::all(Layer::from_index(self.last), self.size, self.config.tile);
        let mut inputs: Vec<Held> = Vec::new();
        for stage in &stages {
            let mut next = None;
            for band in &stage.bands(rows) {
                let input = self.cut(stage, band, inputs.last());
                let pooled = self.pass(stage, band, input, &mut statistics);
                if stage.is_pooled && next.is_none() {
                    next = Some(self.lasting(input_bytes(stage.convolutions.end, self.size)));
                }
                drop(pooled);
            }
            inputs.extend(next);
        }
        let solved = self.solve();
        let mut above: Option<Held> = None;
        for stage in stages.iter().rev() {
            // The image's gradient has a buffer of its own, the others the one of what they belong to.
            let input = inputs.pop();
            let whole = input.clone().unwrap_or_else(|| self.lasting(12 * (self.size[0] * self.size[1]) as u64));
            let mut before: Option<Held> = None;
            let bands = stage.bands(rows);
            // The first rows, and the gradients beyond the upper edge.
            let lower = bands.last().map_or(0, |band| band.cut.end - stage.size[0] as isize);
            let mut beyond: Vec<Held> = Vec::new();
            if lower > 0 {
                beyond.push(self.shared(stage, lower as usize));
            }
            for (i, band) in bands.iter().enumerate() {
                let cut = self.cut(stage, band, input.as_ref());
                // The first convolution of all is made again.
                let image = (stage.convolutions.start == 0).then(|| cut.clone());
                let kept = self.run(cut, stage.convolutions.clone(), stage.is_pooled, &mut |_, _| ());
                let moved = above.is_some().then(|| self.pooled(stage, band));
                let gradient = self.back(stage.convolutions.clone(), kept, moved, &mut |step: &mut Self, l| {
                    let own = band.own(stage.halvings(l)).len();
                    step.tap_own(l, own)
                });
                drop((before.take(), image));
                let next = bands.get(i + 1).map_or(stage.size[0] as isize, |next| next.cut.start);
                if band.cut.start < 0 {
                    let upper = next.min(0) - band.cut.start;
                    beyond.push(self.shared(stage, upper as usize));
                }
                before = (next < band.cut.end).then(|| self.shared(stage, (band.cut.end - next) as usize));
                drop(gradient);
            }
            above = Some(whole);
        }
        drop((above, inputs, statistics, solved));
    }

    /// What is set aside beforehand: the largest maps there will be.
    fn reserve(&mut self) {
        let last = Layer::from_index(self.last);
        let count = largest_at_once(last, |layer| self.is_tapped(layer.index()));
        let bytes = map_bytes(CONVOLUTIONS[0].outputs, self.size);
        let reserved: Vec<Held> = (0..count).map(|_| self.take(bytes)).collect();
        drop(reserved);
    }

    fn take(&mut self, bytes: u64) -> Held {
        self.largest = self.largest.max(bytes);
        self.shelf.take(bytes, Fit::Loose, |_| Held::default()).1
    }

    /// For what is kept while much else is taken.
    fn lasting(&mut self, bytes: u64) -> Held {
        self.largest = self.largest.max(bytes);
        self.shelf.take(bytes, Fit::Exact, |_| Held::default()).1
    }

    /// Height and width of a convolution's maps.
    fn sides(&self, l: usize) -> [usize; 2] {
        [self.heights[l], sides_of(&CONVOLUTIONS[l], self.size)[1]]
    }

    /// A convolution's input, or the gradient there.
    fn input(&mut self, l: usize) -> Held {
        self.take(map_bytes(CONVOLUTIONS[l].inputs.next_multiple_of(4), self.sides(l)))
    }

    /// Its output, or the gradient there.
    fn output(&mut self, l: usize) -> Held {
        self.take(map_bytes(CONVOLUTIONS[l].outputs, self.sides(l)))
    }

    /// So many rows of its output.
    fn rows(&mut self, l: usize, height: usize) -> Held {
        self.take(map_bytes(CONVOLUTIONS[l].outputs, [height, self.sides(l)[1]]))
    }

    /// The rows a band of a stage is computed with, given what the stage is given if that is not the image.
    fn cut(&mut self, stage: &Stage, band: &Band, input: Option<&Held>) -> Held {
        for l in stage.convolutions.clone() {
            self.heights[l] = band.height(stage.halvings(l));
        }
        match input {
            Some(input) if band.cut.len() == stage.size[0] => input.clone(),
            Some(_) => self.input(stage.convolutions.start),
            None => {
                let rows = self.take(12 * (band.cut.len() * self.size[1]) as u64);
                let input = self.input(0);
                drop(rows);
                input
            }
        }
    }

    /// So many rows of the gradient at a stage's input, which two bands share.
    fn shared(&mut self, stage: &Stage, rows: usize) -> Held {
        let [l, width] = [stage.convolutions.start, stage.size[1]];
        self.take(if l == 0 { 12 * (rows * width) as u64 } else { map_bytes(CONVOLUTIONS[l].inputs, [rows, width]) })
    }

    /// What a band of a stage is pooled into, or the gradient there.
    fn pooled(&mut self, stage: &Stage, band: &Band) -> Held {
        let halvings = stage.all_halvings();
        let channels = CONVOLUTIONS[stage.convolutions.end - 1].outputs;
        self.take(map_bytes(channels, [band.height(halvings), stage.size[1] >> halvings]))
    }

    /// A band's way through its stage, nothing being kept.
    fn pass(&mut self, stage: &Stage, band: &Band, input: Held, statistics: &mut Statistics) -> Option<Held> {
        let mut x = input;
        for l in stage.convolutions.clone() {
            if l > stage.convolutions.start && starts_block(l) {
                let below = self.input(l);
                drop(std::mem::replace(&mut x, below));
            }
            let output = self.output(l);
            self.convolve(l, true);
            x = output;
            if self.is_style(l) {
                let own = band.own(stage.halvings(l)).len();
                let part = (own != self.heights[l]).then(|| self.rows(l, own));
                self.see(l, own, statistics);
                drop(part);
            }
        }
        let pooled = stage.is_pooled.then(|| self.pooled(stage, band));
        drop(x);
        pooled
    }

    /// What a convolution takes besides what it reads and makes, forward or back.
    fn convolve(&mut self, l: usize, forward: bool) {
        let conv = &CONVOLUTIONS[l];
        let [height, width] = self.sides(l);
        let Some(winograd) = self.form.winograd(conv.inputs, conv.outputs) else { return };
        let (read, made) = if forward { (conv.inputs, conv.outputs) } else { (conv.outputs, conv.inputs) };
        for tiles in winograd.bands(height, width, read.max(made)) {
            let bytes = |channels: usize| (4 * Winograd::POINTS * tiles.len() * channels) as u64;
            let transformed = self.take(bytes(read));
            let products = self.take(bytes(made));
            drop((transformed, products));
        }
    }

    /// The way through some convolutions, with what the way back needs being kept.
    fn run(
        &mut self,
        input: Held,
        convolutions: Range<usize>,
        pooled: bool,
        see: &mut impl FnMut(&mut Self, usize),
    ) -> Vec<Kept> {
        let Range { start, end } = convolutions;
        let mut kept = Vec::new();
        let mut x = self.output(start);
        self.convolve(start, true);
        drop(input);
        see(self, start);
        for l in start + 1..end {
            let output = if starts_block(l) {
                let below = self.input(l);
                let is_tapped = self.is_tapped(l - 1);
                kept.push(self.kept(x, is_tapped, l));
                let output = self.output(l);
                self.convolve(l, true);
                drop(below);
                output
            } else {
                let output = self.output(l);
                self.convolve(l, true);
                if l > 1 {
                    kept.push(Kept::Maps(x));
                }
                output
            };
            see(self, l);
            x = output;
        }
        if pooled && !self.is_tapped(end - 1) {
            let pooled = self.take(pooled_bytes(end - 1, self.sides(end - 1)));
            let places = self.take(pooled_bytes(end - 1, self.sides(end - 1)) / 4);
            drop((pooled, x));
            kept.push(Kept::Places(places));
        } else if end > 1 {
            kept.push(Kept::Maps(x));
        }
        kept
    }

    /// What is kept of maps that were pooled before this convolution: a byte for each pooled value where no loss looks at them.
    fn kept(&mut self, maps: Held, is_tapped: bool, l: usize) -> Kept {
        if is_tapped {
            return Kept::Maps(maps);
        }
        let places = map_bytes(CONVOLUTIONS[l].inputs, self.sides(l)) / 4;
        Kept::Places(self.take(places))
    }

    /// The way back, given the gradient at what the deepest maps were pooled into, if they were.
    fn back(
        &mut self,
        convolutions: Range<usize>,
        mut kept: Vec<Kept>,
        above: Option<Held>,
        tap: &mut impl FnMut(&mut Self, usize) -> Option<Held>,
    ) -> Held {
        let Range { start, end } = convolutions;
        let top = end - 1;
        let mut gradient = match kept.pop() {
            Some(Kept::Places(places)) => {
                let gradient = self.output(top);
                drop(places);
                gradient
            }
            other => {
                let output = match other {
                    Some(Kept::Maps(maps)) => maps,
                    _ => self.output(0),
                };
                let tap = tap(self, top);
                let gradient = self.output(top);
                drop((output, tap));
                gradient
            }
        };
        drop(above);
        for l in (start + 1..end).rev() {
            gradient = match kept.pop() {
                Some(Kept::Places(places)) => {
                    let pooled = self.input(l);
                    self.convolve(l, false);
                    drop(gradient);
                    let below = self.output(l - 1);
                    drop((pooled, places));
                    below
                }
                other => {
                    let below = match other {
                        Some(Kept::Maps(maps)) => maps,
                        _ => self.output(0),
                    };
                    let tap = tap(self, l - 1);
                    if starts_block(l) {
                        let pooled = self.input(l);
                        self.convolve(l, false);
                        let apart = self.output(l - 1);
                        drop((pooled, tap, below));
                        apart
                    } else {
                        // Written over the map below.
                        self.convolve(l, false);
                        below
                    }
                }
            };
        }
        if start == 0 {
            // The image's, which is small, takes its place outside where the whole is gone through.
            let [height, width] = self.sides(0);
            return if self.config.rows_at_a_time() == 0 { gradient } else { self.take(12 * (height * width) as u64) };
        }
        let below = self.input(start);
        self.convolve(start, false);
        drop(gradient);
        below
    }
}

/// Height and width where this convolution works, in pixels, for an image of such sides.
pub(super) fn sides<T: Into<u64>>(conv: &Convolution, size: [T; 2]) -> [usize; 2] {
    size.map(|side| (side.into() >> (conv.block - 1)) as usize)
}

fn sides_of(conv: &Convolution, size: [usize; 2]) -> [usize; 2] {
    sides(conv, size.map(|side| side as u64))
}

/// Packed maps of so many channels, height and width, border counted. In 64 bits: in a browser a size has 32, and what large paintings
/// take is more.
pub(super) fn map_bytes(channels: usize, size: [usize; 2]) -> u64 {
    4 * size.iter().fold(channels as u64, |bytes, side| bytes * (*side as u64 + 2))
}

/// What a convolution's results of this height and width are pooled into.
fn pooled_bytes(l: usize, size: [usize; 2]) -> u64 {
    map_bytes(CONVOLUTIONS[l].outputs, size.map(|side| side / 2))
}

/// The whole input of a convolution for an image of this size.
fn input_bytes(l: usize, size: [usize; 2]) -> u64 {
    map_bytes(CONVOLUTIONS[l].inputs, sides_of(&CONVOLUTIONS[l], size))
}
