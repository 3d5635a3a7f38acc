//! Rows of maps and images, cut out and put together again: what it takes to compute in bands.
//!
//! Rows are counted from 0, a border not counted.

use std::ops::Range;

use burn::tensor::Tensor;

use super::maps::{Layout, Maps};
use super::wgsl::{self, Move};

/// What it is that has rows, and so how they lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheet {
    /// Maps, or gradients there.
    Maps(Layout),
    /// An image `[1, 3, H, W]` that belongs to maps of this layout, or the gradient there.
    Image(Layout),
}

impl Sheet {
    /// Whether rows are copied by our kernels.
    fn is_packed(self) -> bool {
        let (Self::Maps(layout) | Self::Image(layout)) = self;
        layout.is_packed()
    }

    /// Rows of zeros above, and as many below.
    fn border(self) -> usize {
        match self {
            Self::Maps(layout) => usize::from(layout.is_packed()),
            Self::Image(_) => 0,
        }
    }

    /// The height of a tensor without its border.
    fn height(self, tensor: &Tensor<4>) -> usize {
        let shape = tensor.dims();
        shape[self.dimension()] - 2 * self.border()
    }

    /// The dimension that counts rows.
    fn dimension(self) -> usize {
        if self.border() > 0 { 1 } else { 2 }
    }

    /// The same shape with another height.
    fn shape(self, like: &Tensor<4>, height: usize) -> [usize; 4] {
        let mut shape = like.dims();
        shape[self.dimension()] = height + 2 * self.border();
        shape
    }

    /// How rows of one tensor are copied to another, borders counted.
    fn copied(self, from: &Tensor<4>, to_shape: [usize; 4], first: [usize; 2], count: usize) -> Move {
        let [_, a, b, c] = from.dims();
        let (planes, pitch) = if self.border() > 0 { (1, b * c) } else { (a, c) };
        let heights = [from.dims(), to_shape].map(|shape| shape[self.dimension()]);
        Move { planes, pitch, heights, first, count }
    }

    /// Rows as a tensor of their own; packed maps get a border of zeros.
    pub fn cut(self, from: &Tensor<4>, rows: Range<usize>) -> Tensor<4> {
        let height = rows.len();
        self.moved(from, rows, 0, height)
    }

    /// Rows as those from `at` on of a tensor of `height` rows, which is zero elsewhere.
    pub fn moved(self, from: &Tensor<4>, rows: Range<usize>, at: usize, height: usize) -> Tensor<4> {
        if rows == (0..self.height(from)) && rows.len() == height {
            return from.clone();
        }
        if !self.is_packed() {
            let below = height - at - rows.len();
            let cut = from.clone().narrow(2, rows.start, rows.len());
            return if rows.len() == height { cut } else { cut.pad([(0, 0), (0, 0), (at, below), (0, 0)], 0.0) };
        }
        let shape = self.shape(from, height);
        let first = [rows.start, at].map(|row| row + self.border());
        wgsl::rows_among_zeros(from.clone(), self.copied(from, shape, first, rows.len()), shape)
    }

    /// Several runs of rows, one below the other, as a tensor of their own: rows `pieces` of the tensors beside them.
    pub fn joined(self, pieces: &[(&Tensor<4>, Range<usize>)]) -> Option<Tensor<4>> {
        let ((first, rows), more) = pieces.split_first()?;
        if !self.is_packed() {
            let parts = pieces.iter().map(|(from, rows)| (*from).clone().narrow(2, rows.start, rows.len()));
            return Some(Tensor::cat(parts.collect(), 2));
        }
        let height = pieces.iter().map(|(_, rows)| rows.len()).sum();
        let (mut whole, mut filled) = (self.moved(first, rows.clone(), 0, height), rows.len());
        for (from, rows) in more {
            let first = [rows.start, filled].map(|row| row + self.border());
            whole = wgsl::rows_into(
                (*from).clone(),
                whole.clone(),
                self.copied(from, whole.dims(), first, rows.len()),
                false,
            );
            filled += rows.len();
        }
        Some(whole)
    }

    /// Adds the rows of one tensor from `first` on to those of another, from its row `at` on. The other may be written over,
    /// whoever else holds it.
    pub fn added(self, from: &Tensor<4>, first: usize, to: Tensor<4>, at: usize) -> Tensor<4> {
        let count = self.height(from) - first;
        if count == 0 {
            return to;
        }
        if !self.is_packed() {
            let below = self.height(&to) - at - count;
            return to + from.clone().narrow(2, first, count).pad([(0, 0), (0, 0), (at, below), (0, 0)], 0.0);
        }
        let step = self.copied(from, to.dims(), [first, at].map(|row| row + self.border()), count);
        wgsl::rows_into(from.clone(), to, step, true)
    }
}

impl Maps {
    /// Some of the rows, as maps of their own; if not all, the upper and the lower edge no longer meet.
    pub fn rows(&self, rows: Range<usize>) -> Self {
        let wrap = if rows.len() == self.height { self.wrap } else { self.wrap.without_rows() };
        Self { height: rows.len(), data: Sheet::Maps(self.layout).cut(&self.data, rows), wrap, ..self.clone() }
    }
}

/// Maps or an image that come in from the top down, some rows at a time.
#[derive(Debug)]
pub struct Rising {
    sheet: Sheet,
    height: usize,
    /// How many rows are there.
    filled: usize,
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    /// One below the other.
    Apart(Vec<Tensor<4>>),
    /// In their place.
    Within(Box<Tensor<4>>),
}

impl Rising {
    /// Maps of so many channels, height and width, beside a tensor on their device.
    pub fn maps([channels, height, width]: [usize; 3], layout: Layout, like: &Tensor<4>) -> Self {
        Self::new(Sheet::Maps(layout), height, [1, height + 2, width + 2, channels], like)
    }

    /// An image of this height and width, or what has its shape.
    pub fn image([height, width]: [usize; 2], layout: Layout, like: &Tensor<4>) -> Self {
        Self::new(Sheet::Image(layout), height, [1, 3, height, width], like)
    }

    fn new(sheet: Sheet, height: usize, shape: [usize; 4], like: &Tensor<4>) -> Self {
        let rows = match sheet.is_packed() {
            true => Rows::Within(Box::new(wgsl::lasting(like, shape))),
            false => Rows::Apart(Vec::new()),
        };
        Self { sheet, height, filled: 0, rows }
    }

    /// What has the shape of these maps and may take their memory, row by row.
    pub fn over(maps: &Maps) -> Self {
        let sheet = Sheet::Maps(maps.layout);
        let rows = match sheet.is_packed() {
            true => Rows::Within(Box::new(maps.data.clone())),
            false => Rows::Apart(Vec::new()),
        };
        Self { sheet, height: maps.height, filled: 0, rows }
    }

    /// Takes the next rows from where they are in a tensor.
    pub fn put(&mut self, from: &Tensor<4>, rows: Range<usize>) {
        if rows.is_empty() {
            return;
        }
        match &mut self.rows {
            // A copy: a view would hold all of what it is a part of.
            Rows::Apart(parts) => parts.push(from.clone().narrow(2, rows.start, rows.len()) * 1.0),
            Rows::Within(whole) => {
                let (sheet, border) = (self.sheet, self.sheet.border());
                let mut copy = |first: [usize; 2], count: usize| {
                    let step = sheet.copied(from, whole.dims(), first, count);
                    **whole = wgsl::rows_into(from.clone(), (**whole).clone(), step, false);
                };
                if border > 0 && self.filled == 0 {
                    copy([0, 0], 1);
                }
                copy([rows.start + border, self.filled + border], rows.len());
                if border > 0 && self.filled + rows.len() == self.height {
                    copy([0, self.height + 1], 1);
                }
            }
        }
        self.filled += rows.len();
    }

    /// The whole, once all rows are there.
    pub fn finish(self) -> Tensor<4> {
        debug_assert_eq!(self.filled, self.height, "rows are missing");
        match self.rows {
            Rows::Apart(parts) => Tensor::cat(parts, 2),
            Rows::Within(whole) => *whole,
        }
    }
}
