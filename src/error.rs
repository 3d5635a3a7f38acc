//! Everything that can go wrong, said so that a reader knows what happened and what to do.
//!
//! The `Display` text is shown as it is: in the page, as `Error.message` in the JS API and on the
//! command line's standard error. So each message is a sentence, names the thing at fault and ends
//! with a way on.

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

/// The formats decoded: natively by us, in a browser by it.
const READABLE: &str = if cfg!(target_family = "wasm") {
    "PNG, JPEG, WebP, AVIF, GIF or BMP"
} else {
    "PNG, JPEG, WebP, GIF, BMP or TIFF"
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
    #[error("The settings could not be read ({0}). Pass a JSON object such as {{\"size\": 256}}.")]
    SettingsSyntax(String),

    /// The bytes are not a picture we can decode.
    #[error("{what} could not be read as a picture ({reason}). Use a {READABLE} file.")]
    NotAPicture {
        /// Which picture ("The photo", "The painting", a file name).
        what: String,
        /// The decoder's reason.
        reason: String,
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
        "The network's manifest (weights/manifest.json) cannot be used: {0}. Reload the page, or reinstall the weights folder."
    )]
    Manifest(String),

    /// A shard's bytes do not match the manifest.
    #[error("The network file {file} is damaged: {reason}. Reload to fetch it again, or reinstall the weights folder.")]
    Shard {
        /// The shard's file name.
        file: String,
        /// What does not match.
        reason: String,
    },

    /// A weight file given to `pack-weights` is not one it can convert.
    #[error(
        "{file} does not hold VGG19's weights: {reason}. Give the file named in weights/README.md, or a torchvision or timm VGG19 in safetensors form."
    )]
    WeightSource {
        /// The file.
        file: String,
        /// What is missing or wrong.
        reason: String,
    },

    /// The device asked for is not there.
    #[error("{device} is not available here: {reason}. Choose \"auto\" or \"cpu\" instead.")]
    DeviceUnavailable {
        /// The device asked for.
        device: String,
        /// Why.
        reason: String,
    },

    /// The device failed in mid-run.
    #[error("The {device} stopped answering ({reason}). Try again, with a smaller size or on the CPU.")]
    DeviceFailed {
        /// The device in use.
        device: String,
        /// Its own words.
        reason: String,
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
    #[error("The saved run cannot be continued: {0}. Start it again.")]
    Checkpoint(String),

    /// A file could not be read or written.
    #[error("{path}: {reason}.")]
    File {
        /// The path.
        path: String,
        /// The system's reason.
        reason: String,
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

/// The innermost cause of an error whose text lists them ("Caused by:", "Backtrace:"), on one line.
pub fn root_cause(text: &str) -> String {
    let causes = text.split("Backtrace:").next().unwrap_or(text);
    let last = causes.rsplit("Caused by:").next().unwrap_or(causes);
    quoted(&last.split_whitespace().collect::<Vec<_>>().join(" "), 200)
}

fn suggest(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map_or_else(String::new, |name| format!(" Did you mean \"{name}\"?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_list_of_causes_the_innermost_is_told() {
        let listed = "An error happened\nCaused by:\n  An error happened\nCaused by:\n  no buffer\n  could be mapped\nBacktrace:\nnone";
        assert_eq!(root_cause(listed), "no buffer could be mapped");
        assert_eq!(root_cause("plain"), "plain");
    }
}
