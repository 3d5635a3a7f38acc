//! Many matrices worked on in lockstep.
//!
//! A GPU waits for the host more than it works where matrices are small: so what is to be done to several of them is said
//! at once, and done by one launch. The CPU does one after another.

use burn::tensor::Tensor;

use super::maps::Layout;
use super::matrix::Matrix;
use super::sums::Sums;
use super::{plain, wgsl};

/// Matrices of any sizes, all of one layout. In packed ones columns are multiples of 8.
#[derive(Debug, Clone)]
pub struct Batch {
    layout: Layout,
    shapes: Vec<[usize; 2]>,
    data: Data,
}

#[derive(Debug, Clone)]
enum Data {
    Plain(Vec<Tensor<2>>),
    Packed {
        /// The values of all, `[1, 1, 1, n]`.
        data: Box<Tensor<4>>,
        /// Where each begins, and where the next would.
        places: Vec<usize>,
    },
}

/// One matrix of the first or the second of two batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// The matrix of this number of the first.
    First(usize),
    /// The matrix of this number of the second.
    Second(usize),
}

/// How a matrix is found: `nᵖ · (scale · A B + share · X) + shift · I`.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    /// A and B.
    factors: Option<[Pick; 2]>,
    scale: f64,
    /// X and its share.
    added: Option<(Pick, f64)>,
    shift: f64,
    /// Which of the norms' squares n is, and its power p.
    norm: Option<(usize, f64)>,
    is_symmetric: bool,
}

impl Recipe {
    /// `scale · A B`.
    pub fn product(a: Pick, b: Pick, scale: f64) -> Self {
        Self { factors: Some([a, b]), scale, added: None, shift: 0.0, norm: None, is_symmetric: false }
    }

    /// `share · X`.
    pub fn copy(x: Pick, share: f64) -> Self {
        let added = Some((x, share));
        Self { factors: None, scale: 0.0, added, shift: 0.0, norm: None, is_symmetric: false }
    }

    /// This plus `share · X`.
    pub fn plus(self, x: Pick, share: f64) -> Self {
        Self { added: Some((x, share)), ..self }
    }

    /// This plus `shift · I`, I being square.
    pub fn shifted(self, shift: f64) -> Self {
        Self { shift, ..self }
    }

    /// This, the shift apart, times a power of one of the norms' squares.
    pub fn normed(self, norm: usize, power: f64) -> Self {
        Self { norm: Some((norm, power)), ..self }
    }

    /// This, known to be symmetric, so that a half says all.
    pub fn symmetric(self) -> Self {
        Self { is_symmetric: true, ..self }
    }
}

/// The squared Frobenius norms of several matrices, on the device.
#[derive(Debug)]
pub enum Norms {
    /// A scalar for each.
    Plain(Vec<Tensor<1>>),
    /// In parts.
    Packed(Box<Tensor<4>>),
}

impl Batch {
    /// None yet, with room for matrices of so many values together, beside a tensor on its device, to be kept while much else is made.
    pub fn with_room(values: usize, layout: Layout, like: &Tensor<4>) -> Self {
        let data = match layout {
            Layout::Plain => Data::Plain(Vec::new()),
            Layout::Packed { .. } => {
                Data::Packed { data: Box::new(wgsl::lasting(like, [1, 1, 1, values.max(4)])), places: vec![0] }
            }
        };
        Self { layout, shapes: Vec::new(), data }
    }

    /// A copy of a matrix.
    pub fn one(matrix: &Matrix) -> Self {
        Self::beginning(matrix, &[matrix])
    }

    /// Copies of matrices; nothing where there are none.
    pub fn of(matrices: &[&Matrix]) -> Option<Self> {
        Some(Self::beginning(matrices.first()?, matrices))
    }

    fn beginning(first: &Matrix, matrices: &[&Matrix]) -> Self {
        let values = matrices.iter().map(|matrix| matrix.data.shape().num_elements()).sum();
        let mut batch = Self::with_room(values, first.layout, &flat(first.data.clone()));
        for matrix in matrices {
            match batch.layout {
                Layout::Plain => batch.push_plain(matrix.data.clone()),
                Layout::Packed { .. } => batch.push_packed(matrix.data.dims(), |within, place| {
                    wgsl::copy_into(flat(matrix.data.clone()), within, place)
                }),
            }
        }
        batch
    }

    /// Takes one more in, in a plain layout.
    pub(super) fn push_plain(&mut self, matrix: Tensor<2>) {
        self.shapes.push(matrix.dims());
        if let Data::Plain(all) = &mut self.data {
            all.push(matrix);
        }
    }

    /// Takes one more in, in a packed layout: as kernels write it into the tensor from a place on (in values).
    pub(super) fn push_packed(&mut self, shape: [usize; 2], write: impl FnOnce(Tensor<4>, usize) -> Tensor<4>) {
        self.shapes.push(shape);
        if let Data::Packed { data, places } = &mut self.data {
            let place = places.last().copied().unwrap_or_default();
            places.push(place + shape[0] * shape[1]);
            **data = write((**data).clone(), place);
        }
    }

    /// Copies of all of them, to be kept while much else is made.
    pub fn kept(&self) -> Self {
        let copies: Vec<_> = (0..self.shapes.len()).map(|i| Recipe::copy(Pick::First(i), 1.0)).collect();
        products_to_keep([self; 2], &copies)
    }

    /// One of them, by itself.
    pub fn get(&self, number: usize) -> Tensor<2> {
        match &self.data {
            Data::Plain(all) => all[number].clone(),
            Data::Packed { data, places } => {
                let [rows, columns] = self.shapes[number];
                (**data).clone().narrow(3, places[number], rows * columns).reshape([rows, columns])
            }
        }
    }

    /// The tensor one of them is in and where it begins there, in values: how kernels take it.
    pub(super) fn place(&self, number: usize) -> (Tensor<4>, usize) {
        match &self.data {
            Data::Plain(all) => (flat(all[number].clone()), 0),
            Data::Packed { data, places } => ((**data).clone(), places[number]),
        }
    }
}

fn both(a: &Tensor<4>, b: &Tensor<4>) -> [Tensor<4>; 2] {
    [a.clone(), b.clone()]
}

fn flat(matrix: Tensor<2>) -> Tensor<4> {
    let count = matrix.shape().num_elements();
    matrix.reshape([1, 1, 1, count])
}

impl Pick {
    fn of(self, batches: [&Batch; 2]) -> (&Batch, usize) {
        match self {
            Self::First(number) => (batches[0], number),
            Self::Second(number) => (batches[1], number),
        }
    }

    fn get(self, batches: [&Batch; 2]) -> Tensor<2> {
        let (batch, number) = self.of(batches);
        batch.get(number)
    }

    fn shape(self, batches: [&Batch; 2]) -> [usize; 2] {
        let (batch, number) = self.of(batches);
        batch.shapes[number]
    }

    /// Whether it is of the second batch, if these are two, and where it begins in its tensor, in vectors.
    fn vector(self, batches: [&Batch; 2]) -> (Option<bool>, usize) {
        let (batch, number) = self.of(batches);
        let place = match &batch.data {
            Data::Plain(_) => 0,
            Data::Packed { places, .. } => places[number] / 4,
        };
        let is_one = std::ptr::eq(batches[0], batches[1]);
        ((!is_one).then_some(matches!(self, Self::Second(_))), place)
    }
}

/// Matrices by their recipes, from two batches of one layout (or one, named twice). No recipes, no work.
pub fn products(from: [&Batch; 2], recipes: &[Recipe], norms: Option<&Norms>) -> Batch {
    made(from, recipes, norms, false, wgsl::blank)
}

/// The same, to be kept while much else is made: in memory that is no larger than they are.
pub fn products_to_keep(from: [&Batch; 2], recipes: &[Recipe]) -> Batch {
    made(from, recipes, None, false, wgsl::lasting)
}

/// The same with `A Bᵀ` in place of `A B`.
pub fn products_transposed(from: [&Batch; 2], recipes: &[Recipe]) -> Batch {
    made(from, recipes, None, true, wgsl::blank)
}

fn made(
    from: [&Batch; 2],
    recipes: &[Recipe],
    norms: Option<&Norms>,
    transposed: bool,
    blank: impl FnOnce(&Tensor<4>, [usize; 4]) -> Tensor<4>,
) -> Batch {
    let layout = from[0].layout;
    if recipes.is_empty() {
        return Batch { layout, shapes: Vec::new(), data: from[0].data.clone() };
    }
    let shapes: Vec<_> = recipes.iter().map(|recipe| recipe.shape(from, transposed)).collect();
    let data = match (&from[0].data, &from[1].data) {
        (Data::Packed { data: a, .. }, Data::Packed { data: b, .. }) => {
            let norms = match norms {
                Some(Norms::Packed(norms)) => Some((**norms).clone()),
                _ => None,
            };
            let mut places = vec![0];
            let mut rows = Vec::new();
            for (recipe, shape) in recipes.iter().zip(&shapes) {
                let place = places[rows.len()];
                rows.push(recipe.row(from, *shape, place));
                places.push(place + shape[0] * shape[1]);
            }
            let result = blank(a, [1, 1, 1, places[rows.len()]]);
            let data = wgsl::products(both(a, b), norms, &rows, transposed, result, layout);
            Data::Packed { data: Box::new(data), places }
        }
        _ => Data::Plain(recipes.iter().map(|recipe| recipe.plain(from, norms, transposed)).collect()),
    };
    Batch { layout, shapes, data }
}

impl Recipe {
    fn shape(&self, from: [&Batch; 2], transposed: bool) -> [usize; 2] {
        match (self.factors, self.added) {
            (Some([a, b]), _) => [a.shape(from)[0], b.shape(from)[usize::from(!transposed)]],
            (None, Some((x, _))) => x.shape(from),
            (None, None) => [0, 0],
        }
    }

    fn plain(&self, from: [&Batch; 2], norms: Option<&Norms>, transposed: bool) -> Tensor<2> {
        let product = self.factors.map(|[a, b]| {
            let b = b.get(from);
            a.get(from).matmul(if transposed { b.transpose() } else { b }) * self.scale
        });
        let added = self.added.map(|(x, share)| x.get(from) * share);
        let sum = [product, added].into_iter().flatten().reduce(|a, b| a + b);
        let sum = sum.unwrap_or_else(|| from[0].get(0) * 0.0);
        let normed = match (self.norm, norms) {
            (Some((number, power)), Some(Norms::Plain(norms))) => plain::times_power(sum, norms[number].clone(), power),
            _ => sum,
        };
        plain::shifted(normed, self.shift)
    }

    fn row(&self, from: [&Batch; 2], [rows, columns]: [usize; 2], place: usize) -> wgsl::Row {
        let [left, right] = self.factors.map_or([(None, 0); 2], |factors| factors.map(|pick| pick.vector(from)));
        let (added, share) = self.added.map_or(((None, 0), 0.0), |(x, share)| (x.vector(from), share));
        wgsl::Row {
            places: [left.1, right.1, added.1, place / 4],
            in_second: [left.0, right.0, added.0],
            rows,
            inner: self.factors.map_or(0, |[a, _]| a.shape(from)[1] / 4),
            columns: columns / 4,
            scale: self.scale,
            share,
            shift: self.shift,
            is_symmetric: self.is_symmetric,
            norm: self.norm,
            first: 0,
        }
    }
}

impl Norms {
    /// Of matrices from two batches.
    pub fn of(from: [&Batch; 2], picks: &[Pick]) -> Self {
        match (&from[0].data, &from[1].data, from[0].layout) {
            (Data::Packed { data: a, .. }, Data::Packed { data: b, .. }, Layout::Packed { tiling, .. }) => {
                let rows: Vec<_> = picks.iter().map(|pick| pair([*pick; 2], from)).collect();
                Self::Packed(Box::new(wgsl::norms(both(a, b), &rows, tiling)))
            }
            _ => Self::Plain(picks.iter().map(|pick| pick.get(from).square().sum()).collect()),
        }
    }
}

/// What is summed over for a pair of matrices of one shape.
fn pair(picks: [Pick; 2], from: [&Batch; 2]) -> wgsl::Row {
    let [rows, columns] = picks[0].shape(from);
    let [a, b] = picks.map(|pick| pick.vector(from));
    wgsl::Row {
        places: [a.1, b.1, 0, 0],
        in_second: [a.0, b.0, None],
        rows,
        columns: columns / 4,
        ..wgsl::Row::default()
    }
}

/// Adds to totals `factor · Σ a·b` over all values of pairs of matrices; each pair with its total and factor.
pub fn dots(from: [&Batch; 2], pairs: &[([Pick; 2], usize, f64)], sums: &mut Sums) {
    if pairs.is_empty() {
        return;
    }
    match (&from[0].data, &from[1].data, from[0].layout) {
        (Data::Packed { data: a, .. }, Data::Packed { data: b, .. }, Layout::Packed { tiling, .. }) => {
            let rows: Vec<_> = pairs.iter().map(|(picks, ..)| pair(*picks, from)).collect();
            let shares: Vec<_> = pairs.iter().map(|(_, total, factor)| (*total, *factor)).collect();
            let room = sums.rooms(a, &shares, wgsl::PARTS);
            wgsl::dots(both(a, b), &rows, room, tiling);
        }
        _ => {
            for ([a, b], total, factor) in pairs {
                sums.go_on(*total);
                sums.value((a.get(from) * b.get(from)).sum(), *factor);
            }
        }
    }
}
