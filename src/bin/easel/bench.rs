//! `easel bench`: how long a step takes here, and how much memory a run needs.

use anyhow::Result;
use clap::ArgMatches;
use easel::parts::{Form, Kernels, Winograd};
use easel::{AHEAD, Error, Picture, Pictures, Plan, Style, Stylizer, plan};
use serde_json::{Map, json};

use super::args::{required, settings_over};
use super::inputs::{open, open_tuned};
use super::output::print_json;
use super::say::answer;

/// What `--kernels` takes.
const KERNELS: &str = "use auto, software, direct or winograd, the last also with a tile, as winograd-64x64x16, and but for auto with \
+registers, +workgroup and +alone after it";

/// Direct-convolution count of forward and data gradient to relu5_1, per pixel.
const FLOP_PER_PIXEL: f64 = 1.44e6;

/// Times steps of a made-up run at one scale, or with `--dry-run` only plans its memory.
pub async fn bench(args: &ArgMatches) -> Result<()> {
    let own = Map::from_iter([("size".into(), json!(256)), ("iterations".into(), json!(20))]);
    let (mut config, init) = settings_over(own, args)?;
    let (width, height) = match args.get_one::<String>("sides") {
        Some(sides) => both_sides(sides)?,
        None => (config.size, config.size),
    };
    config.size = width.max(height);
    config.min_size = config.size; // one scale
    let forced = match required(args, "kernels") {
        "auto" => None,
        word => Some(word.parse::<Kernels>().map_err(|_| Error::BadSetting {
            name: "kernels".into(),
            value: format!("{word:?}"),
            expected: KERNELS.into(),
        })?),
    };
    let plan = |form| plan(width, height, &config, form);
    if args.get_flag("dry-run") {
        let plan = plan(forced.map_or(Form::Winograd(Winograd::default()), |kernels| kernels.form));
        if args.get_flag("json") {
            return print_json(&json!({ "size": config.size, "width": width, "height": height, "plannedBytes": plan }));
        }
        answer!("{width} × {height} px, planned device memory");
        return print_plan(&plan);
    }
    let (compute, weights) = match forced {
        None => open_tuned(args).await?,
        Some(kernels) => {
            let (compute, weights) = open(args).await?;
            (compute.with_kernels(kernels), weights)
        }
    };
    let plan = plan(compute.form().unwrap_or(Form::Software));
    let picture = test_picture([width, height], 7);
    let styles = vec![Style::new(test_picture([width, height], 3), 1.0)];
    let size = config.size;
    // On a GPU the last steps were begun with those before them: as many more leave those asked for to be timed.
    let late = if compute.form().is_some() { AHEAD } else { 0 };
    let asked = config.iterations;
    config.iterations += late as u32;
    let mut run = Stylizer::new(&compute, &weights, Pictures { content: picture, styles, init }, config)?;
    let mut millis = Vec::new();
    while !run.is_finished() {
        let begun = std::time::Instant::now();
        run.step().await?;
        millis.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    millis.truncate(millis.len() - late);
    let first = millis[0];
    // The first step prepares the targets and compiles kernels.
    let mut steady = if millis.len() > 1 { millis.split_off(1) } else { millis };
    steady.sort_by(f64::total_cmp);
    let median = steady[steady.len() / 2];
    let teraflops = FLOP_PER_PIXEL * f64::from(width) * f64::from(height) / (median / 1e3) / 1e12;
    // What the device holds now is the most it ever held: freed memory is kept for the next step. But in bands it is given back.
    let memory = compute.device.memory_pool_usage().map(|usage| usage.bytes_reserved);
    if args.get_flag("json") {
        return print_json(&json!({
            "device": compute.info, "size": size, "width": width, "height": height,
            "iterations": asked, "firstMillis": first,
            "millisPerIteration": median, "teraflops": teraflops,
            "peakMemoryBytes": memory, "plannedBytes": plan,
        }));
    }
    answer!("{} ({}), {width} × {height} px", compute.info.adapter, compute.info.backend);
    if let Some(variants) = &compute.info.variants {
        answer!("kernels      {variants}");
    }
    answer!("first step   {first:>10.1} ms");
    answer!("steady step  {median:>10.1} ms (median of {})", steady.len());
    answer!("effective    {teraflops:>10.3} TFLOP/s");
    match memory {
        Some(bytes) => answer!("peak memory  {:>10.1} MB", bytes as f64 / 1e6),
        None => {
            answer!("peak memory  not reported by this device; on a GPU, planned:");
            print_plan(&plan)?;
        }
    }
    Ok(())
}

fn print_plan(plan: &Plan) -> Result<()> {
    let Plan { weights, targets, image, activations, peak, .. } = *plan;
    let rows =
        [("weights", weights), ("targets", targets), ("image", image), ("activations", activations), ("peak", peak)];
    for (name, bytes) in rows {
        answer!("{name:<12} {:>10.1} MB", bytes as f64 / 1e6);
    }
    Ok(())
}

/// Width and height from `2048x1365`.
fn both_sides(sides: &str) -> Result<(u32, u32)> {
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (16..=4096).contains(side));
    let both = sides.split_once('x').and_then(|(width, height)| Some((side(width)?, side(height)?)));
    both.ok_or_else(|| {
        let expected = "name two sides of 16 to 4096 pixels, as 2048x1365".into();
        Error::BadSetting { name: "sides".into(), value: sides.into(), expected }.into()
    })
}

/// A smooth colourful picture with some texture, the same every time.
fn test_picture([width, height]: [u32; 2], period: u32) -> Picture {
    let planes: Vec<f32> = (0..3)
        .flat_map(|c| (0..width * height).map(move |i| (i % width, i / width, c)))
        .map(|(x, y, c)| 0.5 + 0.5 * ((x * (c + 1) / period) as f32 * 0.7 + (y / period) as f32 * 0.4).sin())
        .collect();
    Picture::from_planes(width, height, &planes)
}
