//! Matrices on a device: what style is measured by.

use std::ops::{Add, Mul, Sub};

use burn::tensor::Tensor;

use super::maps::Layout;

/// A matrix of R rows and K columns.
///
/// In packed layouts its sides suit the kernels: columns a multiple of 8, and of 4 where they are summed over.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// The values, `[R, K]`.
    pub data: Tensor<2>,
    /// How the maps lie that it belongs to, and so which kernels take it.
    pub layout: Layout,
}

impl Matrix {
    /// `AᵀA` for A, which is this one and has a single row: `[1, C]` becomes `[C, C]`.
    pub fn outer_square(&self) -> Self {
        Self { data: self.data.clone().transpose() * self.data.clone(), layout: self.layout }
    }
}

impl Add for Matrix {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { data: self.data + other.data, layout: self.layout }
    }
}

impl Sub for Matrix {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { data: self.data - other.data, layout: self.layout }
    }
}

impl Mul<f64> for Matrix {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self { data: self.data * factor, layout: self.layout }
    }
}
