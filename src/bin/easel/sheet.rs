//! A contact sheet of a batch.

use std::path::PathBuf;

use anyhow::Result;
use easel::{Picture, fit};

/// A cell's side at most, in pixels, and the white around it.
const SIDE: u32 = 256;
const GAP: u32 = 8;
/// The sheet's side at most: its square is no more than a picture may have.
const WHOLE: u32 = 8000;

/// All of these pictures that are there, small, in rows of about as many as there are rows; the more, the smaller.
pub fn sheet<'a>(pictures: impl Iterator<Item = &'a PathBuf>) -> Result<Picture> {
    let there: Vec<&PathBuf> = pictures.filter(|path| path.is_file()).collect();
    let side = cell(columns(there.len()));
    // Made small at once: thousands of them would not fit the memory as they are.
    let read = |path: &PathBuf| {
        let picture = Picture::decode(&path.display().to_string(), &std::fs::read(path).ok()?).ok()?;
        let (width, height) = fit(picture.width(), picture.height(), side);
        Some(picture.resized(width, height))
    };
    let pictures: Vec<Picture> = there.into_iter().filter_map(read).collect();
    let columns = columns(pictures.len());
    let rows = pictures.len().div_ceil(columns).max(1);
    let [width, height] = [columns, rows].map(|count| count as u32 * (side + GAP) + GAP);
    let mut rgba = vec![255; width as usize * height as usize * 4];
    for (at, picture) in pictures.iter().enumerate() {
        let (own_width, own_height) = (picture.width(), picture.height());
        let small = picture.to_rgba();
        let left = GAP + (at % columns) as u32 * (side + GAP) + (side - own_width) / 2;
        let top = GAP + (at / columns) as u32 * (side + GAP) + (side - own_height) / 2;
        for (row, pixels) in small.chunks_exact(4 * own_width as usize).enumerate() {
            let from = 4 * ((top as usize + row) * width as usize + left as usize);
            rgba[from..from + pixels.len()].copy_from_slice(pixels);
        }
    }
    Ok(Picture::from_rgba("The sheet", width, height, &rgba)?)
}

/// How many columns so many pictures have: about as many as rows.
fn columns(pictures: usize) -> usize {
    (1..).find(|side| side * side >= pictures).unwrap_or(1)
}

/// The side of a cell where there are so many columns.
fn cell(columns: usize) -> u32 {
    let pitch = (WHOLE - GAP) as usize / columns;
    (pitch as u32).saturating_sub(GAP).clamp(1, SIDE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_a_picture_that_can_be_read_however_many_there_are() {
        assert_eq!([0, 1, 2, 4, 5, 900, 901].map(columns), [1, 1, 2, 2, 3, 30, 31]);
        assert_eq!((cell(1), cell(30)), (SIDE, SIDE));
        for count in [901, 15_377, 100_000, 700_000] {
            let columns = columns(count);
            let side = columns * (cell(columns) + GAP) as usize + GAP as usize;
            assert!(side <= WHOLE as usize && side * side <= 64_000_000, "{count}: {side}");
        }
    }
}
