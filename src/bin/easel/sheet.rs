//! A contact sheet of a batch.

use std::path::PathBuf;

use anyhow::Result;
use easel::{Picture, fit};

/// A cell's side, in pixels, and the white around it.
const SIDE: u32 = 256;
const GAP: u32 = 8;

/// All of these pictures that are there, small, in rows of about as many as there are rows.
pub fn sheet<'a>(pictures: impl Iterator<Item = &'a PathBuf>) -> Result<Picture> {
    let read = |path: &PathBuf| Picture::decode(&path.display().to_string(), &std::fs::read(path).ok()?).ok();
    let pictures: Vec<Picture> = pictures.filter_map(read).collect();
    let columns = (1..).find(|side| side * side >= pictures.len()).unwrap_or(1).max(1);
    let rows = pictures.len().div_ceil(columns).max(1);
    let [width, height] = [columns, rows].map(|count| count as u32 * (SIDE + GAP) + GAP);
    let mut rgba = vec![255; (width * height * 4) as usize];
    for (at, picture) in pictures.iter().enumerate() {
        let (own_width, own_height) = fit(picture.width(), picture.height(), SIDE);
        let small = picture.resized(own_width, own_height).to_rgba();
        let left = GAP + (at % columns) as u32 * (SIDE + GAP) + (SIDE - own_width) / 2;
        let top = GAP + (at / columns) as u32 * (SIDE + GAP) + (SIDE - own_height) / 2;
        for (row, pixels) in small.chunks_exact(4 * own_width as usize).enumerate() {
            let from = 4 * ((top as usize + row) * width as usize + left as usize);
            rgba[from..from + pixels.len()].copy_from_slice(pixels);
        }
    }
    Ok(Picture::from_rgba("The sheet", width, height, &rgba)?)
}
