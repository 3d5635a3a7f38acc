//! The Wasserstein-2 style loss: the distance between two Gaussians that have the activations' means and
//! covariances (crowsonkb/style-transfer-pytorch; Olkin & Pukelsheim 1982 for the distance).
//!
//! Per layer of C channels, with means μ, μₛ and covariances K, Kₛ (of centred activations, plus
//! `RIDGE` on the diagonal), the loss is
//! `mean((μ − μₛ)²) + tr(K + Kₛ − 2 (Kₛ^½ K Kₛ^½)^½) / C`.
//!
//! The last root's trace is the nuclear norm of A = Kₛ^½ K^½: ⟨U, A⟩ with U the orthogonal polar factor of A, which
//! Newton–Schulz finds without squaring A and so without losing its many small singular values. The gradient with
//! respect to K is (I − T) / C with the *transport map* T = Kₛ^½ U K^-½ (T K T = Kₛ).
//!
//! Where there are fewer pixels than channels, as in deep layers of small pictures, a smaller matrix has the same
//! singular values: with X the centred activations of N pixels and the ridge of K left aside (it moves the
//! value by less than a thousandth), B = Xᵀ Kₛ^½ / √N.
//!
//! All layers' matrices are worked on in lockstep: [`Look::see`] takes the statistics of each as it comes by, [`Look::solve`]
//! finds what becomes of them together, and [`Solved::gradient`] says what that means for each layer's activations. Nothing is
//! read from the device on the way.

use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::Tensor;

use super::moments::{Moments, RIDGE};
use super::roots::{polar_factors, roots};
use crate::compute::{
    self, Batch, Layout, Maps, Matrix, Pick, Recipe, Sums, dots, products, products_to_keep, products_transposed,
};
use crate::error::Result;

/// Several layers' styles to reach. A clone shares its tensors and its roots.
#[derive(Debug, Clone)]
pub struct Goals {
    /// μₛ, each.
    means: Vec<Matrix>,
    /// Kₛ, all; nothing where there are no styles.
    covariances: Option<Batch>,
    /// tr Kₛ, each.
    traces: Vec<f64>,
    /// Channels, each.
    channels: Vec<usize>,
    /// Kₛ^½ of those that were asked for last.
    roots: Arc<Mutex<Option<Arc<GoalRoots>>>>,
}

/// Roots of some goals' covariances.
#[derive(Debug)]
struct GoalRoots {
    /// Which goals', in order.
    of: Vec<usize>,
    roots: Batch,
}

impl Goals {
    /// Prepares the goals.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn new(moments: Vec<Moments>) -> Result<Self> {
        let matrices: Vec<_> = moments.iter().map(|moments| &moments.covariance).collect();
        let Some(first) = matrices.first() else {
            return Ok(Self {
                means: Vec::new(),
                covariances: None,
                traces: Vec::new(),
                channels: Vec::new(),
                roots: Arc::default(),
            });
        };
        let mut sums = Sums::new(first.layout);
        for matrix in &matrices {
            sums.begin();
            let identity = Tensor::eye(matrix.data.dims()[0], &matrix.data.device());
            sums.dot(matrix.data.clone(), identity, 1.0);
        }
        let traces = sums.read().await?;
        Ok(Self {
            covariances: Batch::of(&matrices),
            traces,
            channels: matrices.iter().map(|matrix| matrix.data.dims()[0]).collect(),
            means: moments.into_iter().map(|moments| moments.mean).collect(),
            roots: Arc::default(),
        })
    }

    /// Room for as many matrices as there are goals.
    fn room(&self, layout: Layout, like: &Tensor<4>) -> Batch {
        Batch::with_room(self.channels.iter().map(|channels| channels * channels).sum(), layout, like)
    }

    /// Begins to look at an image.
    pub fn look(&self) -> Look<'_> {
        Look { goals: self, seen: Vec::new(), batch: None }
    }

    /// The loss of one layer's activations by itself: its gradient there, in their layout, and its value among the sums.
    pub fn loss(&self, goal: usize, maps: &Maps, weight: f64, sums: &mut Sums) -> Tensor<4> {
        let mut look = self.look();
        look.see(goal, maps, weight, sums);
        look.solve(sums).gradient(0, maps)
    }

    /// Kₛ^½ of these goals; they seldom change, so the last ones are kept.
    fn roots(&self, covariances: &Batch, of: Vec<usize>) -> Arc<GoalRoots> {
        let mut kept = self.roots.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(kept) if kept.of == of => kept.clone(),
            _ => {
                let picks: Vec<_> = of.iter().map(|goal| Pick::First(*goal)).collect();
                let made = Arc::new(GoalRoots { roots: roots([covariances; 2], &picks).kept(), of });
                kept.insert(made).clone()
            }
        }
    }
}

impl GoalRoots {
    /// The second batch's root of this goal's.
    fn second(&self, goal: usize) -> Pick {
        Pick::Second(self.of.iter().position(|other| *other == goal).unwrap_or_default())
    }
}

/// Up to so many channels Kₛ^½ is cheap enough to be taken for few pixels too; with more it would cost small pictures
/// more than their network. Without it the root is taken of M = B Bᵀ = Xᵀ Kₛ X / N, whose smallest eigenvalues are lost
/// in the square's span: values are half a hundredth too high at most, pixels being few there.
const FEW_CHANNELS: usize = 256;

/// How a layer's distance is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From K: as many pixels as channels or more.
    Covariance,
    /// From B, by its polar factor.
    Factor,
    /// From M, by its root.
    Square,
}

/// One layer's activations, as far as the loss looks at them.
#[derive(Debug)]
struct Seen {
    goal: usize,
    way: Way,
    mean: Matrix,
    pixels: f64,
    /// The loss's weight by the number of channels.
    each: f64,
    /// Its total among the sums.
    total: usize,
}

impl Way {
    /// For so many pixels and channels.
    fn of(pixels: usize, channels: usize) -> Self {
        match channels {
            channels if pixels >= channels => Self::Covariance,
            channels if channels <= FEW_CHANNELS => Self::Factor,
            _ => Self::Square,
        }
    }
}

/// Whether the moments of so many pixels of so many channels tell all that [`Look`] wants to know; else it has to see the pixels.
pub fn moments_suffice(pixels: usize, channels: usize) -> bool {
    Way::of(pixels, channels) == Way::Covariance
}

/// Some layers' activations on their way to be compared with the goals.
#[derive(Debug)]
pub struct Look<'a> {
    goals: &'a Goals,
    seen: Vec<Seen>,
    /// K of each layer, or the centred activations as rows.
    batch: Option<Batch>,
}

impl<'a> Look<'a> {
    /// Takes in a layer's activations, to be compared with this goal; the loss begins a total among the sums. The number by which
    /// [`Solved::gradient`] knows them.
    pub fn see(&mut self, goal: usize, maps: &Maps, weight: f64, sums: &mut Sums) -> usize {
        let goals = self.goals;
        let way = Way::of(maps.pixels(), maps.channels);
        let (each, total) = (weight / maps.channels as f64, sums.begin());
        let batch = self.batch.get_or_insert_with(|| goals.room(maps.layout, &maps.data));
        let mean = compute::mean(maps);
        let means = [&mean, &goals.means[goal]];
        match way {
            Way::Covariance => compute::push_covariance(batch, maps, means, RIDGE, each, sums),
            Way::Factor | Way::Square => {
                compute::push_centred(batch, maps, means, each, sums);
                sums.constant(each * RIDGE * maps.channels as f64);
            }
        }
        sums.constant(each * goals.traces[goal]);
        self.seen.push(Seen { goal, way, mean, pixels: maps.pixels() as f64, each, total });
        self.seen.len() - 1
    }

    /// The same, where only the moments of so many pixels are known, which must suffice ([`moments_suffice`]).
    pub fn see_moments(
        &mut self,
        goal: usize,
        moments: &Moments,
        pixels: usize,
        weight: f64,
        sums: &mut Sums,
    ) -> usize {
        let goals = self.goals;
        let Moments { mean, covariance } = moments;
        let [channels, _] = covariance.data.dims();
        let (each, total) = (weight / channels as f64, sums.begin());
        let like = || covariance.data.clone().reshape([1, 1, channels, channels]);
        let batch = self.batch.get_or_insert_with(|| goals.room(covariance.layout, &like()));
        compute::push_moments(batch, covariance, [mean, &goals.means[goal]], each, sums);
        sums.constant(each * goals.traces[goal]);
        let (way, mean, pixels) = (Way::Covariance, mean.clone(), pixels as f64);
        self.seen.push(Seen { goal, way, mean, pixels, each, total });
        self.seen.len() - 1
    }

    /// Compares all layers with their goals; the rest of their losses' values goes among the sums.
    pub fn solve(self, sums: &mut Sums) -> Solved<'a> {
        let Self { goals, seen, batch } = self;
        let parts = match (&batch, &goals.covariances) {
            (Some(batch), Some(covariances)) => Solution::new(goals, &seen, batch, covariances, sums).parts,
            _ => Vec::new(),
        };
        Solved { goals, seen, batch, parts }
    }
}

/// The way from statistics to what is to change.
struct Solution<'a> {
    goals: &'a Goals,
    seen: &'a [Seen],
    /// K of each layer, or the centred activations as rows.
    batch: &'a Batch,
    /// Kₛ of each goal.
    covariances: &'a Batch,
    /// The layers that go each way.
    by_covariance: Vec<usize>,
    by_factor: Vec<usize>,
    by_square: Vec<usize>,
    /// What was found, by layer.
    parts: Vec<Option<Part>>,
}

impl<'a> Solution<'a> {
    fn new(goals: &'a Goals, seen: &'a [Seen], batch: &'a Batch, covariances: &'a Batch, sums: &mut Sums) -> Self {
        let going = |way: Way| -> Vec<usize> { (0..seen.len()).filter(|i| seen[*i].way == way).collect() };
        let mut solution = Self {
            goals,
            seen,
            batch,
            covariances,
            by_covariance: going(Way::Covariance),
            by_factor: going(Way::Factor),
            by_square: going(Way::Square),
            parts: seen.iter().map(|_| None).collect(),
        };
        let own = solution.own_roots(sums);
        if !(solution.by_covariance.is_empty() && solution.by_factor.is_empty()) {
            solution.turn(&own, sums);
        }
        solution
    }

    /// K^½ and, as far again from them as there are of both, K^-½ of the layers with many pixels, each followed by those of M for
    /// the others, which this is all that is needed of.
    fn own_roots(&mut self, sums: &mut Sums) -> Batch {
        let (seen, batch, many) = (self.seen, self.batch, self.by_covariance.len());
        let picks: Vec<_> = self.by_covariance.iter().map(|&i| Pick::First(i)).collect();
        let few = self.by_square.clone();
        if few.is_empty() {
            return if many == 0 { batch.clone() } else { roots([batch; 2], &picks) };
        }
        let few = || few.iter().copied().enumerate();
        // Xᵀ Kₛ and M = Xᵀ Kₛ X / N.
        let turned = few().map(|(_, i)| Recipe::product(Pick::First(i), Pick::Second(seen[i].goal), 1.0));
        let turned = products([batch, self.covariances], &turned.collect::<Vec<_>>(), None);
        let squares =
            few().map(|(j, i)| Recipe::product(Pick::First(j), Pick::Second(i), seen[i].pixels.recip()).symmetric());
        let squares = products_transposed([&turned, batch], &squares.collect::<Vec<_>>());
        let own = roots([batch, &squares], &[picks, few().map(|(j, _)| Pick::Second(j)).collect()].concat());
        // (T X)ᵀ = M^-½ Xᵀ Kₛ.
        let inverse = |j: usize| 2 * many + few().count() + j;
        let values =
            few().map(|(j, i)| ([Pick::First(j), Pick::Second(inverse(j))], seen[i].total, -2.0 * seen[i].each));
        dots([&squares, &own], &values.collect::<Vec<_>>(), sums);
        let moved = few().map(|(j, _)| Recipe::product(Pick::First(inverse(j)), Pick::Second(j), 1.0));
        let moved = Rc::new(products_to_keep([&own, &turned], &moved.collect::<Vec<_>>()));
        few().for_each(|(j, i)| self.parts[i] = Some(Part { batch: moved.clone(), number: j }));
        own
    }

    /// Finds the polar factors and, by them, the transport maps.
    fn turn(&mut self, own: &Batch, sums: &mut Sums) {
        let (seen, many) = (self.seen, self.by_covariance.len());
        let (by_covariance, by_factor) = (self.by_covariance.clone(), self.by_factor.clone());
        let by_covariance = || by_covariance.iter().copied().enumerate();
        let by_factor = || by_factor.iter().copied().enumerate();
        let wanted = self.by_covariance.iter().chain(&self.by_factor).map(|&i| seen[i].goal).collect();
        let goals = self.goals.roots(self.covariances, wanted);
        let root = |i: usize| goals.second(seen[i].goal);

        // A = Kₛ^½ K^½ = U (AᵀA)^½, T = Kₛ^½ U K^-½ and tr(T K) = ⟨U, A⟩.
        let factors = by_covariance().map(|(j, i)| Recipe::product(root(i), Pick::First(j), 1.0));
        let factors = products([own, &goals.roots], &factors.collect::<Vec<_>>(), None);
        // B = M^½ U and (T X)ᵀ = √N U Kₛ^½.
        let rows = by_factor().map(|(_, i)| Recipe::product(Pick::First(i), root(i), seen[i].pixels.sqrt().recip()));
        let rows = products([self.batch, &goals.roots], &rows.collect::<Vec<_>>(), None);
        let picks: Vec<_> =
            by_covariance().map(|(j, _)| Pick::First(j)).chain(by_factor().map(|(j, _)| Pick::Second(j))).collect();
        let turns = polar_factors([&factors, &rows], &picks);
        let value = |turn: usize, j: usize, i: usize| {
            ([Pick::First(turn), Pick::Second(j)], seen[i].total, -2.0 * seen[i].each)
        };
        dots([&turns, &factors], &by_covariance().map(|(j, i)| value(j, j, i)).collect::<Vec<_>>(), sums);
        dots([&turns, &rows], &by_factor().map(|(j, i)| value(many + j, j, i)).collect::<Vec<_>>(), sums);

        let moved = by_covariance().map(|(j, i)| Recipe::product(root(i), Pick::First(j), 1.0));
        let few = by_factor().map(|(j, i)| Recipe::product(Pick::First(many + j), root(i), seen[i].pixels.sqrt()));
        let moved = Rc::new(products_to_keep([&turns, &goals.roots], &moved.chain(few).collect::<Vec<_>>()));
        by_factor().for_each(|(j, i)| self.parts[i] = Some(Part { batch: moved.clone(), number: many + j }));
        // I − T
        let rooted = many + self.by_square.len();
        let gaps =
            by_covariance().map(|(j, _)| Recipe::product(Pick::First(j), Pick::Second(rooted + j), -1.0).shifted(1.0));
        let gaps = Rc::new(products_to_keep([&moved, own], &gaps.collect::<Vec<_>>()));
        by_covariance().for_each(|(j, i)| self.parts[i] = Some(Part { batch: gaps.clone(), number: j }));
    }
}

/// A matrix that says how a layer's activations are to change: I − T, or the rows (T X)ᵀ.
#[derive(Debug)]
struct Part {
    batch: Rc<Batch>,
    number: usize,
}

/// Layers compared with their goals.
#[derive(Debug)]
pub struct Solved<'a> {
    goals: &'a Goals,
    seen: Vec<Seen>,
    batch: Option<Batch>,
    parts: Vec<Option<Part>>,
}

impl Solved<'_> {
    /// The loss's gradient at the activations that were seen under this number, in their layout.
    pub fn gradient(&self, number: usize, maps: &Maps) -> Tensor<4> {
        let Seen { goal, way, mean, pixels, each, .. } = &self.seen[number];
        let means = [mean, &self.goals.means[*goal]];
        let per_pixel = 2.0 * each / pixels;
        match (way, &self.parts[number], &self.batch) {
            (Way::Covariance, Some(part), _) => {
                compute::moments_gradient(maps, (&part.batch, part.number), means, per_pixel)
            }
            (_, Some(part), Some(rows)) => {
                compute::from_rows(maps, [(rows, number), (&part.batch, part.number)], means, per_pixel)
            }
            _ => maps.data.zeros_like(),
        }
    }

    /// The same for some of the activations' pixels, before which there were so many.
    pub fn part_gradient(&self, number: usize, maps: &Maps, before: usize) -> Tensor<4> {
        let Seen { way, pixels, .. } = &self.seen[number];
        if *way == Way::Covariance {
            return self.gradient(number, maps);
        }
        // They are few: that of all, of which a part is taken.
        let (channels, [height, width]) = (maps.channels, maps.size());
        let all = Tensor::zeros([1, channels, 1, *pixels as usize], &maps.data.device());
        let all = Maps::from_plain(all, maps.layout);
        let gradient = Maps { data: self.gradient(number, &all), ..all }.to_plain();
        let part = gradient.narrow(3, before, height * width).reshape([1, channels, height, width]);
        Maps::from_plain(part, maps.layout).data
    }
}
