//! Tests of steps that are dropped or fail on the way: each is taken as a whole or not at all.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use pollster::block_on;

use super::{Pictures, Progress, Stylizer};
use crate::compute::{Compute, fault};
use crate::error::{Error, Result};
use crate::loss::{Losses, Style};
use crate::network::Weights;
use crate::optim::{Average, Optimizer};
use crate::picture::Picture;
use crate::settings::StyleConfig;

/// Two scales of three steps, and enough layers for every kind of loss.
fn run(more: &str) -> Stylizer {
    let noise = |seed: u32, side: u32| {
        let byte = |i: u32| (i.wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(97)) >> 24) as u8;
        let rgba: Vec<u8> =
            (0..side * side).flat_map(|i| [byte(3 * i), byte(3 * i + 1), byte(3 * i + 2) / 2, 255]).collect();
        Picture::from_rgba("x", side, side, &rgba).expect("valid")
    };
    let styles = vec![Style::new(noise(2, 20), 1.0), Style::new(noise(3, 20), 0.5)];
    let pictures = Pictures { content: noise(1, 30), styles, init: None };
    let text = format!(
        r#"{{"size": 22, "minSize": 16, "iterations": 3, "firstIterations": 3, "averaging": 0.9, {more},
        "contentLayers": [{{"layer": "relu2_1", "weight": 1}}],
        "styleLayers": [{{"layer": "relu1_1", "weight": 1}}, {{"layer": "relu2_1", "weight": 0.5}}]}}"#
    );
    let config = StyleConfig::from_json(&text).expect("settings");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("weights");
    Stylizer::new(&Compute::cpu(), &Weights::read(&folder).expect("weights"), pictures, config).expect("a run")
}

const KINDS: [&str; 5] = [
    r#""preset": "painterly""#,
    r#""preset": "classic", "averaging": 0"#,
    r#""preset": "painterly", "optimizer": "lbfgs""#,
    r#""preset": "painterly", "band": 16"#,
    r#""preset": "painterly", "band": 16, "optimizer": "lbfgs""#,
];

/// All losses of a run whose steps are taken by `step`, and its picture. Half-way the weights are changed.
fn painted(more: &str, step: impl FnMut(&mut Stylizer) -> Progress) -> (Vec<Losses>, Picture) {
    painted_by(run(more), step)
}

fn painted_by(mut run: Stylizer, mut step: impl FnMut(&mut Stylizer) -> Progress) -> (Vec<Losses>, Picture) {
    let mut losses = Vec::new();
    let mut is_changed = false;
    while !run.is_finished() {
        if run.iteration() == 4 && !is_changed {
            is_changed = true;
            run.update(r#"{"tvWeight": 3, "weights": [0.5, 1]}"#).expect("a change");
        }
        let progress = step(&mut run);
        assert_eq!(progress.iteration as usize, losses.len() + 1);
        losses.push(progress.losses);
    }
    assert!(matches!(block_on(run.step()), Err(Error::Finished)));
    (losses, block_on(run.picture()).expect("a picture"))
}

fn whole(run: &mut Stylizer) -> Progress {
    block_on(run.step()).expect("a step")
}

/// Polls at most so often, then drops the future.
fn polled(future: impl Future<Output = Result<Progress>>, times: usize) -> Option<Result<Progress>> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    })
}

#[test]
fn a_step_can_be_dropped_wherever_it_waits_and_taken_again() {
    for more in KINDS {
        let expected = painted(more, whole);
        let mut dropped = 0;
        fault::slow_reads(true);
        let found = painted(more, |run| {
            let outcome = (1..).find_map(|times| {
                let outcome = polled(run.step(), times);
                dropped += usize::from(outcome.is_none());
                outcome
            });
            outcome.expect("it ends").expect("a step")
        });
        fault::slow_reads(false);
        assert!(dropped >= 6, "{more}: dropped {dropped} times");
        assert_eq!(found, expected, "{more}");
    }
}

/// As on a GPU: losses come late, each of its own step, and the picture is the same.
#[test]
fn steps_ahead_of_their_losses_come_to_the_same() {
    for more in &KINDS[..2] {
        let expected = painted(more, whole);
        fault::slow_reads(true);
        let ahead = || {
            let mut run = run(more);
            run.ahead.allowed = true;
            run
        };
        let mut furthest = 0;
        let found = painted_by(ahead(), |run| {
            let outcome = (1..).find_map(|times| polled(run.step(), times)).expect("it ends").expect("a step");
            furthest = furthest.max(run.iteration() - outcome.iteration);
            outcome
        });
        assert_eq!(furthest, 2, "{more}");
        // The change comes when four are begun, two of them reported.
        assert_eq!(found.0[..4], expected.0[..4], "{more}");

        // A checkpoint holds what was begun; what was not reported yet is reported all the same.
        let mut run = ahead();
        let first = whole(&mut run);
        let saved = block_on(run.checkpoint()).expect("saved").expect("there is something");
        let mut iterations = vec![first.iteration];
        while !run.is_finished() {
            iterations.push(whole(&mut run).iteration);
        }
        assert_eq!(iterations, [1, 2, 3, 4, 5, 6], "{more}");
        let mut resumed = ahead();
        resumed.resume(&saved).expect("its own");
        assert_eq!(resumed.iteration(), 3);
        while !resumed.is_finished() {
            whole(&mut resumed);
        }
        fault::slow_reads(false);
        let picture = |run: &Stylizer| block_on(run.picture()).expect("a picture");
        assert_eq!(picture(&resumed), picture(&run), "{more}");
        assert_eq!(account(&resumed), account(&run), "{more}");
    }
}

/// Fails unless the run's state, asked for as often as it takes, is one that it can be taken up from.
#[track_caller]
fn can_be_taken_up(mut from: Stylizer, more: &str, said: &str) -> Stylizer {
    let saved = (0..9).find_map(|_| block_on(from.checkpoint()).ok()).expect("saved").expect("there is something");
    let resumed = run(more).resume(&saved);
    assert!(resumed.is_ok(), "{said}: {resumed:?}");
    from
}

/// A step that is done stays done where the losses of its image cannot be read: no more than its report is missing.
#[test]
fn a_report_that_fails_late_leaves_no_hole() {
    // Steps of two scales under way, then of one.
    for more in [format!(r#"{}, "firstIterations": 1"#, KINDS[0]), KINDS[0].to_string()] {
        let ahead = || {
            let mut run = run(&more);
            run.ahead.allowed = true;
            run
        };
        let all = ahead().iterations();
        fault::slow_reads(true);
        let mut missing = Vec::new();
        for reads in 0.. {
            let (mut run, mut iterations, mut failed) = (ahead(), Vec::new(), 0);
            fault::fail_read(Some(reads));
            while !run.is_finished() {
                match block_on(run.step()) {
                    Ok(progress) => iterations.push(progress.iteration),
                    Err(Error::DeviceFailed { .. }) => failed += 1,
                    Err(error) => panic!("{error}"),
                }
            }
            fault::fail_read(None);
            if failed == 0 {
                break;
            }
            let unread: Vec<u32> = (1..=all).filter(|at| !iterations.contains(at)).collect();
            assert!(iterations.is_sorted() && unread.len() <= 1, "{more}: {iterations:?}");
            let done: Vec<u32> = account(&run).iter().map(|scale| scale.2).collect();
            assert_eq!(done, [all - 3, 3], "{more} without {unread:?}");
            can_be_taken_up(run, &more, &format!("{more} without {unread:?}"));
            missing.extend(unread);
        }
        assert_eq!(missing, (1..=all).collect::<Vec<_>>(), "{more}");
        // Those that a checkpoint waits for, and whatever else it reads.
        let mut failed = 0;
        loop {
            let mut run = ahead();
            whole(&mut run);
            fault::fail_read(Some(failed));
            let saved = block_on(run.checkpoint());
            fault::fail_read(None);
            let said = format!("{more}, its checkpoint's read {failed}");
            let mut run = can_be_taken_up(run, &more, &said);
            while !run.is_finished() {
                whole(&mut run);
            }
            can_be_taken_up(run, &more, &said);
            if saved.is_ok() {
                break;
            }
            failed += 1;
        }
        assert!(failed >= 2 + 3, "{more}: failed {failed} times");
        fault::slow_reads(false);
    }
}

/// A run's account of itself, without the time it took.
fn account(run: &Stylizer) -> Vec<(u32, u32, u32, Losses, Losses)> {
    let scales = run.report().scales.into_iter();
    scales.map(|scale| (scale.width, scale.height, scale.iterations, scale.first, scale.last)).collect()
}

#[test]
fn a_step_whose_device_fails_can_be_taken_again() {
    for more in KINDS {
        let expected = painted(more, whole);
        let mut failed = 0;
        let found = painted(more, |run| {
            let outcome = (0..).find_map(|reads| {
                fault::fail_read(Some(reads));
                match block_on(run.step()) {
                    Err(Error::DeviceFailed { .. }) => {
                        failed += 1;
                        None
                    }
                    outcome => Some(outcome.expect("a step")),
                }
            });
            fault::fail_read(None);
            outcome.expect("it ends")
        });
        assert!(failed >= 6, "{more}: failed {failed} times");
        assert_eq!(found, expected, "{more}");
    }
}

#[test]
fn after_a_change_lbfgs_goes_on_from_its_best_point() {
    let mut run = run(KINDS[2]);
    for _ in 0..2 {
        block_on(run.step()).expect("a step");
    }
    let values = |run: &Stylizer| -> Vec<f32> {
        let image = run.state.as_ref().expect("a state").iterate.image.clone();
        block_on(crate::compute::read(image)).expect("read")
    };
    let best = |run: &Stylizer| match &run.state.as_ref().expect("a state").iterate.optimizer {
        Optimizer::Lbfgs(lbfgs) => lbfgs.best(),
        Optimizer::Adam(_) => None,
    };
    let before = block_on(crate::compute::read(best(&run).expect("a best point"))).expect("read");
    assert_ne!(values(&run), before, "it is about to try another point");
    run.update(r#"{"styleWeight": 0.5}"#).expect("a change");
    assert_eq!(values(&run), before);
    assert!(best(&run).is_none(), "what it knew is of another objective");
}

#[test]
fn lbfgs_shows_its_best_point_whatever_the_averaging() {
    let with = |averaging: f64| run(&format!(r#"{}, "averaging": {averaging}"#, KINDS[2]));
    let picture = |run: &Stylizer| block_on(run.picture()).expect("a picture").rgb().to_vec();
    let [plain, averaged] = [0.0, 0.9].map(|averaging| {
        let mut run = with(averaging);
        while !run.is_finished() {
            whole(&mut run);
        }
        picture(&run)
    });
    let apart = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max();
    assert_eq!(apart(&averaged, &plain), Some(0));

    // Of the states of earlier versions, which did average, the best point is taken.
    let mut old = with(0.9);
    (0..2).for_each(|_| drop(whole(&mut old)));
    let mut plain = with(0.0);
    (0..2).for_each(|_| drop(whole(&mut plain)));
    let layout = old.compute.layout;
    if let Some(state) = &mut old.state {
        state.iterate.average = Average::new(0.9, layout);
        (0..2).for_each(|_| state.iterate.average.update(&state.iterate.image));
    }
    let saved = block_on(old.checkpoint()).expect("saved").expect("there is something");
    let mut resumed = with(0.9);
    resumed.resume(&saved).expect("its own");
    assert_eq!(apart(&picture(&resumed), &picture(&plain)), Some(0));
}
