//! Which kernels a device gets: what is believed of it is checked on it and, where more than one form is right, timed.
//!
//! Drivers differ: a kernel that is right on one may be wrong on another, and a wrong picture is worse than a slow one.
//! So each candidate computes small odd shapes first, and one that differs from the CPU is never used. Those that are right are
//! timed at three of VGG19's shapes, taking turns, until [`BUDGET`] is spent. Software adapters are not timed: what they do best is
//! known, and they are slow.

use std::collections::BTreeMap;
use std::time::Duration;

use burn::tensor::Tensor;
use serde::Serialize;
use web_time::Instant;

use super::check::{Shape, compare, compare_convolutions, compare_matrices};
use super::convolution::{Filter, conv3x3_relu};
use super::device::Compute;
use super::form::{Form, Winograd};
use super::kernels::Kernels;
use super::maps::{Layout, Maps, Tile, Tiling};
use super::numbers::Kernel;
use super::read::read;
use super::wgsl::submissions;
use crate::error::Result;

/// What came of tuning.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tuning {
    /// The word for the kernels to use, as [`Kernels`] has it; nothing where the device computes wrongly whatever it is given.
    pub kernels: Option<String>,
    /// Those that compute something else than the CPU does.
    pub rejected: Vec<Rejected>,
    /// By word, how many times as long as the fastest each took, over the shapes that were timed; empty where none was.
    pub times: BTreeMap<String, f64>,
    /// What the device does with them, in 10⁹ multiplications and additions a second; nothing where it answers too late to tell.
    pub gigaflops: Option<f64>,
}

/// Kernels that a device must not use.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rejected {
    /// The word for them.
    pub kernels: String,
    /// The first operation that was wrong.
    pub operation: String,
    /// How far it was off, relative to the largest value; infinite or NaN as a rule.
    pub error: f64,
}

/// How much rounding may make of it, relative to the largest value. Winograd's transforms round more than sums do.
const TOLERANCE: f64 = 1e-4;
const WINOGRAD_TOLERANCE: f64 = 1e-3;

/// Where convolutions are checked: a side that fills no tile, and for Winograd's channels enough.
const CHECKED: Shape = Shape { inputs: 16, outputs: 24, height: 7, width: 13 };
const WINOGRAD_CHECKED: Shape = Shape { inputs: 64, outputs: 128, height: 9, width: 13 };
/// Where all else is checked on a device that was wrong about something: channels enough for what invocations share.
const DOUBTED: Shape = Shape { inputs: 32, outputs: 64, height: 7, width: 13 };

/// Channels and side of the maps that are timed, of VGG19's on a picture of 256².
pub const TIMED: [(usize, usize); 3] = [(64, 256), (256, 64), (512, 16)];
/// Channels and sides of the maps by which it is measured how much a device does: so much that it is not the launch that is timed,
/// which takes the same for both. For GPUs and for software.
const PROBED: (usize, [usize; 2]) = (64, [64, 256]);
const PROBED_SOFTWARE: (usize, [usize; 2]) = (64, [32, 128]);
/// How much of the device's time timing may take in all.
const BUDGET: Duration = Duration::from_millis(1000);
/// Measurements of each; the least counts, for other programs only ever slow one down.
const ROUNDS: usize = 3;
/// A candidate this much slower than the best so far is not timed again.
const HOPELESS: f64 = 2.0;
/// What is believed best stays unless another one takes less than this share of its time.
const CLEARLY: f64 = 0.95;

/// Finds the kernels for a device: right ones, and the fastest of them. Nothing on the CPU.
///
/// # Errors
/// [`crate::Error::DeviceFailed`] when the device is lost meanwhile.
pub async fn tune(compute: &Compute) -> Result<Option<Tuning>> {
    let Some(believed) = compute.kernels() else { return Ok(None) };
    let mut bench = Bench { compute, rejected: Vec::new() };
    let tiling = bench.tiling(believed).await?;
    let mut right = Vec::new();
    for kernels in candidates(Kernels { tiling, ..believed }) {
        if (right.is_empty() || is_worth_timing(compute, kernels)) && bench.computes(kernels).await? {
            right.push(kernels);
        }
    }
    let mut times = BTreeMap::new();
    let mut kernels = right.first().copied();
    if right.len() > 1 {
        let timed = bench.time(&right).await?;
        let best = timed.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        if let (Some((fastest, least)), Some((_, usual))) = (best, timed.first())
            && least / usual < CLEARLY
        {
            kernels = Some(*fastest);
        }
        times = timed.into_iter().map(|(kernels, times)| (kernels.to_string(), times)).collect();
    }
    let gigaflops = match kernels {
        Some(kernels) => bench.gigaflops(kernels).await?,
        None => None,
    };
    let kernels = kernels.map(|kernels| kernels.to_string());
    Ok(Some(Tuning { kernels, rejected: bench.rejected, times, gigaflops }))
}

/// What may be used: what is believed best, what else is worth trying, and last what asks least of a driver.
fn candidates(believed: Kernels) -> Vec<Kernels> {
    let direct = Kernels { form: Form::Direct, ..believed };
    let mut all = vec![believed, direct];
    if believed.subgroups {
        all.push(Kernels { subgroups: false, ..believed });
    }
    all.push(Kernels::PLAINEST);
    let mut distinct: Vec<Kernels> = Vec::new();
    for kernels in all {
        if !distinct.contains(&kernels) {
            distinct.push(kernels);
        }
    }
    distinct
}

/// Whether it may be the fastest there, and is not only for need.
fn is_worth_timing(compute: &Compute, kernels: Kernels) -> bool {
    !compute.is_software
        && kernels != Kernels::PLAINEST
        && kernels.subgroups == compute.kernels().is_some_and(|own| own.subgroups)
}

/// A device under test.
struct Bench<'a> {
    compute: &'a Compute,
    rejected: Vec<Rejected>,
}

impl Bench<'_> {
    /// Where the kernels of matrices hold their tiles: in workgroups' memory, if that is believed best and right in all sizes.
    async fn tiling(&mut self, believed: Kernels) -> Result<Tiling> {
        if believed.tiling == Tiling::Workgroup {
            for tile in [Tile::Small, Tile::Medium, Tile::Large] {
                let layout = Layout::Packed {
                    subgroups: believed.subgroups,
                    form: believed.form,
                    tiling: Tiling::Workgroup,
                    tile: Some(tile),
                };
                let errors = compare_matrices(CHECKED, layout, &self.compute.device).await?;
                if !self.is_right(believed, errors, TOLERANCE) {
                    return Ok(Tiling::Registers);
                }
            }
        }
        Ok(believed.tiling)
    }

    /// Whether it convolves rightly, and does all else so where something was wrong before: then the kernels of matrices may be others
    /// than those that are believed in, and what all choices have in common is in doubt.
    async fn computes(&mut self, kernels: Kernels) -> Result<bool> {
        let is_doubted = !self.rejected.is_empty();
        if !self.convolves(kernels).await? {
            return Ok(false);
        }
        if !is_doubted {
            return Ok(true);
        }
        let errors = compare(DOUBTED, kernels.layout(), &self.compute.device).await?;
        Ok(self.is_right(kernels, errors, TOLERANCE))
    }

    /// Whether it convolves rightly, with all tiles there are.
    async fn convolves(&mut self, kernels: Kernels) -> Result<bool> {
        let device = &self.compute.device;
        if let Form::Winograd(winograd) = kernels.form {
            for tile in winograd.tiles() {
                let form = Form::Winograd(Winograd { tile: Some(tile), ..winograd });
                let layout = Kernels { form, ..kernels }.layout();
                let errors = compare_convolutions(WINOGRAD_CHECKED, layout, device).await?;
                if !self.is_right(kernels, errors, WINOGRAD_TOLERANCE) {
                    return Ok(false);
                }
            }
        }
        // What it does where there are too few channels for Winograd's, too.
        let errors = compare_convolutions(CHECKED, kernels.layout(), device).await?;
        Ok(self.is_right(kernels, errors, TOLERANCE))
    }

    /// Whether no operation is further off than this; else it is noted.
    fn is_right(&mut self, kernels: Kernels, errors: BTreeMap<String, f64>, tolerance: f64) -> bool {
        let wrong = errors.into_iter().find(|(_, error)| error.is_nan() || *error > tolerance);
        if let Some((operation, error)) = wrong {
            self.rejected.push(Rejected { kernels: kernels.to_string(), operation, error });
            return false;
        }
        true
    }

    /// How many times as long as the fastest each takes for a convolution, over the shapes there was time for.
    async fn time(&self, candidates: &[Kernels]) -> Result<Vec<(Kernels, f64)>> {
        let begun = Instant::now();
        let latency = self.latency().await?;
        let mut sums = vec![0.0; candidates.len()];
        let mut shapes = 0.0;
        for (channels, side) in TIMED {
            let mut trials = Vec::new();
            for kernels in candidates {
                trials.push(Trial::new(kernels.layout(), channels, side, self.compute).await?);
            }
            for round in 0..ROUNDS {
                for at in 0..trials.len() {
                    let best = trials.iter().map(|trial| trial.least).fold(f64::INFINITY, f64::min);
                    if round > 0 && (trials[at].least > HOPELESS * best || begun.elapsed() > BUDGET) {
                        continue;
                    }
                    trials[at].run(latency).await?;
                }
            }
            // Shapes of unlike work count alike, and those of which nothing can be told leave what is believed.
            let best = trials.iter().map(|trial| trial.least).fold(f64::INFINITY, f64::min).max(1e-6);
            let tells = trials.iter().all(|trial| trial.tells(latency));
            sums.iter_mut().zip(&trials).for_each(|(sum, trial)| *sum += if tells { trial.least / best } else { 1.0 });
            shapes += 1.0;
            if begun.elapsed() > BUDGET {
                break;
            }
        }
        Ok(candidates.iter().copied().zip(sums.into_iter().map(|sum| sum / shapes)).collect())
    }

    /// What the device does with these kernels, in 10⁹ multiplications and additions a second: a convolution of large maps takes so
    /// much longer than one of small ones. Nothing where that is lost in the time it takes to hear of it.
    async fn gigaflops(&self, kernels: Kernels) -> Result<Option<f64>> {
        let latency = self.latency().await?;
        let (channels, sides) = if self.compute.is_software { PROBED_SOFTWARE } else { PROBED };
        let mut measured = [(0.0, 0.0, false); 2];
        for (side, measured) in sides.into_iter().zip(&mut measured) {
            let mut trial = Trial::new(kernels.layout(), channels, side, self.compute).await?;
            let before = submissions::queued();
            for _ in 0..ROUNDS {
                trial.run(latency).await?;
            }
            let work = (submissions::queued() - before) / (ROUNDS * trial.repeated) as f64;
            *measured = (work, trial.least, trial.tells(latency));
        }
        let [(less, sooner, _), (more, later, tells)] = measured;
        // On a device that is busy otherwise the small one may have taken longer.
        let (work, millis) = if later > 1.5 * sooner { (more - less, later - sooner) } else { (more, later) };
        Ok(tells.then(|| work / millis.max(1e-3) / 1e6))
    }

    /// What it takes to hear from the device when it has nothing to do, in milliseconds.
    async fn latency(&self) -> Result<f64> {
        let mut least = f64::INFINITY;
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            read(Tensor::<1>::zeros([4], &self.compute.device)).await?;
            least = least.min(begun.elapsed().as_secs_f64() * 1e3);
        }
        Ok(least)
    }
}

/// One candidate at one shape.
struct Trial {
    filter: Filter,
    maps: Maps,
    /// The least milliseconds that one convolution took so far.
    least: f64,
    /// So many are measured together, so that the clock's grain and the way to the device do not count.
    repeated: usize,
}

impl Trial {
    /// Compiles what it takes, and makes up the weights.
    async fn new(layout: Layout, channels: usize, side: usize, compute: &Compute) -> Result<Self> {
        let count = channels * channels * 9;
        let shape = [channels, channels, 3, 3];
        let weight = (0..count).map(|i| (i % 7) as f32 * 0.01 - 0.03).collect();
        let filter = Filter::new(Kernel { shape, weight, bias: vec![0.0; channels] }, layout, &compute.device);
        let data = Tensor::ones([1, channels, side, side], &compute.device);
        let mut trial = Self { filter, maps: Maps::from_plain(data, layout), least: f64::INFINITY, repeated: 1 };
        trial.convolve().await?; // compiles, and transforms the weights
        let begun = Instant::now();
        trial.convolve().await?;
        let millis = begun.elapsed().as_secs_f64() * 1e3;
        trial.repeated = (MEASURED / millis.max(0.1)).ceil().clamp(1.0, MOST_REPEATED) as usize;
        Ok(trial)
    }

    async fn run(&mut self, latency: f64) -> Result<()> {
        let begun = Instant::now();
        self.convolve().await?;
        let millis = (begun.elapsed().as_secs_f64() * 1e3 - latency) / self.repeated as f64;
        self.least = self.least.min(millis.max(0.0));
        Ok(())
    }

    /// Whether what was measured is more than chance, the device being heard of so late when it has nothing to do: some browsers look
    /// only now and then whether it has done something, Firefox every 100 ms.
    fn tells(&self, latency: f64) -> bool {
        self.least * self.repeated as f64 > latency * TELLING
    }

    /// Convolves and waits until the device has done so.
    async fn convolve(&self) -> Result<()> {
        let mut last = conv3x3_relu(&self.maps, &self.filter);
        for _ in 1..self.repeated {
            last = conv3x3_relu(&self.maps, &self.filter);
        }
        read(last.data.narrow(1, 1, 1).narrow(2, 1, 1).narrow(3, 0, 4)).await?;
        Ok(())
    }
}

/// The share of that which a measurement has to take to tell anything.
const TELLING: f64 = 0.25;
/// Milliseconds that are worth measuring.
const MEASURED: f64 = 20.0;
/// Convolutions in a measurement, at most.
const MOST_REPEATED: f64 = 16.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_believed_comes_first_and_what_asks_least_last() {
        let believed = Kernels::with(Form::Winograd(Winograd::default()));
        let all = candidates(believed);
        assert_eq!(all.first(), Some(&believed));
        assert_eq!(all.last(), Some(&Kernels::PLAINEST));
        let direct = Kernels { form: Form::Direct, ..believed };
        assert!(all.contains(&direct) && all.contains(&Kernels { subgroups: false, ..believed }));
        assert_eq!(candidates(Kernels::PLAINEST), [Kernels::PLAINEST], "each once");
    }
}
