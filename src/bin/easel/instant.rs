//! `easel instant`: a photo painted in one pass; `easel vectors`: the numbers that paintings are for that.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use clap::ArgMatches;
use easel::instant::{Set, SetWeights};
use easel::{
    Compute, Error, Frames, InstantOptions, InstantPainter, InstantStyle, Picture, Pictures, Style, StyleConfig,
    StyleReader, needs_own_vector, sha256_hex,
};
use serde_json::{Map, Value, json};

use super::args::{config_file, number, required, with_flags};
use super::files::{decoded, read_file};
use super::inputs::{frames, open_device, pictures, weights_folder};
use super::output::{check_out, print_json, quality};
use super::replace::write_whole;
use super::say::{answer, say};

/// The one-pass networks on a device.
pub struct Networks {
    /// Reads paintings' styles.
    pub reader: StyleReader,
    /// Paints with them.
    pub painter: InstantPainter,
}

impl Networks {
    /// Reads them from the weights folder.
    pub fn read(folder: &Path, compute: &Compute) -> Result<Self> {
        let weights = |set| SetWeights::read(folder, set);
        let reader = StyleReader::new(&weights(Set::Predictor)?);
        Ok(Self { reader, painter: InstantPainter::new(weights(Set::Transformer)?, compute) })
    }

    /// Reads them; none, and a word about it, where the weights folder has none.
    pub fn read_if_there(args: &ArgMatches, compute: &Compute) -> Result<Option<Self>> {
        match Self::read(&weights_folder(args)?, compute) {
            Ok(networks) => Ok(Some(networks)),
            Err(error) if matches!(error.downcast_ref(), Some(Error::NoInstant)) => {
                say!("{error} This run starts from the photo.");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Reads the paintings' styles, and the photo's own where it is needed, and paints.
    pub async fn paint(&self, pictures: &Pictures, options: &InstantOptions) -> Result<Picture> {
        let styles = self.read_styles(&pictures.styles, options.frames).await?;
        self.paint_with(&pictures.content, &styles, options).await
    }

    /// Reads the paintings' styles.
    pub async fn read_styles(&self, paintings: &[Style], frames: Frames) -> Result<Vec<InstantStyle>> {
        let mut styles = Vec::new();
        for style in paintings {
            let vector = self.reader.read(&style.picture.unframed(frames)).await?;
            styles.push(InstantStyle { vector, weight: style.weight, mask: style.mask.clone() });
        }
        Ok(styles)
    }

    /// Paints with styles that were read, and the photo's own where it is needed.
    pub async fn paint_with(
        &self,
        content: &Picture,
        styles: &[InstantStyle],
        options: &InstantOptions,
    ) -> Result<Picture> {
        let own = match needs_own_vector(styles, options.strength) {
            true => Some(self.reader.read(content).await?),
            false => None,
        };
        Ok(self.painter.paint(content, styles, own.as_ref(), options).await?)
    }
}

/// Paints in one pass and saves the picture; with `--json` says how large it is and how long it took.
pub async fn instant(args: &ArgMatches) -> Result<()> {
    let out = PathBuf::from(required(args, "out"));
    check_out(args, &out)?;
    let quality = quality(args)?;
    let options = options(args)?;
    let pictures = pictures(args, None)?;
    let compute = open_device(args).await?;
    let networks = Networks::read(&weights_folder(args)?, &compute)?;
    let begun = Instant::now();
    let painted = networks.paint(&pictures, &options).await?;
    let millis = begun.elapsed().as_secs_f64() * 1e3;
    write_whole(&out, &painted.encode(&out, quality)?)?;
    say!("Saved {}", out.display());
    if args.get_flag("json") {
        let (width, height) = (painted.width(), painted.height());
        return print_json(&json!({ "width": width, "height": height, "millis": millis, "device": compute.info }));
    }
    Ok(())
}

/// The options that flags and `--config` make. Of other settings, where a command has any, only what is wrong with them is said.
pub fn options(args: &ArgMatches) -> Result<InstantOptions> {
    let file = config_file(args)?.unwrap_or_default();
    let object = |name: &str| file.get(name).and_then(Value::as_object);
    // A picture's recipe, of one pass or of a run; else settings.
    let mut settings = match (object("instant"), object("config")) {
        (Some(recipe), _) | (None, Some(recipe)) => recipe.clone(),
        (None, None) => file,
    };
    let of_file = settings.remove("strength");
    let strength = match args.get_one::<String>("strength") {
        Some(text) => number(text).filter(Value::is_number).map(Some).ok_or_else(|| Error::BadSetting {
            name: "strength".into(),
            value: text.clone(),
            expected: "use a number from 0 to 1.5".into(),
        })?,
        None => of_file,
    };
    let settings = with_flags(settings, args);
    let has_size = settings.contains_key("size");
    // A look has its own colours, though nobody names them.
    let StyleConfig { size, colour, frames, .. } = StyleConfig::from_partial(settings)?;
    let mut options = Map::from_iter([("colour".into(), json!(colour)), ("frames".into(), json!(frames))]);
    options.extend(has_size.then(|| ("size".into(), size.into())));
    options.extend(strength.map(|strength| ("strength".into(), strength)));
    Ok(InstantOptions::from_json(&Value::Object(options).to_string())?)
}

/// Prints each painting file's numbers under its SHA-256, in the form of `www/engine/vectors.json`, which holds those of the samples.
pub async fn vectors(args: &ArgMatches) -> Result<()> {
    let reader = StyleReader::new(&SetWeights::read(&weights_folder(args)?, Set::Predictor)?);
    let (frames, mut lines) = (frames(args)?, Vec::new());
    for path in args.get_many::<String>("painting").into_iter().flatten() {
        // Read once: of a pipe nothing is left for another time.
        let bytes = read_file(path)?;
        let vector = reader.read(&decoded(path.as_ref(), &bytes)?.unframed(frames)).await?;
        let numbers: Vec<String> = vector.iter().map(|value| format!("{value:.5}")).collect();
        lines.push(format!("  \"{}\": [{}]", sha256_hex(&bytes), numbers.join(", ")));
    }
    answer!("{{\n{}\n}}", lines.join(",\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use easel::Colour;

    use super::*;
    use crate::args::command;

    /// The options of a command line.
    fn of(args: &[&str]) -> Result<InstantOptions> {
        let matches = command().get_matches_from([&["easel"], args].concat());
        options(matches.subcommand().expect("a command").1)
    }

    const BATCH: [&str; 8] = ["batch", "--content", "x", "--style", "x", "--out", "x", "--instant"];

    #[test]
    fn whole_numbers_may_be_written_as_anybody_likes() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("settings.json");
        std::fs::write(&file, r#"{"size": 384.0}"#).expect("written");
        let instant = ["instant", "--content", "x", "--style", "x", "--out", "x", "--size"];
        for (text, size) in [("384", 384), ("384.", 384), ("1e3", 1000)] {
            assert_eq!(of(&[&instant[..], &[text]].concat()).expect(text).size, size);
        }
        let file = file.to_str().expect("utf-8");
        assert_eq!(of(&[&BATCH[..], &["--config", file]].concat()).expect("a size").size, 384);
    }

    #[test]
    fn a_batch_in_one_pass_takes_its_look_from_the_flag_as_from_a_file() {
        let of = |more: &[&str]| of(&[&BATCH[..], more].concat());
        assert_eq!(of(&["--preset", "sketch"]).expect("a look").colour, Colour::Luminance);
        assert_eq!(of(&["--preset", "sketch", "--colour", "style"]).expect("a look").colour, Colour::Style);
        assert_eq!(of(&["--preset", "sketch"]).expect("a look").size, InstantOptions::default().size);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("settings.json");
        let file = file.to_str().expect("utf-8");
        // A picture's of one pass; a run's, whose own preset gives way; and plain ones.
        for (text, colour, strength) in [
            (r#"{"instant": {"size": 40, "strength": 0.5, "colour": "match"}}"#, Colour::Match, 0.5),
            (r#"{"config": {"preset": "painterly", "colour": "style", "size": 40}}"#, Colour::Luminance, 1.0),
            (r#"{"size": 40, "strength": 0.5}"#, Colour::Luminance, 0.5),
        ] {
            std::fs::write(file, text).expect("written");
            let options = of(&["--preset", "sketch", "--config", file]).expect(text);
            assert_eq!((options.size, options.colour, options.strength), (40, colour, strength), "{text}");
        }
        for wrong in [["--preset", "nonsense"], ["--iterations", "banana"], ["--turns", "7"], ["--strength", "2"]] {
            assert!(of(&wrong).is_err(), "{wrong:?}");
        }
    }
}
