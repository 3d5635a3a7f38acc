//! Where a margin ends: a straight line.

/// The tangent of the largest angle at which an edge may run: 2.5°.
const TILT: f64 = 0.044;

/// A straight line that depths at positions along a side agree on.
pub(super) struct Edge {
    /// The depth at the side's beginning, and how much more it is at its end, in pixels.
    start: f64,
    more: f64,
    /// How many agree.
    pub(super) count: usize,
}

impl Edge {
    /// The line that most agree on, the least tilted of several; `depths` are by position, 0 to 1 along a side of this length.
    pub(super) fn of(depths: &[(f64, f64)], length: f64, lines: f64) -> Option<Self> {
        let width = (lines * 0.008).max(2.0);
        let steps = (length * TILT / (width / 2.0)).ceil() as i32;
        let mut best: Option<Self> = None;
        // From level to steep, so that the first of equals is the least tilted.
        for step in (0..=2 * steps).map(|at| if at % 2 == 0 { at / 2 } else { -(at / 2) - 1 }) {
            let more = f64::from(step) * width / 2.0;
            let mut starts: Vec<f64> = depths.iter().map(|(along, deep)| deep - more * along).collect();
            starts.sort_by(f64::total_cmp);
            let mut first = 0;
            for last in 0..starts.len() {
                while starts[last] - starts[first] > width {
                    first += 1;
                }
                let count = last - first + 1;
                if best.as_ref().is_none_or(|best| count > best.count) {
                    // Nothing of the margin is to be left, but a tenth may see something like it in the painting.
                    let start = starts[first + (last - first) * 9 / 10];
                    best = Some(Self { start, more, count });
                }
            }
        }
        best
    }

    /// How deep it is at a position, 0 to 1 along the side.
    pub(super) fn at(&self, along: f64) -> f64 {
        self.start + self.more * along
    }

    /// The first line that is beyond the edge all along.
    pub(super) fn deepest(&self) -> u32 {
        self.start.max(self.start + self.more).ceil().max(0.0) as u32
    }
}
