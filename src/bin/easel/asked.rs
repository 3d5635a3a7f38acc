//! What a batch is asked for: all that flags and the files they name can be wrong about is told before anything is made, and before
//! networks are read and a GPU is tuned.

use anyhow::Result;
use clap::ArgMatches;
use easel::{Error, Init, InstantOptions, Style, StyleConfig, check_styles};

use super::args::{required, settings};
use super::inputs::styles;
use super::instant::options;
use super::output::quality;
use super::queue::{STANDARD, Shard};
use super::sequence::Sequence;

/// What a batch is asked for.
pub struct Asked {
    pub how: How,
    pub styles: Vec<Style>,
    /// How a film's frames hold together, if it is one.
    pub sequence: Option<Sequence>,
    /// Of JPEGs.
    pub quality: u8,
    /// Pictures painted side by side, at least 1.
    pub jobs: usize,
}

/// How pictures are to be painted.
pub enum How {
    Instant(InstantOptions),
    Steps(Box<StyleConfig>),
}

impl Asked {
    /// As the flags say.
    ///
    /// # Errors
    /// What they are wrong about.
    pub fn of(args: &ArgMatches, shard: Shard) -> Result<Self> {
        let (quality, jobs) = (quality(args)?, jobs(args)?);
        let how = match args.get_flag("instant") {
            true => How::Instant(options(args)?),
            false => How::Steps(Box::new(steps(args)?)),
        };
        let loss = match &how {
            How::Instant(_) => None,
            How::Steps(config) => Some(config.style_loss),
        };
        let sequence = Sequence::of(args, shard, is_piped(args), loss)?;
        let styles = styles(args)?;
        check_styles(&styles)?;
        Ok(Self { how, styles, sequence, quality, jobs })
    }
}

/// Whether the picture goes to standard output.
pub fn is_piped(args: &ArgMatches) -> bool {
    required(args, "out") == STANDARD
}

/// Refuses what does not go together with a picture on standard output.
///
/// # Errors
/// Another number of photos than one, a share of them, and a sheet.
pub fn check_piped(args: &ArgMatches, photos: usize, shard: Shard) -> Result<()> {
    let refuse = |name: &str, value: &str, expected: String| {
        Err(Error::BadSetting { name: name.into(), value: value.into(), expected }.into())
    };
    if photos != 1 {
        let expected = format!("there are {photos} photos, and only one picture can go there; name a folder");
        return refuse("out", STANDARD, expected);
    }
    if !shard.is_all() {
        let expected = "the one picture that goes to standard output cannot be shared out; leave it out";
        return refuse("shard", &shard.to_string(), expected.into());
    }
    if let Some(path) = args.get_one::<String>("sheet") {
        let expected = "it shows the pictures in a folder, and this one goes to standard output; leave it out";
        return refuse("sheet", path, expected.into());
    }
    Ok(())
}

fn steps(args: &ArgMatches) -> Result<StyleConfig> {
    let (config, init) = settings(args)?;
    if init.is_some() || config.init == Init::Image {
        let expected = "every photo of a batch is another: start from content, instant, noise or style-colour".into();
        return Err(Error::BadSetting { name: "init".into(), value: "a picture".into(), expected }.into());
    }
    Ok(config)
}

fn jobs(args: &ArgMatches) -> Result<usize> {
    let text = required(args, "jobs");
    text.parse().ok().filter(|jobs| *jobs > 0).ok_or_else(|| {
        let expected = "use a whole number from 1 up".into();
        Error::BadSetting { name: "jobs".into(), value: text.into(), expected }.into()
    })
}
