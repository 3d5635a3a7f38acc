//! Adam, L-BFGS, the average and changes of scale against numbers from NumPy (tests/data/make_reference.py).

use crate::common::{assert_close, data};
use burn::tensor::ops::InterpolateMode;
use burn::tensor::{Device, Tensor, TensorData};
use easel::{
    Adam, Average, Lbfgs,
    parts::{Layout, Wrap, resize},
    read,
};
use pollster::block_on;
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).expect("numbers")
}

fn image(values: &[f64], [height, width]: [usize; 2]) -> Tensor<4> {
    let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
    let shape = [1, values.len() / (height * width), height, width];
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn values(tensor: Tensor<4>) -> Vec<f64> {
    block_on(read(tensor)).expect("read").into_iter().map(f64::from).collect()
}

#[track_caller]
fn assert_near(what: &str, found: Tensor<4>, expected: &Value, tolerance: f64) {
    let (found, expected) = (values(found), numbers(expected));
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, (a, b)) in found.iter().zip(&expected).enumerate() {
        assert!((a - b).abs() <= tolerance, "{what} at {at}: {a} instead of {b}");
    }
}

#[test]
fn adam_and_the_average_match_numpy_across_a_change_of_scale() {
    let reference = &data("optimisers.json")["adam"];
    let rate = reference["learningRate"].as_f64().expect("a number");
    let sizes: [[usize; 2]; 2] = serde_json::from_value(reference["sizes"].clone()).expect("sizes");
    let gradients = reference["gradients"].as_array().expect("gradients");
    let mut expected = reference["images"].as_array().expect("images").iter();
    let mut next = || expected.next().expect("as many images");

    let mut adam = Adam::new(rate, Layout::Plain);
    let mut average = Average::new(reference["averaging"].as_f64().expect("a number"), Layout::Plain);
    let mut averages = reference["averages"].as_array().expect("averages").iter();
    let mut x = image(&numbers(next()), sizes[0]);
    assert!(average.get().is_none());
    for (number, gradient) in gradients.iter().enumerate() {
        let gradient = numbers(gradient);
        let size = if gradient.len() == 3 * sizes[0][0] * sizes[0][1] { sizes[0] } else { sizes[1] };
        if x.dims()[2..] != size {
            x = resize(x, Wrap::None, size, InterpolateMode::Bicubic).clamp(0.0, 1.0);
            assert_near("the enlarged image", x.clone(), next(), 1e-5);
            adam.rescale(Wrap::None, size);
        }
        x = adam.step(x, image(&gradient, size), 1.0);
        assert_near(&format!("step {number}"), x.clone(), next(), 1e-5);
        if size == sizes[0] {
            average.update(&x);
            let shown = average.get().expect("an average");
            assert_near(&format!("average {number}"), shown, averages.next().expect("an average"), 1e-5);
        }
    }
    assert!(averages.next().is_none());
}

#[test]
fn without_decay_the_average_is_the_last_image() {
    let mut average = Average::new(0.0, Layout::Plain);
    for value in [0.25, 0.75] {
        average.update(&image(&[value; 4], [2, 2]));
    }
    assert_eq!(values(average.get().expect("an average")), [0.75; 4]);
}

#[test]
fn images_are_resized_as_numpy_resizes_them() {
    let reference = data("optimisers.json");
    let x = image(&numbers(&reference["adam"]["images"][0]), [4, 5]);
    for (name, mode) in [("bilinear", InterpolateMode::Bilinear), ("bicubic", InterpolateMode::Bicubic)] {
        assert_near(name, resize(x.clone(), Wrap::None, [6, 7], mode), &reference["resized"][name], 1e-5);
    }
}

/// Rosenbrock's function, made gentler, and its gradient.
fn valley(x: &[f64]) -> (f64, Vec<f64>) {
    let mut gradient = vec![0.0; x.len()];
    let mut value = 0.0;
    for i in 0..x.len() - 1 {
        let (a, b) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
        value += 10.0 * a * a + b * b;
        gradient[i + 1] += 20.0 * a;
        gradient[i] -= 40.0 * a * x[i] + 2.0 * b;
    }
    (value, gradient)
}

/// The reference's way has a step that is shortened, and ends in the corner of the box.
#[test]
fn lbfgs_takes_the_steps_that_numpy_takes() {
    let reference = &data("optimisers.json")["lbfgs"];
    let size = [2, 2];
    let mut lbfgs = Lbfgs::new(Layout::Plain);
    let mut x = image(&numbers(&reference["start"]), size);
    for (number, expected) in numbers(&reference["losses"]).into_iter().enumerate() {
        let (loss, gradient) = valley(&values(x.clone()));
        // Images are in single precision, and each step builds on those before.
        assert_close(&format!("evaluation {number}"), loss, expected, 5e-3);
        x = block_on(lbfgs.step(x, loss, image(&gradient, size))).expect("a step");
    }
    assert_near("the best point", lbfgs.best().expect("a point"), &reference["best"], 2e-3);
}

/// Smooth gradients but for an edge, hundreds of times larger on its left. Steps are longest where a moment overshoots;
/// with bicubic weights for the second moment they get 100 times as long, for the first alone still 7 times.
#[test]
fn no_step_after_a_change_of_scale_is_longer_than_those_before() {
    const RATE: f64 = 1e-4;
    let edge = |side: usize, sign: f64| {
        let steepness = |at: usize| if at % side < side / 2 { 1.0 } else { 0.01 };
        let plane: Vec<f64> = (0..side * side).map(|at| steepness(at) * (1.0 + 0.3 * sign)).collect();
        image(&plane.repeat(3), [side, side])
    };
    let grey = |side: usize| image(&vec![0.5; 3 * side * side], [side, side]);
    let mut adam = Adam::new(RATE, Layout::Plain);
    // Steps from the same image, so that clamping shortens none.
    let longest = |adam: &mut Adam, side: usize, sign: f64| {
        let moved = values(adam.step(grey(side), edge(side, sign), 1.0));
        moved.into_iter().map(|value| (value - 0.5).abs() / RATE).fold(0.0, f64::max)
    };
    for step in 0..30 {
        let length = longest(&mut adam, 16, if step % 2 == 0 { 1.0 } else { -1.0 });
        assert!(length < 1.2, "step {step}: {length}");
    }
    adam.rescale(Wrap::None, [23, 23]);
    for step in 0..10 {
        let length = longest(&mut adam, 23, if step % 2 == 0 { 1.0 } else { -1.0 });
        assert!(length < 1.2, "step {step} at the larger scale: {length}");
    }
}
