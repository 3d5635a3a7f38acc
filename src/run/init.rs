//! What an optimisation starts from.

use burn::tensor::{Device, Tensor, TensorData};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::input::Pictures;
use super::schedule::Scale;
use crate::loss::Style;
use crate::picture::Affine;
use crate::settings::{Init, StyleConfig};

/// The image before the first step at a run's first scale, `[1, 3, height, width]`.
pub fn initial_image(pictures: &Pictures, scale: Scale, config: &StyleConfig, device: &Device) -> Tensor<4> {
    let Pictures { content, styles, init } = pictures;
    let picture = match (config.init, init) {
        // The photo's edges that meet were fitted together before; this one's perhaps not.
        (Init::Image | Init::Instant, Some(picture)) => &picture.seamless(config.tile),
        (Init::Noise, _) => return noise(scale, [[0.5, 0.18]; 3], config.seed, device),
        (Init::StyleColour, _) => return noise(scale, colour_statistics(styles), config.seed, device),
        _ => content,
    };
    Affine::of_content(config.colour).to_tensor(&picture.resized(scale.width, scale.height), device)
}

/// Gaussian noise with the given mean and deviation per channel.
fn noise(scale: Scale, channels: [[f64; 2]; 3], seed: u32, device: &Device) -> Tensor<4> {
    let mut random = ChaCha8Rng::seed_from_u64(seed.into());
    let pixels = scale.pixels();
    let mut uniform = || (f64::from(random.next_u32()) + 1.0) / (f64::from(u32::MAX) + 2.0);
    // Box and Muller's transform.
    let mut normal = || (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
    let values: Vec<f32> = channels
        .iter()
        .flat_map(|&[mean, deviation]| (0..pixels).map(|_| (mean + deviation * normal()) as f32).collect::<Vec<_>>())
        .collect();
    Tensor::from_data(TensorData::new(values, [1, 3, scale.height as usize, scale.width as usize]), device)
}

/// Mean and deviation of red, green and blue in \[0, 1\] over all paintings, by weight.
fn colour_statistics(styles: &[Style]) -> [[f64; 2]; 3] {
    let total: f64 = styles.iter().map(|style| style.weight).sum();
    [0, 1, 2].map(|channel| {
        let moment = |power: i32| -> f64 {
            styles
                .iter()
                .map(|style| {
                    let values = style.picture.rgb().iter().skip(channel).step_by(3);
                    let count = style.picture.rgb().len() as f64 / 3.0;
                    style.weight / total * values.map(|&v| (f64::from(v) / 255.0).powi(power)).sum::<f64>() / count
                })
                .sum()
        };
        let mean = moment(1);
        [mean, (moment(2) - mean * mean).max(0.0).sqrt()]
    })
}
