//! Which kernels convolve packed maps on a device: the one place where that is decided.
//!
//! All forms compute the same. Software adapters reward large tiles in registers, which spill on every GPU that was looked at;
//! GPUs reward small tiles, and Winograd's algorithm (Lavin & Gray 2015) where there are channels enough for its products to
//! outweigh its transforms. Its weights take four times the memory, so small devices go without.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::error::{Error, Result};

/// How packed maps are convolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// In tiles of 4 × 4 pixels and 8 channels, held in registers.
    Software,
    /// In tiles of 2 × 4 pixels and 4 channels.
    Direct,
    /// By Winograd's F(4×4, 3×3) where it pays, else directly.
    Winograd(Winograd),
}

/// What Winograd's form can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Winograd {
    /// The tile of its products; by size if none is named.
    pub tile: Option<WinogradTile>,
    /// How many bytes either buffer of transformed maps may take; larger maps go in bands of rows.
    pub scratch: usize,
}

/// What a workgroup computes of one of Winograd's products, rows × columns, and how many terms of the sums it holds at a time.
/// Rows are tiles of the picture, columns and terms are channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WinogradTile {
    /// 128 × 64 in 16 terms, 8 × 8 an invocation.
    Rows128,
    /// 64 × 64 in 16 terms, 4 × 8 an invocation.
    Rows64,
    /// 32 × 64 in 16 terms, 4 × 8 an invocation.
    Rows32,
    /// 16 × 64 in 32 terms, 4 × 4 an invocation.
    Rows16,
}

impl WinogradTile {
    /// All of them, the largest first.
    pub const ALL: [Self; 4] = [Self::Rows128, Self::Rows64, Self::Rows32, Self::Rows16];

    /// Rows, columns and terms.
    pub fn sides(self) -> [usize; 3] {
        match self {
            Self::Rows128 => [128, 64, 16],
            Self::Rows64 => [64, 64, 16],
            Self::Rows32 => [32, 64, 16],
            Self::Rows16 => [16, 64, 32],
        }
    }

    /// Rows and columns of an invocation.
    pub fn own(self) -> [usize; 2] {
        match self {
            Self::Rows128 => [8, 8],
            Self::Rows64 | Self::Rows32 => [4, 8],
            Self::Rows16 => [4, 4],
        }
    }
}

/// The word for a tile: `64x64x16`.
impl fmt::Display for WinogradTile {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let [rows, columns, terms] = self.sides();
        write!(f, "{rows}x{columns}x{terms}")
    }
}

/// Workgroups that keep a large GPU busy: with fewer, smaller tiles are faster though each does less per load. On an H200, 144
/// and 288 of 64 × 64 were a tenth slower than twice as many of 32 × 64; 1152 were faster by as much.
const BUSY: usize = 300;

/// A binding of a device that has memory for the transformed weights of all layers (205 MB) can be as large as this, in bytes.
const ROOMY: u64 = 512 << 20;

impl Winograd {
    /// The channels that workgroups take at a time: both counts are multiples of them.
    pub const CHANNELS: usize = 64;
    /// The points at which the polynomials are multiplied, and so the number of products.
    pub const POINTS: usize = 36;
    /// Pixels along a tile's side.
    pub const SIDE: usize = 4;

    /// Whether a convolution of so many channels is done so, however small the maps: then a device need not hold the weights
    /// themselves beside the transformed ones.
    pub fn pays(inputs: usize, outputs: usize) -> bool {
        // No channels are no multiple here.
        let fits = |channels: usize| channels > 0 && channels.is_multiple_of(Self::CHANNELS);
        fits(inputs) && fits(outputs)
    }

    /// The tile for products of so many rows and columns.
    pub fn tile(&self, rows: usize, columns: usize) -> WinogradTile {
        let by_size = || match rows {
            0..=16 => WinogradTile::Rows16,
            _ if Self::POINTS * rows.div_ceil(64) * (columns / 64) < BUSY => WinogradTile::Rows32,
            _ => WinogradTile::Rows64,
        };
        self.tile.unwrap_or_else(by_size)
    }

    /// All that [`Winograd::tile`] may say.
    pub fn tiles(&self) -> Vec<WinogradTile> {
        self.tile
            .map_or_else(|| vec![WinogradTile::Rows64, WinogradTile::Rows32, WinogradTile::Rows16], |tile| vec![tile])
    }

    /// With smaller buffers, for where memory is short.
    pub fn sparing(self) -> Self {
        Self { scratch: self.scratch.min(16 << 20), ..self }
    }

    /// The bands of rows that maps go in, as the numbers of their tiles; `channels` is the larger of both counts. All have
    /// about the same height, so that one's buffers serve the next.
    pub fn bands(&self, height: usize, width: usize, channels: usize) -> impl Iterator<Item = Range<usize>> {
        let [down, across] = [height, width].map(|side| side.div_ceil(Self::SIDE));
        let each = size_of::<f32>() * Self::POINTS * across * channels;
        let bands = down.div_ceil((self.scratch / each).max(1));
        let band = down.div_ceil(bands);
        (0..down).step_by(band).map(move |from| from * across..(from + band).min(down) * across)
    }
}

impl Default for Winograd {
    fn default() -> Self {
        Self { tile: None, scratch: 32 << 20 }
    }
}

impl Form {
    /// What a device is believed to do best, by what it is, what it is called and the largest binding it allows, in bytes.
    pub fn of(is_software: bool, name: &str, binding: u64) -> Self {
        match () {
            () if is_software => Self::Software,
            () if is_phone(name) || binding < ROOMY => Self::Direct,
            () => Self::Winograd(Winograd::default()),
        }
    }

    /// All forms that are worth trying on a device, in Winograd's with every tile.
    pub fn candidates() -> Vec<Self> {
        let forced = |tile| Self::Winograd(Winograd { tile: Some(tile), ..Winograd::default() });
        let rest = [Self::Software, Self::Direct, Self::Winograd(Winograd::default())];
        rest.into_iter().chain(WinogradTile::ALL.map(forced)).collect()
    }

    /// Whether it is Winograd's for this convolution, and how.
    pub fn winograd(self, inputs: usize, outputs: usize) -> Option<Winograd> {
        match self {
            Self::Winograd(winograd) if Winograd::pays(inputs, outputs) => Some(winograd),
            _ => None,
        }
    }

    /// The same for where memory is short.
    pub fn sparing(self) -> Self {
        match self {
            Self::Winograd(winograd) => Self::Winograd(winograd.sparing()),
            other => other,
        }
    }

    /// For people: the tiles in use.
    pub fn variants(self) -> String {
        match self {
            Self::Software => "direct 4×4×2".into(),
            Self::Direct => "direct 2×4×1".into(),
            Self::Winograd(Winograd { tile, .. }) => {
                let tile = tile.unwrap_or(WinogradTile::Rows64).to_string().replace('x', "×");
                format!("winograd {tile}, direct 2×4×1")
            }
        }
    }
}

/// Whether a GPU is a phone's, by its name: natively that of the product, in a browser often no more than vendor and architecture.
fn is_phone(name: &str) -> bool {
    let name = name.to_lowercase();
    let is_makers = || name.split_whitespace().any(|word| ["arm", "samsung", "huawei"].contains(&word));
    ["adreno", "mali", "powervr", "qualcomm", "img-tec"].iter().any(|word| name.contains(word)) || is_makers()
}

/// The word for a form: `software`, `direct`, `winograd`, or with a tile for every size `winograd-64x64x16`; with other scratch
/// buffers than usual, in mebibytes, `winograd@8`.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self::Winograd(Winograd { tile, scratch, .. }) = *self else {
            return f.write_str(if *self == Self::Direct { "direct" } else { "software" });
        };
        f.write_str("winograd")?;
        if let Some(tile) = tile {
            write!(f, "-{tile}")?;
        }
        if scratch != Winograd::default().scratch {
            write!(f, "@{}", scratch >> 20)?;
        }
        Ok(())
    }
}

impl FromStr for Form {
    type Err = Error;

    /// One of the words for [`Form::candidates`], in Winograd's form with other scratch buffers if it says so.
    fn from_str(word: &str) -> Result<Self> {
        let candidates = Self::candidates();
        let named = |name: &str| candidates.iter().find(|form| form.to_string() == name).copied();
        let scratched = |(name, mebibytes): (&str, &str)| match (named(name)?, mebibytes.parse::<u16>().ok()?) {
            (Self::Winograd(winograd), mebibytes @ 1..) => {
                Some(Self::Winograd(Winograd { scratch: usize::from(mebibytes) << 20, ..winograd }))
            }
            _ => None,
        };
        named(word).or_else(|| word.split_once('@').and_then(scratched)).ok_or_else(|| Error::BadSetting {
            name: "kernels".into(),
            value: format!("{word:?}"),
            expected: format!("use one of {}", candidates.iter().map(Self::to_string).collect::<Vec<_>>().join(", ")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_get_what_they_are_believed_to_do_best() {
        let winograd = Form::Winograd(Winograd::default());
        assert_eq!(Form::of(true, "google swiftshader", 1 << 30), Form::Software);
        assert_eq!(Form::of(false, "NVIDIA GeForce RTX 4070", 2 << 30), winograd);
        assert_eq!(Form::of(false, "Intel(R) Iris(R) Xe Graphics", 128 << 20), Form::Direct, "no room");
        for phone in ["Qualcomm Adreno (TM) 740", "arm valhall", "samsung rdna-3", "Mali-G715"] {
            assert_eq!(Form::of(false, phone, 2 << 30), Form::Direct, "{phone}");
        }
        assert_eq!(Form::of(false, "amd rdna-3", 2 << 30), winograd, "no phone");
    }

    #[test]
    fn words_and_forms_name_each_other() {
        for form in Form::candidates() {
            assert_eq!(form.to_string().parse::<Form>().ok(), Some(form));
        }
        let word = "winograd-32x64x16@8";
        let narrow = word.parse::<Form>().expect("a form");
        assert_eq!(narrow.to_string(), word);
        assert!(matches!(
            narrow,
            Form::Winograd(Winograd { tile: Some(WinogradTile::Rows32), scratch: 8_388_608, .. })
        ));
        assert!("winograd@0".parse::<Form>().is_err() && "direct@8".parse::<Form>().is_err());
        let error = "strassen".parse::<Form>().expect_err("no such form").to_string();
        assert!(error.contains("winograd-64x64x16"), "{error}");
    }

    #[test]
    fn bands_fit_into_the_scratch_buffers_and_cover_all_rows() {
        let winograd = Winograd::default();
        for (side, channels) in [(64, 512), (512, 64), (1024, 128), (4096, 64)] {
            let mut next = 0;
            for tiles in winograd.bands(side, side, channels) {
                assert_eq!(tiles.start, next);
                assert!(4 * 36 * tiles.len() * channels <= winograd.scratch, "{side}² of {channels}");
                next = tiles.end;
            }
            assert_eq!(next, side / 4 * (side / 4));
        }
        assert_eq!(winograd.bands(64, 64, 512).count(), 1, "all at once");
        let tight = Winograd { scratch: 1, ..winograd };
        assert_eq!(tight.bands(61, 64, 512).count(), 16, "no less than a row of tiles");
    }

    #[test]
    fn small_products_get_small_tiles() {
        let tile = |rows, columns| Winograd::default().tile(rows, columns);
        // Maps of 8², 32², 64² with 512 channels and of 512² with 64.
        assert_eq!([tile(4, 512), tile(64, 512)], [WinogradTile::Rows16, WinogradTile::Rows32]);
        assert_eq!([tile(256, 512), tile(7000, 64)], [WinogradTile::Rows64; 2]);
    }
}
