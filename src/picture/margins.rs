//! Margins of scanned paintings: found, so that they are left out.
//!
//! A white border of the painting would be painted as a white border of the picture. What counts as one, looked at from each side:
//! lines of one *even colour* that is nearly a grey (white, cream, grey, black), which end *along a straight line*, tilted by 2.5° at
//! most, in a *step* to something else that *lasts*. Every position along the side tells how deep the margin is there, the depth at
//! which the colour is left for good; a straight line that most of them agree on is its edge. That is what tells a margin from
//! the white of a drawing's paper, from snow and from night, which end where their subjects do. Two sides that are sure are
//! believed, and others that are less sure beside them; a single side only where it is thin, even, and nothing of it is seen at
//! the other sides. What remains has to be at least half of the painting each way, and mostly of other colours. Then the same is done
//! again, for margins within margins; once a margin was found all around, a frame of wood or gold within it counts as
//! one too: all four sides about as wide, of any colour, and not as even. Nothing is random, so the same pixels give the same answer.

mod edge;
mod sight;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use self::edge::Edge;
use self::sight::{Area, Colour, SIDES, Side, Sight, apart, middle, positions, reduced};
use super::pixels::Picture;
use crate::settings::Frames;

/// Smaller pictures, by their short side in pixels, are left as they are.
const SMALLEST: u32 = 64;
/// What remains is at least this long each way, in pixels, and at least half as long as it was.
const SMALLEST_INSIDE: u32 = 32;
/// The deepest that a margin may be, of the painting's length that way; of one that no other side bears witness to; of a frame.
const DEEPEST: f64 = 0.4;
const DEEPEST_ALONE: f64 = 0.2;
const DEEPEST_FRAME: f64 = 0.2;
/// How many margins and frames may lie within each other.
const PASSES: usize = 4;
/// The longest side that is looked at pixel by pixel.
const LOOKED_AT: u32 = 1024;
/// How far a colour may be from a grey, of 255: paper yellows.
const CHROMA: i32 = 64;
/// The share of a side's positions that agree on its edge where it is sure, and where others have to bear witness.
const SURE: f64 = 0.75;
const LIKELY: f64 = 0.45;
/// Margins whose colours are no farther apart than this bear witness to each other.
const LIKE: i32 = 32;

/// What a pass looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Margin,
    Frame,
}

/// A margin at one side.
#[derive(Debug, Clone, Copy)]
struct Margin {
    colour: Colour,
    /// How far its own pixels are from its colour, but for a tenth of them.
    spread: i32,
    /// What is farther from its colour than this is no part of it.
    tolerance: i32,
    /// How many of the side's lines it takes.
    depth: u32,
    /// The share of positions that agree on its edge.
    support: f64,
    /// How many lines it takes to become half of what is beyond it.
    blurred: usize,
}

impl Picture {
    /// Returns a painting without its margins and frames, where it has some and they are not to be kept; else itself.
    pub fn unframed(&self, frames: Frames) -> Cow<'_, Self> {
        let whole = Area { left: 0, top: 0, width: self.width(), height: self.height() };
        let area = match frames {
            Frames::Crop => inside(self.rgb(), self.width(), self.height()),
            Frames::Keep => whole,
        };
        if area == whole {
            return Cow::Borrowed(self);
        }
        let Area { left, top, width, height } = area;
        Cow::Owned(Self(image::imageops::crop_imm(&self.0, left, top, width, height).to_image()))
    }
}

/// The painting within its margins, of RGB pixels row by row. Large ones are looked at reduced, by which a thousandth may be lost.
fn inside(rgb: &[u8], width: u32, height: u32) -> Area {
    let factor = width.max(height).div_ceil(LOOKED_AT);
    let small = if factor > 1 { Some(reduced(rgb, width, height, factor)) } else { None };
    let (across, down) = (width.div_ceil(factor), height.div_ceil(factor));
    let area = Area { left: 0, top: 0, width: across, height: down };
    let found = inside_of(&Sight { rgb: small.as_deref().unwrap_or(rgb), stride: across, area });
    let (left, top) = (found.left * factor, found.top * factor);
    Area {
        left,
        top,
        width: (found.width * factor).min(width - left),
        height: (found.height * factor).min(height - top),
    }
}

/// The same of pixels few enough to be looked at.
fn inside_of(whole: &Sight) -> Area {
    let mut area = whole.area;
    if area.width.min(area.height) < SMALLEST {
        return area;
    }
    let mut all_around = false;
    for _ in 0..PASSES {
        let sight = Sight { area, ..*whole };
        let mut found = if all_around { sight.margins(Kind::Frame) } else { [None; 4] };
        if found.iter().all(Option::is_none) {
            found = sight.margins(Kind::Margin);
        }
        let rest = area.without(found.map(|margin| margin.map_or(0, |margin| margin.depth)));
        let enough = |rest: u32, whole: u32| rest >= SMALLEST_INSIDE.max(whole.div_ceil(2));
        if rest == area || !enough(rest.width, whole.area.width) || !enough(rest.height, whole.area.height) {
            break;
        }
        all_around |= found.iter().all(Option::is_some);
        area = rest;
    }
    area
}

impl Sight<'_> {
    /// The margins there are at the four sides, those that are believed.
    fn margins(&self, kind: Kind) -> [Option<Margin>; 4] {
        let evens = SIDES.map(|side| self.even(side, kind).filter(|&even| self.even_lines(side, even).is_some()));
        // A margin's corners say nothing about its neighbours' edges: positions are looked at between the neighbours' even lines first,
        // and then between those that turned out to be margins.
        let mut depths =
            [0, 1, 2, 3].map(|at| evens[at].and_then(|even| self.even_lines(SIDES[at], even)).unwrap_or(0));
        let mut believed = [None; 4];
        for _ in 0..2 {
            let found = [0, 1, 2, 3].map(|at| {
                let ends = if at < 2 { [depths[2], depths[3]] } else { [depths[0], depths[1]] };
                let positions = positions(self.extent(SIDES[at]).0, ends)?;
                self.margin(SIDES[at], evens[at]?, &positions, kind)
            });
            believed = match kind {
                Kind::Margin => self.margins_believed(found),
                Kind::Frame => self.frame_believed(found, evens),
            };
            depths = believed.map(|margin| margin.map_or(0, |margin| margin.depth));
        }
        if self.shows_something_else(&believed) { believed } else { [None; 4] }
    }

    /// The colour of a side's outermost line, and how far it spreads, if it is one colour; wood has a grain, so of a frame it is that of
    /// several lines.
    fn even(&self, side: Side, kind: Kind) -> Option<(Colour, i32)> {
        let (length, lines) = self.extent(side);
        let (deep, share) = match kind {
            Kind::Margin => (1, 0.9),
            Kind::Frame => ((lines / 40).max(1), 0.8),
        };
        let line = positions(length, [length / 10; 2])?;
        let seen: Vec<Colour> =
            line.iter().flat_map(|&along| (0..deep).map(move |deep| self.seen(side, along, deep))).collect();
        let colour = [0, 1, 2].map(|channel| middle(seen.iter().map(|colour| colour[channel]).collect(), 0.5));
        let spread = middle(seen.iter().map(|&other| apart(colour, other)).collect(), share);
        let chroma = colour.iter().max()? - colour.iter().min()?;
        match kind {
            Kind::Margin => spread <= 24 && chroma <= CHROMA,
            Kind::Frame => spread <= 40,
        }
        .then_some((colour, spread))
    }

    /// How many lines at a side are of its colour nearly throughout; nothing where there is no end of them.
    fn even_lines(&self, side: Side, even: (Colour, i32)) -> Option<u32> {
        let deepest = (f64::from(self.extent(side).1) * DEEPEST) as u32;
        Some(self.even_lines_to(side, even, deepest)).filter(|&count| count < deepest)
    }

    /// How many of a side's lines, up to the deepest, are of its colour nearly throughout.
    fn even_lines_to(&self, side: Side, (colour, spread): (Colour, i32), deepest: u32) -> u32 {
        let (length, _) = self.extent(side);
        let Some(line) = positions(length, [length / 10; 2]) else { return 0 };
        let tolerance = tolerances(spread)[1];
        let of_colour = |deep: &u32| {
            let near = line.iter().filter(|&&along| apart(colour, self.seen(side, along, *deep)) <= tolerance).count();
            near * 10 >= line.len() * 9
        };
        (0..deepest).take_while(of_colour).count() as u32
    }

    /// The margin of this colour at a side, by the tolerance by which most positions agree, if enough do.
    fn margin(&self, side: Side, (colour, spread): (Colour, i32), positions: &[u32], kind: Kind) -> Option<Margin> {
        let (length, lines) = self.extent(side);
        let deepest = f64::from(lines) * if kind == Kind::Frame { DEEPEST_FRAME } else { DEEPEST };
        // Thinner lines and specks are no end of a margin.
        let lasting = (lines / 100).max(3);
        let mut best: Option<Margin> = None;
        for tolerance in tolerances(spread) {
            let outside = |along, deep: u32| apart(colour, self.seen(side, along, deep.min(lines - 1)));
            let ends = |along: u32| {
                let lasts = |deep: &u32| {
                    let off = (*deep..*deep + lasting).filter(|&deep| outside(along, deep) > tolerance).count();
                    outside(along, *deep) > tolerance && off * 10 >= lasting as usize * 7
                };
                (0..=(deepest as u32).min(lines - lasting)).find(lasts)
            };
            let depths: Vec<(f64, f64)> = positions
                .iter()
                .filter_map(|&along| Some((f64::from(along) / f64::from(length), f64::from(ends(along)?))))
                .collect();
            let Some(edge) = Edge::of(&depths, f64::from(length), f64::from(lines)) else { continue };
            let support = edge.count as f64 / positions.len() as f64;
            let depth = edge.deepest();
            if support < LIKELY || depth < 1 || best.is_some_and(|best| best.support >= support) {
                continue;
            }
            // How far pixels are from the margin's colour, so many lines beyond the edge or before it.
            let beyond = |lines: i64| {
                let of = |&along: &u32| {
                    let at = (edge.at(f64::from(along) / f64::from(length)).round() as i64 + lines).max(0) as u32;
                    outside(along, at)
                };
                middle(positions.iter().map(of).collect(), 0.5)
            };
            let beneath = i64::from((lines / 33).max(4));
            let step = middle((0..beneath).map(beyond).collect(), 0.5);
            if step < 20.max(tolerance * 9 / 5) {
                continue;
            }
            let longest = i64::from(lines / 75).max(3);
            let profile: Vec<i32> = (-longest..=longest).map(beyond).collect();
            let rises = |lines: &usize| profile.windows(lines + 1).any(|part| (part[*lines] - part[0]) * 2 >= step);
            let Some(blurred) = (1..=longest as usize).find(rises) else { continue };
            // Pixels in which margin and painting are mixed belong to neither.
            let mixed = |deep: &u32| {
                let is_mixed = |&&along: &&u32| {
                    let more: i32 = (1..=lasting).map(|more| outside(along, deep + more)).sum();
                    outside(along, *deep) * lasting as i32 * 10 < more * 7
                };
                positions.iter().filter(is_mixed).count() * 2 > positions.len()
            };
            let depth = depth + (depth..depth + lasting).take_while(mixed).count() as u32;
            best = Some(Margin { colour, spread, tolerance, depth, support, blurred });
        }
        best
    }

    /// Margins: two sure ones or more of a colour, and likely ones of the same; or one alone that nothing speaks against.
    fn margins_believed(&self, found: [Option<Margin>; 4]) -> [Option<Margin>; 4] {
        let is_sure = |margin: &&Margin| margin.support >= SURE;
        let witnesses = |margin: &Margin| {
            let is_like = |other: &&Margin| apart(margin.colour, other.colour) <= LIKE;
            found.iter().flatten().filter(is_sure).filter(is_like).count()
        };
        let thin =
            |at: usize, margin: &Margin| f64::from(margin.depth) <= f64::from(self.extent(SIDES[at]).1) * DEEPEST_ALONE;
        let alone = |at: usize, margin: &Margin| {
            let sharp = margin.blurred <= (margin.depth as usize / 6).clamp(1, 4);
            thin(at, margin) && sharp && margin.depth > 3 && margin.spread <= 12
        };
        // Bars at opposite sides, as a picture of another shape has them on a slide or a screen, are about equally wide.
        let is_bar = |at: usize, margin: &Margin| {
            let about_as_wide = |other: &Margin| margin.depth.abs_diff(other.depth) <= (margin.depth / 20).max(2);
            [margin].into_iter().chain(&found[at ^ 1]).all(|bar| is_sure(&bar))
                && found[at ^ 1].as_ref().is_some_and(about_as_wide)
        };
        let believed = [0, 1, 2, 3].map(|at| {
            found[at].filter(|margin| match (witnesses(margin), margin.support >= SURE) {
                (3.., _) => true,
                (2, _) => thin(at, margin) || is_bar(at, margin),
                (1, true) => alone(at, margin),
                _ => false,
            })
        });
        let depths = believed.map(|margin| margin.map_or(0, |margin| margin.depth));
        let rest = Sight { area: self.area.without(depths), ..*self };
        if rest.area.width < SMALLEST_INSIDE || rest.area.height < SMALLEST_INSIDE {
            return [None; 4];
        }
        // Where the margin's colour is seen at another side too, it is more than a margin: paper, sky or night.
        believed.map(|margin| {
            margin.filter(|margin| {
                let elsewhere = |at: usize| believed[at].is_none() && rest.share_at(SIDES[at], *margin) >= 0.3;
                witnesses(margin) > 2 || !(0..4).any(elsewhere)
            })
        })
    }

    /// A frame: four sides that are about as wide. Where a side's edge is not to be seen, for the painting is there as dark as the wood, it
    /// is where the others' are, if the side is even so far.
    fn frame_believed(&self, found: [Option<Margin>; 4], evens: [Option<(Colour, i32)>; 4]) -> [Option<Margin>; 4] {
        let sure = found.iter().flatten().filter(|margin| margin.support >= SURE);
        let widths: Vec<i32> = sure.map(|margin| margin.depth as i32).collect();
        let width = middle(widths.clone(), 0.5);
        let is_like = |other: i32| (width - other).abs() <= (width / 3).max(2);
        if width < 2 || widths.iter().filter(|&&other| is_like(other)).count() < 2 {
            return [None; 4];
        }
        let sides = [0, 1, 2, 3].map(|at| {
            let seen = found[at].filter(|margin| is_like(margin.depth as i32));
            seen.or_else(|| {
                let (colour, spread) = evens[at]?;
                let depth = width as u32;
                let tolerance = tolerances(spread)[0];
                let unseen = Margin { colour, spread, tolerance, depth, support: 0.0, blurred: 0 };
                (self.even_lines_to(SIDES[at], (colour, spread), depth) == depth).then_some(unseen)
            })
        });
        if sides.iter().all(Option::is_some) { sides } else { [None; 4] }
    }

    /// The share of a side's outermost lines that is of a margin's colour.
    fn share_at(&self, side: Side, Margin { colour, tolerance, .. }: Margin) -> f64 {
        let (length, lines) = self.extent(side);
        let Some(line) = positions(length, [0; 2]) else { return 1.0 };
        let deep = (lines / 30).max(1);
        let near =
            |deep| line.iter().filter(|&&along| apart(colour, self.seen(side, along, deep)) <= tolerance).count();
        (0..deep).map(near).sum::<usize>() as f64 / (line.len() * deep as usize) as f64
    }

    /// Whether what remains without the margins is mostly of other colours than theirs.
    fn shows_something_else(&self, margins: &[Option<Margin>; 4]) -> bool {
        let area = self.area.without(margins.map(|margin| margin.map_or(0, |margin| margin.depth)));
        let rest = Sight { area, ..*self };
        let (Some(columns), Some(rows)) = (positions(area.width, [0; 2]), positions(area.height, [0; 2])) else {
            return false;
        };
        let whole = (columns.len() * rows.len()) as f64;
        let limit = if margins.iter().flatten().count() > 2 { 0.5 } else { 0.35 };
        margins.iter().flatten().all(|Margin { colour, tolerance, .. }| {
            let is_near = |&(x, y): &(u32, u32)| apart(*colour, rest.at(x, y)) <= *tolerance;
            let near = rows.iter().flat_map(|&y| columns.iter().map(move |&x| (x, y))).filter(is_near).count();
            near as f64 <= whole * limit
        })
    }
}

/// How far a pixel of a margin may be from its colour: as its own line tells, and where that is too little, for light that falls
/// unevenly and for traces of JPEG, more.
fn tolerances(spread: i32) -> [i32; 3] {
    let least = (2 * spread).clamp(8, 56);
    [least, least.max(24), least.max(40)]
}
