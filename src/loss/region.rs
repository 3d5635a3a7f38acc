//! A painting's region: the part of the picture whose statistics it shapes (Gatys et al. 2017,
//! "Controlling Perceptual Factors in Neural Style Transfer", §4).
//!
//! A region is a list of pixels at each layer. The layer's activations there are gathered into maps of
//! their own, so that every style loss works on them as on any others, and the gradient is scattered
//! back. Departure from the paper: its masks are soft; here a pixel is inside or not.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::room::inside;
use crate::compute::{self, Maps};
use crate::picture::Picture;

/// One layer's pixels of a region.
#[derive(Debug, Clone)]
pub struct Region {
    /// For each gathered pixel, its number, row by row: ascending.
    numbers: Arc<[u32]>,
    /// The same on the device, once it was asked for.
    places: OnceCell<Tensor<4>>,
    /// Height and width of what they are gathered into.
    size: [usize; 2],
    /// The share of the layer's pixels that are inside.
    share: f64,
    device: Device,
}

impl Region {
    /// The pixels of a layer of `[height, width]` where the mask, brought to that size, is at least half
    /// white; nothing when there are none.
    ///
    /// They are gathered into a rectangle that is about square: up to one of its sides fewer than there are.
    pub fn new(mask: &Picture, [height, width]: [usize; 2], device: &Device) -> Option<Self> {
        let inside = inside(mask, [height, width]);
        let places: Vec<u32> = inside.into_iter().zip(0..).filter(|(inside, _)| *inside).map(|(_, at)| at).collect();
        let columns = places.len().isqrt();
        if columns == 0 {
            return None;
        }
        let rows = places.len() / columns;
        let share = places.len() as f64 / (height * width) as f64;
        Some(Self::of(&places[..rows * columns], [rows, columns], share, device))
    }

    /// These pixels of a layer of `[height, width]`, numbered row by row: ascending, as many as a rectangle of this size has.
    pub fn listed(numbers: &[u32], size: [usize; 2], [height, width]: [usize; 2], device: &Device) -> Self {
        Self::of(numbers, size, numbers.len() as f64 / (height * width) as f64, device)
    }

    fn of(numbers: &[u32], size: [usize; 2], share: f64, device: &Device) -> Self {
        Self { numbers: numbers.into(), places: OnceCell::new(), size, share, device: device.clone() }
    }

    /// The share of the layer that is inside, in (0, 1].
    pub fn share(&self) -> f64 {
        self.share
    }

    /// How many pixels are gathered.
    pub fn pixels(&self) -> usize {
        self.numbers.len()
    }

    /// Their numbers, row by row: ascending.
    #[cfg(test)]
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The pixels within some rows of a layer of this width, counted from the first of these rows: as one rectangle and what that
    /// leaves over, each with how many pixels of the region there are before.
    pub fn within(&self, rows: Range<usize>, width: usize) -> Vec<(usize, Self)> {
        let place = |row: usize| self.numbers.partition_point(|&number| (number as usize) < row * width);
        let (from, to) = (place(rows.start), place(rows.end));
        let first = (rows.start * width) as u32;
        let numbers: Vec<u32> = self.numbers[from..to].iter().map(|number| number - first).collect();
        let columns = numbers.len().isqrt();
        let lines = numbers.len().checked_div(columns).unwrap_or(0);
        let (square, rest) = numbers.split_at(lines * columns);
        let pieces = [(from, square, [lines, columns]), (from + square.len(), rest, [1, rest.len()])];
        let filled = pieces.into_iter().filter(|(_, numbers, _)| !numbers.is_empty());
        filled.map(|(before, numbers, size)| (before, Self::of(numbers, size, self.share, &self.device))).collect()
    }

    fn places(&self) -> &Tensor<4> {
        self.places.get_or_init(|| {
            let numbers: Vec<f32> = self.numbers.iter().map(|&number| number as f32).collect();
            let shape = [1, 1, 1, numbers.len()];
            Tensor::from_data(TensorData::new(numbers, shape), &self.device)
        })
    }

    /// The activations inside.
    pub fn gather(&self, maps: &Maps) -> Maps {
        compute::gather(maps, self.places(), self.size)
    }

    /// A gradient at what was gathered, as one at `maps`: zero outside.
    pub fn scatter(&self, gradient: Tensor<4>, maps: &Maps) -> Tensor<4> {
        compute::scatter(gradient, self.places(), self.size, maps)
    }
}
