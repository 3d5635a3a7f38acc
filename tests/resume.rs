//! Runs that are interrupted, continued and changed on the way.

mod common;

use common::{picture, weights};
use easel::{Compute, Error, Picture, Pictures, Style, StyleConfig, Stylizer};
use pollster::block_on;

const SETTINGS: &str = r#""preset": "classic", "size": 32, "minSize": 22, "iterations": 4, "firstIterations": 3"#;

fn settings(more: &str) -> StyleConfig {
    StyleConfig::from_json(&format!("{{{SETTINGS}{more}}}")).expect("settings")
}

fn pictures() -> Pictures {
    let style = |weight| Style::new(picture("a_style.png"), weight);
    Pictures { content: picture("a_content.png"), styles: vec![style(1.0), style(0.5)], init: None }
}

fn run(pictures: Pictures, config: StyleConfig) -> Stylizer {
    Stylizer::new(&Compute::cpu(), &weights(), pictures, config).expect("a run")
}

fn finish(mut run: Stylizer) -> Picture {
    while !run.is_finished() {
        block_on(run.step()).expect("a step");
    }
    block_on(run.picture()).expect("a picture")
}

fn checkpoint(run: &Stylizer) -> Vec<u8> {
    block_on(run.checkpoint()).expect("the device answers").expect("a step was taken")
}

#[test]
fn a_resumed_run_ends_where_the_uninterrupted_one_does() {
    for more in [r#", "averaging": 0.9"#, r#", "averaging": 0, "optimizer": "lbfgs""#] {
        let expected = finish(run(pictures(), settings(more)));
        // In mid-scale, and at the very end of one.
        for steps in [2, 3, 5] {
            let mut first = run(pictures(), settings(more));
            for _ in 0..steps {
                block_on(first.step()).expect("a step");
            }
            let mut second = run(pictures(), settings(more));
            second.resume(&checkpoint(&first)).expect("its own checkpoint");
            let progress = block_on(second.step()).expect("a step");
            assert_eq!((progress.iteration, progress.iterations), (steps + 1, 7), "{more}");
            assert_eq!(finish(second).rgb(), expected.rgb(), "{more} after {steps}");
        }
    }
}

#[test]
fn there_is_no_checkpoint_before_the_first_step() {
    assert!(block_on(run(pictures(), settings("")).checkpoint()).expect("no device needed").is_none());
}

#[test]
fn a_checkpoint_of_another_run_is_refused_and_nothing_changes() {
    let mut first = run(pictures(), settings(""));
    block_on(first.step()).expect("a step");
    let saved = checkpoint(&first);
    let mut other = pictures();
    other.content = picture("c_content.png");
    for mut wrong in [run(other, settings("")), run(pictures(), settings(r#", "averaging": 0.5"#))] {
        let error = wrong.resume(&saved).expect_err("another run's");
        assert!(matches!(error, Error::Checkpoint(_)), "{error}");
        assert_eq!(block_on(wrong.step()).expect("a step").iteration, 1);
    }
}

#[test]
fn damaged_checkpoints_are_refused() {
    let mut first = run(pictures(), settings(""));
    block_on(first.step()).expect("a step");
    let saved = checkpoint(&first);
    let mut again = run(pictures(), settings(""));
    for length in [0, 7, 8, 100, saved.len() / 2, saved.len() - 1] {
        assert!(matches!(again.resume(&saved[..length]), Err(Error::Checkpoint(_))), "{length} bytes");
    }
    // Bits anywhere: refused, or at worst another picture; never a panic. In the header nothing passes unseen.
    for at in (0..saved.len()).step_by(saved.len() / 400) {
        let mut damaged = saved.clone();
        damaged[at] ^= 0x80;
        let _ = again.resume(&damaged);
    }
    let mut infinite = saved.clone();
    let end = infinite.len();
    infinite[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(matches!(again.resume(&infinite), Err(Error::Checkpoint(_))));
}

#[test]
fn weights_can_be_changed_on_the_way_and_are_kept_in_the_checkpoint() {
    let mut changed = run(pictures(), settings(""));
    let before = block_on(changed.step()).expect("a step").losses;
    changed.update(r#"{"styleWeight": 0, "weights": [0, 1]}"#).expect("a change");
    let after = block_on(changed.step()).expect("a step").losses;
    assert!(before.style_sum() > 0.0 && after.style_sum() == 0.0, "{before:?} {after:?}");
    let mut resumed = run(pictures(), settings(""));
    resumed.resume(&checkpoint(&changed)).expect("its own checkpoint");
    assert_eq!(resumed.config().style_weight, 0.0);
    assert_eq!(finish(resumed).rgb(), finish(changed).rgb());
}

#[test]
fn what_cannot_be_changed_on_the_way_is_refused_by_name() {
    let mut run = run(pictures(), settings(""));
    for (changes, word) in [
        (r#"{"size": 64}"#, "size"),
        (r#"{"styleWeight": -1}"#, "styleWeight"),
        (r#"{"weights": [1]}"#, "weights"),
        (r#"{"weights": [0, 0]}"#, "painting"),
        ("[]", "object"),
    ] {
        let error = run.update(changes).expect_err(changes).to_string();
        assert!(error.contains(word), "{changes}: {error}");
    }
    assert_eq!(run.config(), &settings(""));
}
