//! How much of a run is behind and how long the rest will take, told by what its steps took so far.
//!
//! A step takes some time whatever the picture's size (launches) and some for its load: its pixels, and the matrices of Wasserstein
//! distances, whose sides are a layer's pixels or, where these are more, its channels, so that they grow faster than the picture at first;
//! to begin a scale takes about as long as a few steps there, for photo and paintings are looked at first and the device sets
//! itself up. How much of each depends on the device, so nothing is assumed that can be measured: from the second scale on
//! the line through the scales' step times tells what the next ones take. Only the first scale is extrapolated by a guess,
//! [`FIXED_MILLIS`].

use super::schedule::Scale;
use crate::network::{CONVOLUTIONS, Convolution};
use crate::settings::{StyleConfig, StyleLoss};

/// What of a step's time is fixed, in milliseconds, as long as there is nothing to tell it by: some hundreds of launches, or on a
/// CPU the matrices.
const FIXED_MILLIS: f64 = 20.0;
/// But some of it is for the pixels on every device.
const FIXED_SHARE: f64 = 0.95;
/// Steps that beginning a scale takes, its first step included, as long as there is nothing to tell it by: 1.8 to 1.9 with one
/// painting on a CPU (x86, two cores, November 2026), whatever the size.
const ENTRY: f64 = 2.0;
/// So many steps at a scale are taken for its pace.
const ENOUGH: u32 = 3;
/// What the matrices of a layer take for the cube of their side, in pixels of the picture: 130 operations for the 1.4 million of a pixel's
/// convolutions. Counted by hand it is 110 (18 steps of three products); fitted to three scales of a run on a CPU.
const PER_CUBE: f64 = 9e-5;

/// The time a scale took so far, in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    /// Up to the end of its first step.
    entry: f64,
    /// In its other steps.
    steps: f64,
    /// How many these are.
    count: u32,
}

impl Spent {
    /// What a step takes here, the first apart.
    fn pace(&self) -> Option<f64> {
        (self.count > 0).then(|| self.steps / f64::from(self.count))
    }
}

/// A run's account of its time.
#[derive(Debug, Clone)]
pub(super) struct Forecast {
    /// The layers that have matrices.
    matrices: Vec<&'static Convolution>,
    /// Of each scale got to.
    spent: Vec<Spent>,
    /// The largest share told: what is done is done, however long the rest turns out to take.
    told: f64,
}

impl Forecast {
    /// Of a run with these settings that has not begun.
    pub fn new(config: &StyleConfig) -> Self {
        let has_any = config.style_loss == StyleLoss::Wasserstein;
        let layers = config.used_style_layers().filter(|_| has_any);
        let matrices = layers.map(|layer| &CONVOLUTIONS[layer.layer.index()]).collect();
        Self { matrices, spent: Vec::new(), told: 0.0 }
    }

    /// What a step has to do at a scale, in pixels.
    fn load(&self, scale: &Scale) -> f64 {
        let cube = |layer: &&Convolution| {
            let pixels: usize = scale.size().map(|side| side >> (layer.block - 1)).iter().product();
            (pixels.min(layer.outputs) as f64).powi(3)
        };
        scale.pixels() as f64 + PER_CUBE * self.matrices.iter().map(cube).sum::<f64>()
    }

    /// Takes in that the `step`-th step (from 1) at a scale (from 0) took so many milliseconds, with whatever went before it
    /// since the last one.
    pub fn add(&mut self, scale: usize, step: u32, millis: f64) {
        let spent = self.at(scale);
        if step == 1 {
            spent.entry += millis;
        } else {
            spent.steps += millis;
            spent.count += 1;
        }
    }

    /// Takes in what is known of a scale of an earlier page's run: its steps and their time.
    pub fn recall(&mut self, scale: usize, steps: u32, millis: f64) {
        let spent = self.at(scale);
        let each = millis / f64::from(steps.max(1));
        *spent = Spent { entry: each, steps: millis - each, count: steps.saturating_sub(1) };
    }

    fn at(&mut self, scale: usize) -> &mut Spent {
        if self.spent.len() <= scale {
            self.spent.resize(scale + 1, Spent::default());
        }
        &mut self.spent[scale]
    }

    /// Milliseconds that are left after so many steps at a scale.
    pub fn left(&self, scales: &[Scale], scale: usize, steps: u32) -> f64 {
        let entry = self.entry_steps();
        let here = self.pace(scales, scale) * f64::from(scales[scale].iterations - steps);
        let next = scale + 1..scales.len();
        let later = next.map(|at| self.pace(scales, at) * (f64::from(scales[at].iterations) - 1.0 + entry));
        here + later.sum::<f64>()
    }

    /// The share of the run's time that is behind after so many steps at a scale, in (0, 1]; it never shrinks, and is 1
    /// after the last step only.
    pub fn share(&mut self, scales: &[Scale], scale: usize, steps: u32) -> f64 {
        let left = self.left(scales, scale, steps);
        let behind: f64 = self.spent.iter().map(|spent| spent.entry + spent.steps).sum();
        let share = if left <= 0.0 { 1.0 } else { (behind / (behind + left)).clamp(1e-6, 1.0 - 1e-6) };
        self.told = share.max(self.told);
        self.told
    }

    /// What a step at a scale takes, in milliseconds: its own pace if there is one, else by the line through the others'.
    fn pace(&self, scales: &[Scale], at: usize) -> f64 {
        let own = self.spent.get(at).filter(|spent| spent.count >= ENOUGH).and_then(Spent::pace);
        own.unwrap_or_else(|| self.line(scales).at(self.load(&scales[at])))
    }

    /// The line through the last two paces that are known.
    fn line(&self, scales: &[Scale]) -> Line {
        let known = |enough: u32| {
            let known = self.spent.iter().zip(scales).filter(move |(spent, _)| spent.count >= enough);
            known.filter_map(|(spent, scale)| Some((self.load(scale), spent.pace()?))).rev()
        };
        let mut paces = known(ENOUGH);
        match (paces.next(), paces.next()) {
            (Some(last), Some(before)) => Line::through(before, last),
            (Some(last), None) => Line::guessed(last),
            // A few steps tell more than none, and of the first its beginning.
            _ => Line::guessed(known(1).next().unwrap_or_else(|| {
                let first = self.spent.iter().zip(scales).rev().find(|(spent, _)| spent.entry > 0.0);
                first.map_or((1.0, 0.0), |(spent, scale)| (self.load(scale), spent.entry / ENTRY))
            })),
        }
    }

    /// Steps that beginning a scale takes, by the scales begun so far.
    fn entry_steps(&self) -> f64 {
        let known = self.spent.iter().filter(|spent| spent.count >= ENOUGH && spent.entry > 0.0);
        let ratios: Vec<f64> = known.filter_map(|spent| Some(spent.entry / spent.pace()?)).collect();
        // The first scale's holds what a device does once.
        ratios.last().map_or(ENTRY, |&last| if ratios.len() > 1 { last } else { last.min(ENTRY) })
    }
}

/// What a step takes by its load: never less for more of them, and never less than nothing.
struct Line {
    fixed: f64,
    each: f64,
}

impl Line {
    fn at(&self, load: f64) -> f64 {
        self.fixed + self.each * load
    }

    fn guessed((load, millis): (f64, f64)) -> Self {
        let fixed = FIXED_MILLIS.min(FIXED_SHARE * millis);
        Self { fixed, each: (millis - fixed) / load }
    }

    fn through(before: (f64, f64), last: (f64, f64)) -> Self {
        let slope = (last.1 - before.1) / (last.0 - before.0).max(1.0);
        let each = slope.clamp(0.0, last.1 / last.0);
        Self { fixed: last.1 - each * last.0, each }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::schedule;
    use crate::settings::StyleConfig;

    /// A device by what it takes, in milliseconds: for any step, for each pixel, and, in steps, to begin a scale.
    #[derive(Debug, Clone, Copy)]
    struct Device {
        fixed: f64,
        each: f64,
        entry: f64,
        once: f64,
    }

    /// The share told and the true one, after each step.
    fn told(device: Device, scales: &[Scale], config: &StyleConfig) -> Vec<(f64, f64)> {
        let mut forecast = Forecast::new(config);
        let mut behind = 0.0;
        let mut told = Vec::new();
        for (at, scale) in scales.iter().enumerate() {
            let pace = device.fixed + device.each * forecast.load(scale);
            for step in 1..=scale.iterations {
                let millis = match (step, at) {
                    (1, 0) => pace * device.entry + device.once,
                    (1, _) => pace * device.entry,
                    _ => pace,
                };
                behind += millis;
                forecast.add(at, step, millis);
                told.push((forecast.share(scales, at, step), behind));
            }
        }
        told.into_iter().map(|(share, at)| (share, at / behind)).collect()
    }

    fn scales_of(size: u32, iterations: u32) -> (Vec<Scale>, StyleConfig) {
        let config = StyleConfig { size, iterations, ..StyleConfig::default() };
        (schedule::scales(300, 200, &config).expect("fits"), config)
    }

    #[test]
    fn the_share_told_is_the_true_one_within_a_twentieth() {
        // A CPU, such a GPU as one of ten years ago, and a fast one.
        for (fixed, each) in [(0.0, 1e-2), (20.0, 1e-2), (40.0, 1e-2), (20.0, 2e-3), (20.0, 1e-4)] {
            for (entry, once) in [(1.0, 0.0), (2.5, 300.0), (4.0, 1000.0)] {
                for size in [256, 512, 1024] {
                    let device = Device { fixed, each, entry, once };
                    // Before its first few steps nothing is known of a device.
                    let (scales, config) = scales_of(size, 50);
                    for (share, true_share) in told(device, &scales, &config).into_iter().skip(ENOUGH as usize) {
                        let apart = (share - true_share).abs();
                        assert!(true_share < 0.1 || apart <= 0.05, "{share} for {true_share}: {device:?}, {size} px");
                    }
                }
            }
        }
    }

    #[test]
    fn it_grows_to_1_and_is_there_at_the_last_step_only() {
        // Slower and slower: what was told is never taken back.
        let device = Device { fixed: 0.0, each: 1e-3, entry: 40.0, once: 0.0 };
        let (scales, config) = scales_of(512, 4);
        let shares: Vec<f64> = told(device, &scales, &config).into_iter().map(|(share, _)| share).collect();
        assert!(shares.is_sorted() && shares[0] > 0.0, "{shares:?}");
        assert_eq!(shares.iter().filter(|&&share| share == 1.0).count(), 1, "{shares:?}");
        assert_eq!(shares.last(), Some(&1.0));
    }

    #[test]
    fn what_is_left_is_known_of_a_run_taken_up_again() {
        let (scales, config) = scales_of(256, 50);
        let mut forecast = Forecast::new(&config);
        let loads: Vec<f64> = scales.iter().map(|scale| forecast.load(scale)).collect();
        let pace = |at: usize| 5.0 + 1e-3 * loads[at];
        forecast.recall(0, 100, 100.0 * pace(0));
        forecast.recall(1, 20, 20.0 * pace(1));
        let left = 30.0 * pace(1) + 50.0 * pace(2);
        let found = forecast.left(&scales, 1, 20);
        assert!((found / left - 1.0).abs() < 1e-9, "{found} for {left}");
    }

    #[test]
    fn matrices_are_part_of_the_load_up_to_their_channels() {
        let at = |side: u32| Scale { width: side, height: side, iterations: 1 };
        let gram = Forecast::new(&StyleConfig { style_loss: StyleLoss::Gram, ..StyleConfig::default() });
        assert_eq!(gram.load(&at(128)), 16384.0);
        let more = |side: u32| Forecast::new(&StyleConfig::default()).load(&at(side)) - f64::from(side * side);
        // At 128² relu4_1 has 256 pixels and relu5_1 64, at 1024² both have more than their 512 channels.
        let cubes = |sides: [f64; 5]| PER_CUBE * sides.map(|side| side.powi(3)).iter().sum::<f64>();
        assert!((more(128) - cubes([64.0, 128.0, 256.0, 256.0, 64.0])).abs() < 1e-6);
        assert!((more(1024) - more(4096)).abs() < 1e-6);
        assert!((more(1024) - cubes([64.0, 128.0, 256.0, 512.0, 512.0])).abs() < 1e-6);
    }

    #[test]
    fn a_cpus_third_scale_is_foretold_by_the_first_two() {
        // Milliseconds a step took on two cores: 96 × 64, 136 × 91, 192 × 128 px.
        let config = StyleConfig { size: 192, min_size: 96, ..StyleConfig::default() };
        let scales = schedule::scales(300, 200, &config).expect("fits");
        let mut forecast = Forecast::new(&config);
        forecast.recall(0, 100, 14800.0);
        forecast.recall(1, 50, 12500.0);
        let step = forecast.pace(&scales, 2);
        assert!((480.0..550.0).contains(&step), "{step} for 505");
    }
}
