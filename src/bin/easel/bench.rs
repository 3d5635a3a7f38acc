//! `easel bench`: how long a step takes here, and how much memory a run needs.

use anyhow::Result;
use clap::ArgMatches;
use easel::parts::{Form, Kernels, Winograd};
use easel::{Picture, Pictures, Plan, Style, Stylizer, plan};
use serde_json::{Map, json};

use super::args::{required, settings_over};
use super::inputs::{open, open_tuned};
use super::output::print_json;

/// Direct-convolution count of forward and data gradient to relu5_1, per pixel.
const FLOP_PER_PIXEL: f64 = 1.44e6;

/// Times steps of a made-up run at one scale, or with `--dry-run` only plans its memory.
pub async fn bench(args: &ArgMatches) -> Result<()> {
    let own = Map::from_iter([("size".into(), json!(256)), ("iterations".into(), json!(20))]);
    let (mut config, init) = settings_over(own, args)?;
    config.min_size = config.size; // one scale
    let forced = match required(args, "kernels") {
        "auto" => None,
        word => Some(word.parse::<Kernels>()?),
    };
    let plan = |form| plan(config.size, config.size, &config, form);
    if args.get_flag("dry-run") {
        let plan = plan(forced.map_or(Form::Winograd(Winograd::default()), |kernels| kernels.form));
        if args.get_flag("json") {
            return print_json(&json!({ "size": config.size, "plannedBytes": plan }));
        }
        println!("{0} × {0} px, planned device memory", config.size);
        print_plan(&plan);
        return Ok(());
    }
    let (compute, weights) = match forced {
        None => open_tuned(args).await?,
        Some(kernels) => {
            let (compute, weights) = open(args).await?;
            (compute.with_kernels(kernels), weights)
        }
    };
    let plan = plan(compute.form().unwrap_or(Form::Software));
    let picture = test_picture(config.size, 7);
    let styles = vec![Style::new(test_picture(config.size, 3), 1.0)];
    let size = config.size;
    let mut run = Stylizer::new(&compute, &weights, Pictures { content: picture, styles, init }, config)?;
    let mut millis = Vec::new();
    let iterations = run.iterations();
    while !run.is_finished() {
        let begun = std::time::Instant::now();
        run.step().await?;
        millis.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let first = millis[0];
    // The first step prepares the targets and compiles kernels. On a GPU the last two were begun with those before them.
    let mut steady = if millis.len() > 1 { millis.split_off(1) } else { millis };
    if steady.len() > 4 {
        steady.truncate(steady.len() - 2);
    }
    steady.sort_by(f64::total_cmp);
    let median = steady[steady.len() / 2];
    let teraflops = FLOP_PER_PIXEL * f64::from(size).powi(2) / (median / 1e3) / 1e12;
    // What the device holds now is the most it ever held: freed memory is kept for the next step.
    let memory = compute.device.memory_pool_usage().map(|usage| usage.bytes_reserved);
    if args.get_flag("json") {
        return print_json(&json!({
            "device": compute.info, "size": size, "iterations": iterations, "firstMillis": first,
            "millisPerIteration": median, "teraflops": teraflops,
            "peakMemoryBytes": memory, "plannedBytes": plan,
        }));
    }
    println!("{} ({}), {size} × {size} px", compute.info.adapter, compute.info.backend);
    if let Some(variants) = &compute.info.variants {
        println!("kernels      {variants}");
    }
    println!("first step   {first:>10.1} ms");
    println!("steady step  {median:>10.1} ms (median of {})", steady.len());
    println!("effective    {teraflops:>10.3} TFLOP/s");
    match memory {
        Some(bytes) => println!("peak memory  {:>10.1} MB", bytes as f64 / 1e6),
        None => {
            println!("peak memory  not reported by this device; on a GPU, planned:");
            print_plan(&plan);
        }
    }
    Ok(())
}

fn print_plan(plan: &Plan) {
    let Plan { weights, targets, image, activations, peak } = *plan;
    let rows =
        [("weights", weights), ("targets", targets), ("image", image), ("activations", activations), ("peak", peak)];
    for (name, bytes) in rows {
        println!("{name:<12} {:>10.1} MB", bytes as f64 / 1e6);
    }
}

/// A smooth colourful picture with some texture, the same every time.
fn test_picture(size: u32, period: u32) -> Picture {
    let planes: Vec<f32> = (0..3)
        .flat_map(|c| (0..size * size).map(move |i| (i % size, i / size, c)))
        .map(|(x, y, c)| 0.5 + 0.5 * ((x * (c + 1) / period) as f32 * 0.7 + (y / period) as f32 * 0.4).sin())
        .collect();
    Picture::from_planes(size, size, &planes)
}
