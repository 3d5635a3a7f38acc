//! How far each pixel of one frame is from its place in another.

use super::plane::between;

/// For each pixel of a frame, how far away it is in another frame of the same size, in pixels to the right and down.
#[derive(Debug, Clone)]
pub struct Flow {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Row by row.
    pub(super) movements: Vec<[f32; 2]>,
}

impl Flow {
    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width as u32, self.height as u32)
    }

    /// A pixel's movement, in pixels to the right and down; beyond the border, the nearest pixel's.
    pub fn at(&self, x: isize, y: isize) -> [f32; 2] {
        let inside = |place: isize, side: usize| place.clamp(0, side as isize - 1) as usize;
        self.movements[inside(y, self.height) * self.width + inside(x, self.width)]
    }

    /// The movement at a place between pixels, linear both ways.
    pub(super) fn between_pixels(&self, x: f32, y: f32) -> [f32; 2] {
        between(x, y, |x, y| self.at(x, y))
    }

    /// The same at twice the size.
    pub(super) fn doubled(&self, width: usize, height: usize) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| [x as f32 / 2.0, y as f32 / 2.0]));
        let movements = places.map(|[x, y]| self.between_pixels(x, y).map(|way| 2.0 * way)).collect();
        Self { width, height, movements }
    }

    /// Other movements of as many pixels.
    pub(super) fn with(self, movements: Vec<[f32; 2]>) -> Self {
        Self { movements, ..self }
    }
}
