//! How many times a step makes the GPU start on something: every kernel that is launched, our own and Burn's.
//!
//! A launch costs a browser tens of microseconds whatever it does, so their number is what a step of a small picture costs.
//! The same is counted from outside in a browser (`tests/browser/kernels.spec.js`).
#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::common::{gpu, pictures, weights};
use cubecl::logging::{LaunchObservation, LaunchObserver};
use easel::{
    Compute, Pictures, Style, StyleConfig, Stylizer, Weights,
    parts::{Form, Layout, Tiling},
};
use pollster::block_on;

/// Counts launches by the kernel's name.
#[derive(Default)]
struct Counter(Mutex<BTreeMap<&'static str, usize>>);

impl LaunchObserver for Counter {
    fn launched(&self, kernel: &'static str) {
        *self.0.lock().expect("no panic").entry(kernel).or_default() += 1;
    }
}

/// What a step launches once its scale has begun: the first begins three, since losses are read two steps late.
fn launches(compute: &Compute, weights: &Weights, settings: &str) -> BTreeMap<&'static str, usize> {
    let config = StyleConfig::from_json(settings).expect("settings");
    block_on(async {
        let size = config.size;
        let Pictures { content, styles, .. } = pictures("a");
        let styles = vec![Style::new(styles[0].picture.resized(size, size), 1.0)];
        let pictures = Pictures { content: content.resized(size, size), styles, init: None };
        let mut stylizer = Stylizer::new(compute, weights, pictures, config).expect("a run");
        stylizer.step().await.expect("a step");
        let counter = Arc::new(Counter::default());
        let observation = LaunchObservation::new(counter.clone());
        stylizer.step().await.expect("a step");
        drop(observation);
        counter.0.lock().expect("no panic").clone()
    })
}

#[test]
#[ignore = "long"]
fn a_step_launches_few_kernels() {
    let weights = weights();
    let held = gpu();
    let mut compute = held.clone();
    let Layout::Packed { subgroups, .. } = compute.layout else { panic!("a GPU runs our kernels") };
    // In the form that software does best, whatever the device: what launches do is not what counts here, and Winograd's algorithm
    // takes three where others take one.
    compute.layout = Layout::Packed { subgroups, form: Form::Software, tiling: Tiling::Registers, tile: None };
    // What a loss adds to the network's launches does not depend on the picture's size; what the network takes may.
    for (loss, content, size, most) in [
        ("gram", "features", 128, 60),
        ("wasserstein", "features", 64, 180),
        ("neighbours", "features", 64, 90),
        ("gram", "self-similarity", 64, 80),
    ] {
        let settings = format!(
            r#"{{ "styleLoss": "{loss}", "contentLoss": "{content}", "size": {size}, "minSize": {size}, "iterations": 6, "init": "content" }}"#
        );
        let kinds = launches(&compute, weights, &settings);
        let count: usize = kinds.values().sum();
        println!("{loss}, {content} at {size}²: {count}");
        for (kernel, count) in &kinds {
            println!("{count:5} {kernel}");
        }
        assert!(count > 30, "no step was begun");
        assert!(count <= most, "{count} launches in a step of {loss}, {content} at {size}²: {kinds:#?}");
    }

    // In bands what is made of the weights is made once, too, not in each step.
    compute.layout = Layout::Packed { subgroups, form: Form::Direct, tiling: Tiling::Registers, tile: None };
    let settings =
        r#"{ "styleLoss": "gram", "size": 64, "minSize": 64, "iterations": 3, "init": "content", "band": 16 }"#;
    let kinds = launches(&compute, weights, settings);
    assert!(kinds.keys().any(|kernel| kernel.contains("Direct")), "{kinds:#?}");
    assert!(!kinds.keys().any(|kernel| kernel.contains("Turned")), "{kinds:#?}");
}
