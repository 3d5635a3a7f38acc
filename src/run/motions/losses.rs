//! What the losses take and put back: see `loss`.

use super::{Held, Motions, Statistics, map_bytes};
use crate::compute::Kernels;
use crate::compute::wgsl::partial_bytes;
use crate::loss::pairs_bytes;
use crate::network::CONVOLUTIONS;
use crate::settings::{ContentLoss, StyleLoss};

impl Motions<'_> {
    pub(super) fn is_style(&self, l: usize) -> bool {
        self.config.used_style_layers().any(|layer| layer.layer.index() == l)
    }

    pub(super) fn is_content(&self, l: usize) -> bool {
        self.config.used_content_layers().any(|layer| layer.layer.index() == l)
    }

    pub(super) fn is_tapped(&self, l: usize) -> bool {
        self.is_style(l) || self.is_content(l)
    }

    /// Bytes of a matrix for each group of paintings at a layer.
    fn matrix_bytes(&self, l: usize) -> u64 {
        4 * self.groups * (CONVOLUTIONS[l].outputs as u64).pow(2)
    }

    /// What it takes to find the statistics of so many rows of a layer's output, and what is kept of them.
    pub(super) fn see(&mut self, l: usize, height: usize, statistics: &mut Statistics) {
        if !self.is_style(l) {
            return;
        }
        if self.config.style_loss == StyleLoss::Neighbours {
            let here = self.at_grid(l);
            if statistics.batch.is_none() {
                statistics.batch = Some(self.take(8 * self.grid().iter().product::<usize>() as u64));
            }
            drop(here);
            return;
        }
        let inside = self.masked.then(|| self.rows(l, height));
        let rows = (height + 2) * (self.sides(l)[1] + 2);
        let tiling = Kernels::with(self.form).tiling;
        let partial = self.take(partial_bytes(tiling, CONVOLUTIONS[l].outputs, rows));
        match self.config.style_loss {
            StyleLoss::Gram => {
                let gram = self.take(self.matrix_bytes(l));
                statistics.each.push(gram);
            }
            // All layers' together.
            StyleLoss::Neighbours => {}
            StyleLoss::Wasserstein => {
                if statistics.batch.is_none() {
                    statistics.batch = Some(self.lasting(self.all_matrices()));
                }
            }
        }
        // Parts of one layer are added up.
        statistics.each.truncate(self.config.used_style_layers().count());
        drop((inside, partial));
    }

    /// Height and width of what neighbours are looked up in.
    fn grid(&self) -> [usize; 2] {
        self.size.map(|side| (side / 4).max(1))
    }

    /// A layer's output there, or the gradient.
    fn at_grid(&mut self, l: usize) -> Held {
        self.take(map_bytes(CONVOLUTIONS[l].outputs, self.grid()))
    }

    fn all_matrices(&self) -> u64 {
        self.config.used_style_layers().map(|layer| self.matrix_bytes(layer.layer.index())).sum()
    }

    /// Wasserstein distances are found for all layers at once: what is kept of that, and what it takes. A pair of roots and the
    /// next one, the matrices they are of and a factor are alive together.
    pub(super) fn solve(&mut self) -> Option<Held> {
        if self.config.style_loss == StyleLoss::Neighbours {
            return Some(self.take(8 * self.grid().iter().product::<usize>() as u64));
        }
        let all = self.all_matrices();
        if self.config.style_loss == StyleLoss::Gram || all == 0 {
            return None;
        }
        let working: Vec<Held> = [1, 2, 1, 2].map(|times| self.take(times * all)).into();
        let solved = self.lasting(all);
        drop(working);
        Some(solved)
    }

    /// The gradient of the losses at a layer, with what is needed to find it.
    pub(super) fn tap(&mut self, l: usize) -> Option<Held> {
        self.compare_pairs(l);
        if self.config.style_loss == StyleLoss::Neighbours && self.is_style(l) {
            let content = self.is_content(l).then(|| self.output(l));
            let (here, pull) = (self.at_grid(l), self.at_grid(l));
            let gradient = self.output(l);
            drop((here, pull));
            // Both kinds of losses are added up.
            let sum = content.is_some().then(|| self.output(l));
            return sum.or(Some(gradient));
        }
        // Of a mask's pixels, gathered: the maps and the gradient there.
        let gathered = if self.masked && self.is_style(l) { 2 } else { 0 };
        let inside: Vec<Held> = (0..gathered).map(|_| self.output(l)).collect();
        let gradient = self.is_tapped(l).then(|| self.output(l));
        // Several losses at a layer are added up.
        let sum = (self.masked && self.is_style(l)).then(|| self.output(l));
        drop((inside, sum));
        gradient
    }

    /// What it takes to find how alike a layer's pixels are: their cosines, how the loss changes with these, that mirrored, and a copy.
    fn compare_pairs(&mut self, l: usize) {
        if self.config.content_loss == ContentLoss::SelfSimilarity && self.is_content(l) {
            let pixels = self.sides(l).iter().product();
            let matrices: Vec<Held> = (0..4).map(|_| self.take(pairs_bytes(pixels))).collect();
            drop(matrices);
        }
    }

    /// The same where they look at so many rows of the layer's maps.
    pub(super) fn tap_own(&mut self, l: usize, own: usize) -> Option<Held> {
        if !self.is_tapped(l) {
            return None;
        }
        let content = self.is_content(l).then(|| self.output(l));
        if !self.is_style(l) {
            return content;
        }
        let is_part = own != self.heights[l];
        let part = is_part.then(|| self.rows(l, own));
        let gathered = if self.masked { 2 } else { 0 };
        let inside: Vec<Held> = (0..gathered).map(|_| self.rows(l, own)).collect();
        let gradient = self.rows(l, own);
        let sum = self.masked.then(|| self.rows(l, own));
        drop((inside, sum, part));
        let moved = if is_part { self.output(l) } else { gradient.clone() };
        drop(gradient);
        // Both kinds of losses are added up.
        if content.is_some() { Some(self.output(l)) } else { Some(moved) }
    }
}
