//! Matrices on a device: what style is measured by.

use std::ops::{Add, Mul, Sub};

use burn::tensor::Tensor;

use super::maps::Layout;
use super::{plain, wgsl};

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
    /// The identity I with as many rows as this matrix has, on its device.
    pub fn identity(&self) -> Self {
        self.with(Tensor::eye(self.data.dims()[0], &self.data.device()))
    }

    /// Other values in the same layout.
    fn with(&self, data: Tensor<2>) -> Self {
        Self { data, layout: self.layout }
    }

    /// `A B` for A, which is this one (`[R, K]`), and B (`[K, C]`).
    pub fn matmul(&self, b: &Self) -> Self {
        self.matmul_shifted(b, [1.0, 0.0])
    }

    /// `factor · A B + shift · I` for A, which is this one (`[R, K]`), and B (`[K, C]`).
    pub fn matmul_shifted(&self, b: &Self, weights: [f64; 2]) -> Self {
        let (a, b) = (self.data.clone(), b.data.clone());
        self.with(match self.layout {
            Layout::Plain => plain::matmul(a, b, weights),
            Layout::Packed { subgroups, .. } => wgsl::matmul(a, b, weights, subgroups),
        })
    }

    /// `factor · A Bᵀ + shift · I` for A, which is this one (`[R, K]`), and B (`[C, K]`).
    pub fn matmul_transposed(&self, b: &Self, weights: [f64; 2]) -> Self {
        let (a, b) = (self.data.clone(), b.data.clone());
        self.with(match self.layout {
            Layout::Plain => plain::matmul(a, b.transpose(), weights),
            Layout::Packed { subgroups, .. } => wgsl::matmul_transposed(a, b, weights, subgroups),
        })
    }

    /// The sum of the squares of all values, in a few parts (`[n]`) that [`Matrix::scaled_by`] adds up.
    pub fn squares(&self) -> Tensor<1> {
        match self.layout {
            Layout::Plain => self.data.clone().square().sum(),
            Layout::Packed { .. } => wgsl::squares(self.data.clone()),
        }
    }

    /// `A · (Σ sums)^power + shift · I` for A, which is this one; a sum of zero counts as next to nothing (1e-30).
    pub fn scaled_by(&self, sums: &Tensor<1>, power: f64, shift: f64) -> Self {
        let (data, sums) = (self.data.clone(), sums.clone());
        self.with(match self.layout {
            Layout::Plain => plain::scaled_by(data, sums, power, shift),
            Layout::Packed { .. } => wgsl::scaled_by(data, sums, power, shift),
        })
    }

    /// `AᵀA` for A, which is this one and has a single row: `[1, C]` becomes `[C, C]`.
    pub fn outer_square(&self) -> Self {
        self.with(self.data.clone().transpose() * self.data.clone())
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
