//! A batch that is a film: frames in their order, each painted from the last one's picture.

use std::cmp::Ordering;
use std::path::Path;

use anyhow::Result;
use clap::ArgMatches;
use easel::{Error, KNOBS, Moved, Picture, StyleConfig, StyleLoss, Values, scales};

use super::files::picture;
use super::queue::{Item, Shard};
use super::say::say;

/// Below this share of trusted pixels a frame is another scene, and begins afresh.
const SAME_SCENE: f64 = 0.2;
/// The temporal loss's weight where it is not said, by what its fellow losses amount to.
const WEIGHT: f64 = 20.0;
const WEIGHT_BESIDE_GRAM: f64 = 30_000.0;
/// The moved picture's weight in a one-pass picture, against 1 for the new one.
const WEIGHT_INSTANT: f64 = 2.0;

/// The share of its learning rate that a run takes which starts from the last frame's picture: longer steps would stir up what is
/// painted already.
const NEAR: f64 = 0.3;

/// How a film's pictures hold together.
#[derive(Debug, Clone, Copy)]
pub struct Sequence {
    /// Of the last frame's picture.
    pub weight: f64,
}

/// A frame that is painted, for the next one.
#[derive(Debug)]
pub struct Frame {
    item: Item,
    /// Of all that its picture was made of.
    pub digest: String,
    /// Its photo and its picture, as they are read from their files; where both are not at hand, from there.
    pictures: Option<[Picture; 2]>,
}

/// A run's settings for a frame of a film that another one goes before: the moved picture is as large as it will be, so that only the
/// last scale's steps are left.
///
/// # Errors
/// A frame too narrow for the settings.
pub fn of_a_following_frame(config: &StyleConfig, frame: &Picture) -> Result<StyleConfig> {
    let last = scales(frame.width(), frame.height(), config)?.last().copied();
    Ok(StyleConfig {
        iterations: last.map_or(config.iterations, |last| last.iterations),
        min_size: config.size,
        learning_rate: (NEAR * config.learning_rate).max(least("learningRate")),
        ..config.clone()
    })
}

/// The least value of a setting that is a number.
fn least(name: &str) -> f64 {
    KNOBS.iter().find(|knob| knob.name == name).map_or(0.0, |knob| match knob.values {
        Values::Number { min, .. } => min,
        _ => 0.0,
    })
}

impl Sequence {
    /// As the flags say, if there is to be one.
    ///
    /// # Errors
    /// A weight that is none, and what makes no sense with a sequence.
    pub fn of(args: &ArgMatches, shard: Shard, is_piped: bool, loss: Option<StyleLoss>) -> Result<Option<Self>> {
        let refuse = |name: &str, value: &str, expected: &str| {
            Err(Error::BadSetting { name: name.into(), value: value.into(), expected: expected.into() }.into())
        };
        let weight = args.get_one::<String>("temporal-weight");
        if !args.get_flag("sequence") {
            return match weight {
                Some(text) => refuse("temporal-weight", text, "it is for the frames of a film; add --sequence"),
                None => Ok(None),
            };
        }
        if !shard.is_all() {
            let expected = "each frame of a --sequence waits for the last one: let one process paint all of them";
            return refuse("shard", &shard.to_string(), expected);
        }
        if let Some(jobs) = args.get_one::<String>("jobs").filter(|jobs| *jobs != "1") {
            return refuse("jobs", jobs, "each frame of a --sequence waits for the last one: leave it at 1");
        }
        if is_piped {
            return refuse("out", "-", "the frames of a --sequence go to a folder; name one");
        }
        let Some(text) = weight else {
            let weight = match loss {
                None => WEIGHT_INSTANT,
                Some(StyleLoss::Wasserstein | StyleLoss::Neighbours) => WEIGHT,
                Some(StyleLoss::Gram) => WEIGHT_BESIDE_GRAM,
            };
            return Ok(Some(Self { weight }));
        };
        match text.parse::<f64>() {
            Ok(weight) if (0.0..=1e12).contains(&weight) => Ok(Some(Self { weight })),
            _ => refuse("temporal-weight", text, "use a number from 0 to 1e12"),
        }
    }

    /// The share of the moved picture in a one-pass one, where it is trusted: what is nearest to both by the squares of the differences,
    /// the moved one's weighing so much more.
    pub fn share(self) -> f64 {
        self.weight / (1.0 + self.weight)
    }
}

impl Frame {
    /// A frame whose picture was there.
    pub fn on_disk(item: &Item, digest: String) -> Self {
        Self { item: item.clone(), digest, pictures: None }
    }

    /// A frame that was painted now: its photo, and its picture as it was saved, for one that is read again has to go on
    /// in the same way.
    pub fn painted(item: &Item, digest: String, photo: &Picture, saved: &[u8]) -> Result<Self> {
        let picture = Picture::decode(&item.out.display().to_string(), saved)?;
        let photo = photo.resized(picture.width(), picture.height());
        Ok(Self { item: item.clone(), digest, pictures: Some([photo, picture]) })
    }

    /// Its picture moved to the next frame's photo, whose picture will have this size; nothing, and a word about it, where the next frame
    /// has another shape or is another scene.
    pub fn moved(&self, next: &Path, photo: &Picture, size: (u32, u32)) -> Result<Option<Moved>> {
        let read = || -> Result<[Picture; 2]> { Ok([picture(&self.item.content)?, picture(&self.item.out)?]) };
        let loaded;
        let [last_photo, last] = match &self.pictures {
            Some(pictures) => pictures,
            None => {
                loaded = read()?;
                &loaded
            }
        };
        let afresh = |why: &str| {
            say!("{}: {why}, and begins afresh.", next.display());
            Ok(None)
        };
        if (last.width(), last.height()) != size {
            return afresh("This frame has another shape than the last one");
        }
        let moved = Moved::new(last, last_photo, photo);
        if moved.share() < SAME_SCENE {
            return afresh("This frame shows hardly anything of the last one");
        }
        Ok(Some(moved))
    }
}

/// Puts items into the order that people give their names: `frame-2` before `frame-10`.
pub fn in_natural_order(items: &mut [Item]) {
    items.sort_by(|a, b| natural(&a.content.to_string_lossy(), &b.content.to_string_lossy()));
}

/// Compares names, runs of digits in them as numbers; names that are the same then, as text.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while let (Some(first), Some(second)) = (left.chars().next(), right.chars().next()) {
        let is_digit = |letter: char| letter.is_ascii_digit();
        if is_digit(first) && is_digit(second) {
            let cut = |text: &str| text.find(|letter| !is_digit(letter)).unwrap_or(text.len());
            let ((a, rest), (b, other)) = (left.split_at(cut(left)), right.split_at(cut(right)));
            let [a, b] = [a, b].map(|digits| digits.trim_start_matches('0'));
            match a.len().cmp(&b.len()).then_with(|| a.cmp(b)) {
                Ordering::Equal => (left, right) = (rest, other),
                unequal => return unequal,
            }
        } else if first == second {
            (left, right) = (&left[first.len_utf8()..], &right[second.len_utf8()..]);
        } else {
            return first.cmp(&second);
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_that_people_count() {
        let mut names =
            ["b1", "a10", "a9", "a1.jpg", "a09x", "a", "é2", "a001", "a18446744073709551617", "a9b10", "a9b9"];
        names.sort_by(|a, b| natural(a, b));
        let expected =
            ["a", "a001", "a1.jpg", "a9", "a9b9", "a9b10", "a09x", "a10", "a18446744073709551617", "b1", "é2"];
        assert_eq!(names, expected);
    }

    #[test]
    fn frames_after_the_first_take_the_last_scales_steps() {
        let frame = Picture::from_planes(96, 64, &vec![0.5; 3 * 96 * 64]);
        for (size, iterations) in [(256, 50), (1024, 25), (2048, 13)] {
            let config = StyleConfig { size, ..StyleConfig::default() };
            let following = of_a_following_frame(&config, &frame).expect("settings");
            let [last] = scales(96, 64, &following).expect("scales")[..] else { panic!("one scale") };
            assert_eq!((last.width, last.iterations), (size, iterations));
            assert_eq!(Some(&last), scales(96, 64, &config).expect("scales").last());
        }
    }

    #[test]
    fn settings_of_a_following_frame_are_some_that_a_run_can_have() {
        let frame = Picture::from_planes(96, 64, &vec![0.5; 3 * 96 * 64]);
        for learning_rate in [1e-6, 2e-6, 3.4e-6, 0.1, 1.0] {
            let config = StyleConfig { learning_rate, ..StyleConfig::default() };
            let following = of_a_following_frame(&config, &frame).expect("settings");
            let again = StyleConfig::from_json(&following.to_json().to_string()).expect("settings within their ranges");
            assert_eq!(again, following);
        }
    }
}
