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

use super::args::{config_file, number, required};
use super::files::{picture, read_file};
use super::inputs::{frames, open_device, pictures, weights_folder};
use super::output::{check_out, print_json, quality, write_whole};
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
        match Self::read(&weights_folder(args), compute) {
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
    check_out(&out)?;
    let quality = quality(args)?;
    let options = options(args)?;
    let pictures = pictures(args, None)?;
    let compute = open_device(args).await?;
    let networks = Networks::read(&weights_folder(args), &compute)?;
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

/// The options that the flags make.
pub fn options(args: &ArgMatches) -> Result<InstantOptions> {
    let mut partial = Map::new();
    if let Some(file) = config_file(args)? {
        // A picture's recipe, of one pass or of a run; else settings.
        let recipe = ["instant", "config"].into_iter().find_map(|name| file.get(name)?.as_object()).unwrap_or(&file);
        // A look has its own colours, though nobody names them.
        let look = match recipe.get("preset") {
            Some(_) => StyleConfig::from_partial(recipe.clone())?.to_json(),
            None => Value::Null,
        };
        for name in ["size", "strength", "colour", "frames"] {
            let looks = || look.get(name).filter(|_| name != "size");
            partial.extend(recipe.get(name).or_else(looks).map(|value| (name.to_string(), value.clone())));
        }
    }
    for (name, expected) in
        [("size", "use a whole number from 16 to 4096, in pixels"), ("strength", "use a number from 0 to 1.5")]
    {
        if let Some(text) = args.get_one::<String>(name) {
            let value = number(text).unwrap_or(Value::Null);
            if !value.is_number() || name == "size" && !value.is_u64() {
                return Err(
                    Error::BadSetting { name: name.into(), value: text.clone(), expected: expected.into() }.into()
                );
            }
            partial.insert(name.into(), value);
        }
    }
    for name in ["colour", "frames"] {
        if let Some(word) = args.get_one::<String>(name) {
            partial.insert(name.into(), word.as_str().into());
        }
    }
    Ok(InstantOptions::from_json(&Value::Object(partial).to_string())?)
}

/// Prints each painting file's numbers under its SHA-256, in the form of `www/engine/vectors.json`, which holds those of the samples.
pub async fn vectors(args: &ArgMatches) -> Result<()> {
    let reader = StyleReader::new(&SetWeights::read(&weights_folder(args), Set::Predictor)?);
    let (frames, mut lines) = (frames(args)?, Vec::new());
    for path in args.get_many::<String>("painting").into_iter().flatten() {
        let vector = reader.read(&picture(path)?.unframed(frames)).await?;
        let numbers: Vec<String> = vector.iter().map(|value| format!("{value:.5}")).collect();
        lines.push(format!("  \"{}\": [{}]", sha256_hex(&read_file(path)?), numbers.join(", ")));
    }
    answer!("{{\n{}\n}}", lines.join(",\n"));
    Ok(())
}
