//! Coarse to fine: the scales of a run, as pure data.
//!
//! A picture of long side `size` is worked out at `size / 2^(i/2)` for i = …, 2, 1, 0, from the coarsest
//! that is still at least `minSize` (crowsonkb/style-transfer-pytorch) and at which all pictures have room for the network. All coarse
//! scales together cost about what the last one does.
//!
//! Scales above [`FULL`] pixels that refine a coarser one take fewer steps, in proportion to 1 / side: strokes are made where they are
//! large beside the network's view, and what is left to do later is the same fine detail at each size. A run's only or first scale
//! takes all steps, however large: there the whole picture is made.
//!
//! Sides along which a picture repeats are rounded to multiples of 16 pixels, so that every pooling of the network halves
//! them evenly and the edges still meet.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::picture::fit;
use crate::settings::StyleConfig;

/// One scale of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scale {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Optimisation steps spent here.
    pub iterations: u32,
}

impl Scale {
    /// The long side in pixels.
    pub fn long_side(&self) -> u32 {
        self.width.max(self.height)
    }

    /// Height and width, as tensors have them.
    pub fn size(&self) -> [usize; 2] {
        [self.height as usize, self.width as usize]
    }

    /// How many pixels it has.
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Pixels times steps, which the time is proportional to.
    pub fn work(&self) -> u64 {
        self.pixels() * u64::from(self.iterations)
    }
}

/// The scales of a run for a photo of `width × height` pixels, coarse to fine; never empty.
///
/// # Errors
/// When the finished picture's short side is too short for the network's deepest layer in use.
pub fn scales(width: u32, height: u32, config: &StyleConfig) -> Result<Vec<Scale>> {
    scales_with_room(width, height, config, |_| true)
}

/// The same, begun no coarser than where all that a run is made of has room in an image of that width and height; where nothing has, the
/// finished picture is the only one.
///
/// # Errors
/// As for [`scales`].
pub fn scales_with_room(
    width: u32,
    height: u32,
    config: &StyleConfig,
    has_room: impl Fn((u32, u32)) -> bool,
) -> Result<Vec<Scale>> {
    let shortest = 1 << config.deepest().halvings();
    let fits = |long: u32| {
        let (w, h) = fit(width, height, long);
        w.min(h) >= shortest
    };
    if !fits(config.size) {
        let (w, h) = fit(width, height, config.size);
        return Err(Error::PictureSize {
            what: "The finished picture".into(),
            width: w.into(),
            height: h.into(),
            reason: format!(
                "but {} needs both sides to be at least {shortest}. Choose a larger size or a less narrow photo",
                config.deepest()
            ),
        });
    }
    let sides = (0..)
        .map(|i| (f64::from(config.size) / 2f64.powf(f64::from(i) / 2.0)).round() as u32)
        .take_while(|&side| side >= config.min_size && fits(side));
    let size = |side: u32| {
        let (width, height) = fit(width, height, side);
        let [rows, columns] = [config.tile.rows(), config.tile.columns()];
        (if columns { evened(width) } else { width }, if rows { evened(height) } else { height })
    };
    let mut sizes: Vec<(u32, u32)> = sides.map(size).take_while(|&size| has_room(size)).collect();
    if sizes.is_empty() {
        sizes.push(size(config.size));
    }
    sizes.dedup();
    sizes.reverse();
    let several = sizes.len() > 1;
    Ok(sizes
        .into_iter()
        .enumerate()
        .map(|(index, (width, height))| {
            let first = index == 0 && several;
            let iterations = match config.first_iterations {
                Some(n) if first => n,
                None if first => config.iterations.saturating_mul(2),
                _ if index == 0 => config.iterations,
                _ => refining(config.iterations, width.max(height)),
            };
            Scale { width, height, iterations }
        })
        .collect())
}

/// The longest long side, in pixels, at which a scale that refines another takes all its steps.
const FULL: u32 = 512;

/// The steps at a scale of this long side that refines a coarser one: at least one.
fn refining(iterations: u32, side: u32) -> u32 {
    let (iterations, side) = (u64::from(iterations), u64::from(side.max(FULL)));
    ((2 * iterations * u64::from(FULL) + side) / (2 * side)).max(1) as u32
}

/// What a side is a multiple of that every pooling halves evenly.
const EVEN: u32 = 16;

/// The multiple that is nearest to a side.
fn evened(side: u32) -> u32 {
    (side / EVEN + u32::from(side % EVEN >= EVEN / 2)).max(1) * EVEN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::Wrap;

    fn config(size: u32, min_size: u32) -> StyleConfig {
        StyleConfig { size, min_size, iterations: 10, first_iterations: Some(30), ..StyleConfig::default() }
    }

    #[test]
    fn scales_are_half_octaves_up_to_the_size() {
        let list = scales(300, 200, &config(256, 128)).expect("fits");
        let sides: Vec<_> = list.iter().map(|s| (s.width, s.height, s.iterations)).collect();
        assert_eq!(sides, [(128, 85, 30), (181, 121, 10), (256, 171, 10)]);
    }

    #[test]
    fn a_size_below_the_smallest_scale_is_one_scale() {
        let list = scales(200, 300, &config(96, 128)).expect("fits");
        assert_eq!(list, [Scale { width: 64, height: 96, iterations: 10 }]);
    }

    #[test]
    fn larger_scales_take_fewer_steps_in_proportion() {
        let steps = |size, min_size, iterations| -> Vec<u32> {
            let config = StyleConfig { size, min_size, iterations, first_iterations: None, ..StyleConfig::default() };
            scales(3000, 2000, &config).expect("fits").iter().map(|scale| scale.iterations).collect()
        };
        assert_eq!(steps(512, 128, 50), [100, 50, 50, 50, 50], "unchanged up to 512");
        assert_eq!(steps(1024, 128, 50), [100, 50, 50, 50, 50, 35, 25]);
        assert_eq!(steps(2048, 128, 50), [100, 50, 50, 50, 50, 35, 25, 18, 13]);
        assert_eq!(steps(2048, 1024, 50), [100, 18, 13], "the first scale makes the picture");
        assert_eq!(steps(2048, 2048, 50), [50], "as does the only one");
        assert_eq!(steps(4096, 2048, 1), [2, 1, 1], "none takes no step");
    }

    #[test]
    fn sides_that_repeat_are_multiples_of_16() {
        let sizes = |tile| -> Vec<(u32, u32)> {
            let config = StyleConfig { tile, ..config(200, 30) };
            scales(300, 200, &config).expect("fits").iter().map(|scale| (scale.width, scale.height)).collect()
        };
        assert_eq!(sizes(Wrap::None), [(35, 23), (50, 33), (71, 47), (100, 67), (141, 94), (200, 133)]);
        assert_eq!(sizes(Wrap::X), [(32, 23), (48, 33), (64, 47), (96, 67), (144, 94), (208, 133)]);
        assert_eq!(sizes(Wrap::Y), [(35, 16), (50, 32), (71, 48), (100, 64), (141, 96), (200, 128)]);
        let both = sizes(Wrap::Both);
        assert!(both.iter().all(|(width, height)| width % 16 == 0 && height % 16 == 0), "{both:?}");
        assert_eq!(both.last(), Some(&(208, 128)));
        // Scales that come to the same size are one.
        let config = StyleConfig { tile: Wrap::Both, ..config(40, 20) };
        assert_eq!(scales(100, 100, &config).expect("fits").len(), 3, "40 to 48, 28 to 32, 20 to 16");
        let config = StyleConfig { tile: Wrap::Both, ..StyleConfig { size: 16, min_size: 16, ..config } };
        assert_eq!(scales(100, 100, &config).expect("fits").len(), 1);
    }

    #[test]
    fn pictures_too_narrow_for_the_network_are_refused() {
        assert!(scales(4000, 1, &config(512, 128)).is_err());
        let narrow = scales(400, 40, &config(256, 64)).expect("fits at 256");
        assert_eq!(narrow[0].height, 18, "scales whose short side is below 16 are left out");
    }
}
