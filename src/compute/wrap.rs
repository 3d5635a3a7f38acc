//! Tensors that go on beyond their edges with what is at the opposite ones (circular padding).

use burn::tensor::Tensor;

use super::numbers::Wrap;

/// `x` (`[N, C, H, W]`) with so many more rows and columns on either side, at most as many as there are, where the edges meet.
pub fn padded(x: Tensor<4>, wrap: Wrap, [rows, columns]: [usize; 2]) -> Tensor<4> {
    let along = |x: Tensor<4>, dimension: usize, by: usize| {
        let side = x.dims()[dimension];
        let before = x.clone().narrow(dimension, side - by, by);
        let after = x.clone().narrow(dimension, 0, by);
        Tensor::cat(vec![before, x, after], dimension)
    };
    let x = if wrap.rows() && rows > 0 { along(x, 2, rows) } else { x };
    if wrap.columns() && columns > 0 { along(x, 3, columns) } else { x }
}
