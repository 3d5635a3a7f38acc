//! The command line: `easel stylize | losses | compare | bench | pack-weights | knobs`.
//!
//! Progress goes to standard error, results to files or, with `--json`, to standard output. Exit codes:
//! 0 done; 2 the command or a setting is wrong; 3 a file cannot be used; 4 the device is not there or
//! failed; 1 anything else.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use easel::{
    Choice, Compute, Error, Init, KNOBS, Kind, Picture, Pictures, Plan, Progress, Style, StyleConfig, Stylizer, Values,
    Weights, embed, extract, fit, plan, writable_format,
};
use serde_json::{Map, Value, json};

fn main() -> ExitCode {
    let matches = command().get_matches();
    let outcome = match matches.subcommand() {
        Some(("stylize", args)) => pollster::block_on(stylize(args)),
        Some(("losses", args)) => pollster::block_on(losses(args)),
        Some(("compare", args)) => pollster::block_on(compare(args)),
        Some(("bench", args)) => pollster::block_on(bench(args)),
        Some(("pack-weights", args)) => pack_weights(args),
        Some(("knobs", _)) => print_json(&json!(KNOBS)),
        _ => Ok(()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("easel: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}

fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<Error>() {
        Some(
            Error::UnknownSetting { .. }
            | Error::BadSetting { .. }
            | Error::SettingsSyntax(_)
            | Error::NoStyle
            | Error::StyleWeight(_),
        ) => 2,
        Some(Error::DeviceUnavailable { .. } | Error::DeviceFailed { .. }) => 4,
        Some(Error::Diverged { .. }) | None => 1,
        Some(_) => 3,
    }
}

fn command() -> Command {
    let file = |name: &'static str, help: &'static str| Arg::new(name).long(name).value_name("FILE").help(help);
    let device = Arg::new("device").long("device").default_value("auto").help("auto, gpu or cpu");
    let json =
        Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print the result as JSON on standard output");
    let weights =
        Arg::new("weights").long("weights").value_name("DIR").help("The folder with manifest.json and the shards");
    let config =
        file("config", "A JSON file of settings, or a picture saved with its settings inside; flags override it");
    let style = Arg::new("style")
        .long("style")
        .value_name("FILE[:WEIGHT]")
        .action(ArgAction::Append)
        .required(true)
        .help("A painting; repeat for several");
    let mask = Arg::new("mask")
        .long("mask")
        .value_name("FILE|none")
        .action(ArgAction::Append)
        .help("Where a painting applies: white is inside. The first is for the first --style, and so on");
    let running = |command: Command| {
        command.arg(device.clone()).arg(weights.clone()).arg(config.clone()).arg(json.clone()).args(knob_flags())
    };
    Command::new("easel")
        .about("Turns a photo into a painting (neural style transfer)")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(running(
            Command::new("stylize")
                .about("Paint a photo in the style of one or more paintings")
                .arg(file("content", "The photo").required(true))
                .arg(style.clone())
                .arg(mask.clone())
                .arg(file("out", "Where the picture goes; its ending says the format").required(true)),
        ))
        .subcommand(running(
            Command::new("losses")
                .about("Every weighted loss term of an image at its own size, and the gradient's L2 norm")
                .arg(file("content", "The photo").required(true))
                .arg(style.clone())
                .arg(mask.clone())
                .arg(file("image", "The image to judge").required(true)),
        ))
        .subcommand(
            Command::new("compare")
                .about("A picture's content and style distance by a fixed measure, whatever settings made it")
                .arg(file("content", "The photo").required(true))
                .arg(style)
                .arg(mask)
                .arg(file("image", "The picture to judge").required(true))
                .arg(device.clone())
                .arg(weights.clone())
                .arg(json.clone()),
        )
        .subcommand(running(
            Command::new("bench").about("Milliseconds per iteration, effective TFLOP/s, memory").arg(
                Arg::new("dry-run")
                    .long("dry-run")
                    .action(ArgAction::SetTrue)
                    .help("Only print the device memory a GPU would need"),
            ),
        ))
        .subcommand(
            Command::new("pack-weights")
                .about("Make the weights folder from a published VGG19")
                .arg(file("from", "The published weights").required(true))
                .arg(Arg::new("out").long("out").value_name("DIR").required(true).help("The folder to write"))
                .arg(
                    Arg::new("photos")
                        .long("photos")
                        .value_name("DIR")
                        .help("Measure the layers' mean activations over the pictures in this folder"),
                ),
        )
        .subcommand(Command::new("knobs").about("Every setting with its range, unit and help, as JSON"))
}

/// One flag per knob, in kebab-case.
fn knob_flags() -> impl Iterator<Item = Arg> {
    let defaults = StyleConfig::default().to_json();
    KNOBS.iter().map(move |knob| {
        let range = match knob.values {
            Values::Integer { min, max, .. } => format!("{min} to {max}"),
            Values::Number { min, max } => format!("{min:e} to {max:e}"),
            Values::Choice { of } => of.join(", "),
            Values::Layers => "relu1_1:1,relu2_1:0.8,…".into(),
        };
        let unit = if knob.unit.is_empty() { String::new() } else { format!(", {}", knob.unit) };
        Arg::new(knob.name)
            .long(kebab(knob.name))
            .value_name("VALUE")
            .allow_hyphen_values(true)
            .help_heading("Settings")
            .help(format!("{} [{range}{unit}; default {}]", knob.help, shown(&defaults[knob.name])))
    })
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(list) => list
            .iter()
            .map(|l| format!("{}:{}", l["layer"].as_str().unwrap_or(""), l["weight"]))
            .collect::<Vec<_>>()
            .join(","),
        Value::String(word) => word.clone(),
        other => other.to_string(),
    }
}

fn kebab(camel: &str) -> String {
    camel.chars().flat_map(|c| if c.is_uppercase() { vec!['-', c.to_ascii_lowercase()] } else { vec![c] }).collect()
}

/// The settings: defaults, then `--config`, then flags. `init` may name a file.
fn settings(args: &ArgMatches) -> Result<(StyleConfig, Option<Picture>)> {
    settings_over(Map::new(), args)
}

/// The same over a command's own defaults.
fn settings_over(mut partial: Map<String, Value>, args: &ArgMatches) -> Result<(StyleConfig, Option<Picture>)> {
    if let Some(path) = args.get_one::<String>("config") {
        let bytes = read_file(path)?;
        let bytes = match Kind::of(&bytes) {
            None => bytes,
            Some(_) => match extract(&bytes) {
                Some(json) => json.into_bytes(),
                None => return Err(Error::SettingsSyntax(format!("the picture {path} carries none")).into()),
            },
        };
        match serde_json::from_slice(&bytes) {
            // A picture's recipe notes more than the settings, beside them.
            Ok(Value::Object(map)) => partial.extend(match map.get("config") {
                Some(Value::Object(config)) => config.clone(),
                _ => map,
            }),
            Ok(_) => return Err(Error::SettingsSyntax(format!("{path} does not hold an object")).into()),
            Err(error) => return Err(Error::SettingsSyntax(format!("{path}: {error}")).into()),
        }
    }
    for knob in KNOBS {
        if let Some(text) = args.get_one::<String>(knob.name) {
            partial.insert(knob.name.into(), flag_value(&knob.values, text));
        }
    }
    let named =
        partial.get("init").and_then(Value::as_str).filter(|word| !Init::NAMES.contains(word)).map(String::from);
    let init = named.map(|path| picture(&path)).transpose()?;
    if init.is_some() {
        partial.insert("init".into(), "image".into());
    }
    Ok((StyleConfig::from_partial(partial)?, init))
}

fn flag_value(values: &Values, text: &str) -> Value {
    let plain = || Value::String(text.into());
    match values {
        Values::Choice { .. } => plain(),
        Values::Integer { .. } | Values::Number { .. } => serde_json::from_str(text).unwrap_or_else(|_| plain()),
        Values::Layers if text.starts_with('[') => serde_json::from_str(text).unwrap_or_else(|_| plain()),
        Values::Layers => text
            .split(',')
            .map(|entry| {
                let (layer, weight) = entry.split_once(':').unwrap_or((entry, "1"));
                json!({ "layer": layer, "weight": weight.parse::<f64>().ok() })
            })
            .collect(),
    }
}

fn read_file(path: &str) -> Result<Vec<u8>> {
    Ok(std::fs::read(path).map_err(|e| Error::File { path: path.into(), reason: e.to_string() })?)
}

fn picture(path: &str) -> Result<Picture> {
    Ok(Picture::decode(path, &read_file(path)?)?)
}

fn pictures(args: &ArgMatches, init: Option<Picture>) -> Result<Pictures> {
    let content = picture(required(args, "content"))?;
    let styles = args.get_many::<String>("style").into_iter().flatten().map(|text| {
        // A colon belongs to the file's name when there is such a file.
        let (path, weight) = match text.rsplit_once(':') {
            Some((path, weight)) if !Path::new(text).exists() => match weight.parse::<f64>() {
                Ok(weight) => (path, weight),
                Err(_) => (text.as_str(), 1.0),
            },
            _ => (text.as_str(), 1.0),
        };
        Ok(Style::new(picture(path)?, weight))
    });
    let mut styles = styles.collect::<Result<Vec<_>>>()?;
    for (i, path) in
        args.get_many::<String>("mask").into_iter().flatten().enumerate().filter(|(_, path)| *path != "none")
    {
        let Some(style) = styles.get_mut(i) else {
            let expected = format!("there are {} paintings; give at most as many masks, in their order", styles.len());
            return Err(Error::BadSetting { name: "mask".into(), value: path.clone(), expected }.into());
        };
        style.mask = Some(picture(path)?);
    }
    Ok(Pictures { content, styles, init })
}

fn required<'a>(args: &'a ArgMatches, name: &str) -> &'a str {
    args.get_one::<String>(name).map_or("", String::as_str)
}

async fn open(args: &ArgMatches) -> Result<(Compute, Weights)> {
    let compute = Compute::open(required(args, "device").parse::<Choice>()?).await?;
    let beside = |folder: PathBuf| folder.join("manifest.json").exists().then_some(folder);
    let folder = args
        .get_one::<String>("weights")
        .map(PathBuf::from)
        .or_else(|| beside("weights".into()))
        .or_else(|| beside(std::env::current_exe().ok()?.parent()?.join("weights")))
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("weights"));
    Ok((compute, Weights::read(&folder)?))
}

async fn stylize(args: &ArgMatches) -> Result<()> {
    let out = PathBuf::from(required(args, "out"));
    check_out(&out)?;
    let (config, init) = settings(args)?;
    let pictures = pictures(args, init)?;
    let shares: Vec<f64> = pictures.styles.iter().map(|style| style.weight).collect();
    let (compute, weights) = open(args).await?;
    eprintln!("Painting on {} ({})", compute.info.adapter, compute.info.backend);
    let every = config.report_every;
    let mut run = Stylizer::new(&compute, &weights, pictures, config)?;
    while !run.is_finished() {
        let progress = run.step().await?;
        if progress.iteration % every == 0 || progress.is_last() {
            eprintln!("{}", line(&progress));
        }
    }
    // As the page writes it, so that either reads the other's pictures.
    let recipe = json!({ "program": "Easel", "version": 1, "config": run.config().to_json(), "weights": shares });
    save(&run.picture().await?, &out, &recipe)?;
    eprintln!("Saved {}", out.display());
    if args.get_flag("json") { print_json(&json!(run.report())) } else { Ok(()) }
}

/// Writes the picture, its settings inside where the format has a place for them.
fn save(picture: &Picture, out: &Path, recipe: &Value) -> Result<()> {
    let mut bytes = picture.encode(out)?;
    if matches!(Kind::of(&bytes), Some(Kind::Png | Kind::Jpeg | Kind::WebP)) {
        bytes = embed(&bytes, &recipe.to_string())?;
    }
    Ok(std::fs::write(out, bytes)
        .map_err(|e| Error::File { path: out.display().to_string(), reason: e.to_string() })?)
}

/// Says before a long run what would be said after it: that the picture cannot be saved there.
fn check_out(out: &Path) -> Result<()> {
    writable_format(out)?;
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(());
    }
    let reason = format!("there is no folder {} to save it in", folder.display());
    Err(Error::File { path: out.display().to_string(), reason }.into())
}

fn line(progress: &Progress) -> String {
    let Progress { iteration, iterations, scale, losses, millis_per_iteration, eta_seconds, .. } = progress;
    format!(
        "{iteration}/{iterations}  {} × {} px  loss {:.5} (content {:.5}, style {:.5}, tv {:.5})  {:.0} ms/step, {eta_seconds:.0} s left",
        scale.width,
        scale.height,
        losses.total,
        losses.content,
        losses.style_sum(),
        losses.tv,
        millis_per_iteration,
    )
}

async fn losses(args: &ArgMatches) -> Result<()> {
    let (config, init) = settings(args)?;
    let pictures = pictures(args, init)?;
    let image = picture(required(args, "image"))?;
    let (compute, weights) = open(args).await?;
    let (losses, gradient_norm) = easel::losses(&compute, &weights, &pictures, &image, &config).await?;
    if args.get_flag("json") {
        let mut value = json!(losses);
        value["gradientNorm"] = json!(gradient_norm);
        return print_json(&value);
    }
    println!("content       {:>14.6}", losses.content);
    for (layer, value) in &losses.style {
        println!("style {layer} {value:>14.6}");
    }
    println!("tv            {:>14.6}", losses.tv);
    println!("photoreal     {:>14.6}", losses.photoreal);
    println!("total         {:>14.6}", losses.total);
    println!("gradient norm {gradient_norm:>14.6}");
    Ok(())
}

/// Judges a picture by the default settings' distances, every layer counted once.
async fn compare(args: &ArgMatches) -> Result<()> {
    let pictures = pictures(args, None)?;
    let image = picture(required(args, "image"))?;
    let (compute, weights) = open(args).await?;
    let neutral = StyleConfig { content_weight: 1.0, style_weight: 1.0, tv_weight: 1.0, ..StyleConfig::default() };
    let (losses, _) = easel::losses(&compute, &weights, &pictures, &image, &neutral).await?;
    if args.get_flag("json") {
        return print_json(&json!({
            "content": losses.content, "style": losses.style_sum(), "styleLayers": losses.style, "roughness": losses.tv,
        }));
    }
    println!("content   {:>12.5}  (mean squared difference at relu4_2)", losses.content);
    println!("style     {:>12.5}  (Wasserstein-2, the default layers)", losses.style_sum());
    println!("roughness {:>12.5}  (total variation)", losses.tv);
    Ok(())
}

/// Direct-convolution count of forward and data gradient to relu5_1, per pixel.
const FLOP_PER_PIXEL: f64 = 1.44e6;

async fn bench(args: &ArgMatches) -> Result<()> {
    let own = Map::from_iter([("size".into(), json!(256)), ("iterations".into(), json!(20))]);
    let (mut config, _) = settings_over(own, args)?;
    config.min_size = config.size; // one scale
    let plan = plan(config.size, config.size, &config);
    if args.get_flag("dry-run") {
        if args.get_flag("json") {
            return print_json(&json!({ "size": config.size, "plannedBytes": plan }));
        }
        println!("{0} × {0} px, planned device memory", config.size);
        print_plan(&plan);
        return Ok(());
    }
    let (compute, weights) = open(args).await?;
    let picture = test_picture(config.size, 7);
    let styles = vec![Style::new(test_picture(config.size, 3), 1.0)];
    let size = config.size;
    let mut run = Stylizer::new(&compute, &weights, Pictures { content: picture, styles, init: None }, config)?;
    let mut millis = Vec::new();
    while !run.is_finished() {
        let begun = std::time::Instant::now();
        run.step().await?;
        millis.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let first = millis[0];
    // The first step prepares the targets and compiles kernels.
    let mut steady = if millis.len() > 1 { millis.split_off(1) } else { millis };
    steady.sort_by(f64::total_cmp);
    let median = steady[steady.len() / 2];
    let teraflops = FLOP_PER_PIXEL * f64::from(size).powi(2) / (median / 1e3) / 1e12;
    // What the device holds now is the most it ever held: freed memory is kept for the next step.
    let memory = compute.device.memory_pool_usage().map(|usage| usage.bytes_reserved);
    if args.get_flag("json") {
        return print_json(&json!({
            "device": compute.info, "size": size, "iterations": steady.len() + 1, "firstMillis": first,
            "millisPerIteration": median, "teraflops": teraflops,
            "peakMemoryBytes": memory, "plannedBytes": plan,
        }));
    }
    println!("{} ({}), {size} × {size} px", compute.info.adapter, compute.info.backend);
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

fn pack_weights(args: &ArgMatches) -> Result<()> {
    let mut packed = easel::pack(Path::new(required(args, "from")))?;
    if let Some(folder) = args.get_one::<String>("photos") {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).with_context(|| folder.clone())?.filter_map(|e| Some(e.ok()?.path())).collect();
        paths.sort();
        let compute = Compute::cpu();
        let photos: Vec<_> = paths.iter().filter_map(|path| picture(&path.display().to_string()).ok()).collect();
        let photos: Vec<_> = photos
            .iter()
            .map(|photo| {
                let (width, height) = fit(photo.width(), photo.height(), 384);
                photo.resized(width, height).to_tensor(&compute.device)
            })
            .collect();
        anyhow::ensure!(!photos.is_empty(), "{folder} holds no picture that can be read");
        pollster::block_on(easel::measure_means(&mut packed, &photos))?;
    }
    let out = required(args, "out");
    packed.write(Path::new(out))?;
    eprintln!("Wrote {} shards, {} bytes, to {out}", packed.shards.len(), packed.manifest.bytes);
    Ok(())
}

fn print_json(value: &Value) -> Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
