//! The transformer: a photo, and 100 numbers of a painting, to a picture, in one pass (Ghiasi et al. 2017, "Exploring the
//! structure of a real-time, arbitrary neural artistic stylization network").
//!
//! Three convolutions bring the picture to a quarter of its size, five residual blocks work there, three more
//! convolutions, the picture enlarged before two of them, bring it back. All but the first three are followed by
//! an instance normalisation whose scale and shift are made from the numbers: that is where the painting comes in.
//! Scale and shift depend linearly on the numbers, so that paintings can be mixed by mixing their numbers, and
//! a picture can have several, each where its share says.
//!
//! What is normalised is kept whole, so that statistics are those of all of the picture, however large.

use super::arch::{EPSILON, Stage, TRANSFORMER, VECTOR};
use super::weights::SetWeights;
use crate::compute::{Activation, Field, Kernel, Place, Shares, Styling, Window};
use crate::error::Result;

/// The picture's sides are made multiples of this.
const GRAIN: usize = 4;
/// The resolutions it works at: the picture's, half and a quarter of it.
const LEVELS: usize = 3;

/// Paintings as the transformer knows them.
#[derive(Debug, Clone)]
pub struct Paintings {
    /// Each painting's numbers, [`VECTOR`] of them.
    pub vectors: Vec<Vec<f32>>,
    /// Where there are several, how much of each every pixel has: `height · width`, row by row, times as many as there
    /// are vectors. A pixel's add up to 1.
    pub shares: Option<Vec<f32>>,
}

/// The network with its weights in their place.
#[derive(Debug, Clone)]
pub struct Transformer {
    contract: Vec<Window>,
    residual: Vec<[Restyled; 2]>,
    expand: Vec<Restyled>,
    place: Place,
}

/// A convolution and the normalisation after it.
#[derive(Debug, Clone)]
struct Restyled {
    filter: Window,
    gamma: Kernel,
    beta: Kernel,
}

impl Transformer {
    /// Puts the weights in their place.
    ///
    /// # Panics
    /// When they are the other network's.
    pub fn new(weights: &SetWeights, place: Place) -> Self {
        let filter = |stage: &Stage| {
            Window::new(&weights.kernel(stage.name), stage.stride, if stage.doubled { 2 } else { 1 }, &place)
        };
        let restyled = |stage: &Stage| {
            let [gamma, beta] = ["gamma", "beta"].map(|part| weights.kernel(&format!("{}.{part}", stage.name)));
            Restyled { filter: filter(stage), gamma, beta }
        };
        let (contract, styled): (Vec<_>, Vec<_>) = TRANSFORMER.iter().partition(|stage| !stage.normalised);
        let (expand, residual): (Vec<_>, Vec<_>) =
            styled.into_iter().partition(|stage: &&Stage| stage.name.starts_with("expand"));
        Self {
            contract: contract.into_iter().map(filter).collect(),
            residual: residual.chunks_exact(2).map(|pair| [restyled(pair[0]), restyled(pair[1])]).collect(),
            expand: expand.into_iter().map(restyled).collect(),
            place,
        }
    }

    /// Paints a picture given as three planes of `[height, width]`, RGB in \[0, 1\]: planes of the same size.
    ///
    /// Sides that are no multiple of four are continued by their mirror image, and the result is cut again.
    ///
    /// # Errors
    /// The device's failure.
    ///
    /// # Panics
    /// When planes, vectors or shares are not as many as they should be, or there is no vector.
    pub async fn paint(&self, planes: &[f32], size: [usize; 2], paintings: &Paintings) -> Result<Vec<f32>> {
        assert!(paintings.vectors.iter().all(|vector| vector.len() == VECTOR), "{VECTOR} numbers a painting");
        let padded = size.map(|extent| extent.next_multiple_of(GRAIN));
        let mut field = Field::from_planes(&continued(planes, size, padded, 3), padded, &self.place);
        for filter in &self.contract {
            field = field.convolved(filter).rectified();
        }
        let style = Style { vectors: &paintings.vectors, levels: self.levels(paintings, size) };
        for [first, second] in &self.residual {
            let inner = first.apply(&field, &style, Activation::Relu, None);
            field = second.apply(&inner, &style, Activation::Identity, Some(&field));
        }
        if let Some((last, expand)) = self.expand.split_last() {
            for stage in expand {
                field = stage.apply(&field, &style, Activation::Relu, None);
            }
            field = last.apply(&field, &style, Activation::Sigmoid, None);
        }
        field.into_planes(3, size).await
    }

    /// The shares at the picture's size, at half and at a quarter of it; nothing where one painting has all.
    fn levels(&self, paintings: &Paintings, [height, width]: [usize; 2]) -> Vec<Shares> {
        let Some(shares) = &paintings.shares else { return Vec::new() };
        let styles = paintings.vectors.len();
        let planes: Vec<f32> =
            (0..styles).flat_map(|style| shares.iter().skip(style).step_by(styles).copied()).collect();
        let mut size = [height, width].map(|extent| extent.next_multiple_of(GRAIN));
        let mut planes = continued(&planes, [height, width], size, styles);
        let mut levels = Vec::new();
        while levels.len() < LEVELS {
            let pixels = size[0] * size[1];
            let values = (0..pixels).flat_map(|at| (0..styles).map(move |style| style * pixels + at));
            levels.push(Shares::new(values.map(|index| planes[index]).collect(), size, styles, &self.place));
            planes = halved(&planes, size);
            size = size.map(|extent| extent / 2);
        }
        levels
    }
}

/// What the normalisations are to make of a picture.
struct Style<'a> {
    vectors: &'a [Vec<f32>],
    /// At each of the network's resolutions, or none.
    levels: Vec<Shares>,
}

impl Restyled {
    fn apply(&self, field: &Field, style: &Style, activation: Activation, below: Option<&Field>) -> Field {
        let [gamma, beta] = [&self.gamma, &self.beta]
            .map(|kernel| style.vectors.iter().map(|vector| projected(kernel, vector)).collect::<Vec<_>>());
        let field = field.convolved(&self.filter);
        let shares = style.levels.iter().find(|shares| shares.size() == field.size());
        let styling = Styling { gamma: &gamma, beta: &beta, epsilon: EPSILON, shares, activation };
        field.restyled(&styling, below)
    }
}

/// A 1 × 1 layer of a vector: as many values as a field has channels, the empty ones' being zero.
fn projected(kernel: &Kernel, vector: &[f32]) -> Vec<f32> {
    let rows = kernel.weight.chunks_exact(vector.len());
    let mut values: Vec<f32> = (rows.zip(&kernel.bias))
        .map(|(row, bias)| bias + row.iter().zip(vector).map(|(weight, value)| weight * value).sum::<f32>())
        .collect();
    values.resize(values.len().next_multiple_of(GRAIN), 0.0);
    values
}

/// Planes continued to the right and downwards by their mirror image.
fn continued(planes: &[f32], [height, width]: [usize; 2], [rows, columns]: [usize; 2], count: usize) -> Vec<f32> {
    if [height, width] == [rows, columns] {
        return planes.to_vec();
    }
    // The border pixel stands once, and a side of one pixel is repeated.
    let source = |place: usize, extent: usize| match place {
        _ if place < extent => place,
        _ => (2 * (extent - 1)).saturating_sub(place).min(extent - 1),
    };
    (0..count)
        .flat_map(|plane| (0..rows).flat_map(move |row| (0..columns).map(move |column| (plane, row, column))))
        .map(|(plane, row, column)| planes[(plane * height + source(row, height)) * width + source(column, width)])
        .collect()
}

/// Planes of half the height and width: the mean of two pixels by two.
fn halved(planes: &[f32], [height, width]: [usize; 2]) -> Vec<f32> {
    let pair = |plane: &[f32], row: usize, column: usize| {
        let at = row * width + column;
        (plane[at] + plane[at + 1] + plane[at + width] + plane[at + width + 1]) / 4.0
    };
    planes
        .chunks_exact(height * width)
        .flat_map(|plane| {
            (0..height / 2).flat_map(move |row| (0..width / 2).map(move |column| pair(plane, 2 * row, 2 * column)))
        })
        .collect()
}
