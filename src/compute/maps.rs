//! Feature maps and how they lie in memory.

use burn::tensor::Tensor;

use super::form::Form;
use super::numbers::Wrap;

/// How maps lie in memory, and so which kernels run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `[1, C, H, W]`, taken by plain tensor operations.
    Plain,
    /// `[1, H + 2, W + 2, C]` with a border of zeros and C a multiple of 4, taken by WGSL kernels.
    Packed {
        /// Whether the device has subgroups, within which kernels share what they load.
        subgroups: bool,
        /// How they are convolved.
        form: Form,
        /// Where the kernels of matrices hold their tiles.
        tiling: Tiling,
        /// The only size of tiles in a workgroup's memory; by the size of what is computed where none is given.
        tile: Option<Tile>,
    },
}

/// Where the kernels of matrices hold the tiles they compute with, and how sums are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tiling {
    /// In each invocation's registers, alone: what software adapters do best.
    Registers,
    /// In memory that a workgroup fills together: what real GPUs do best.
    Workgroup,
}

impl Layout {
    /// Whether maps are packed.
    pub fn is_packed(self) -> bool {
        matches!(self, Self::Packed { .. })
    }

    /// Where the kernels of matrices hold their tiles; of plain maps there are none.
    pub fn tiling(self) -> Tiling {
        match self {
            Self::Plain => Tiling::Registers,
            Self::Packed { tiling, .. } => tiling,
        }
    }
}

/// How large a tile of a product a workgroup finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tile {
    /// 16 × 16 values, a vector for each invocation: for small matrices.
    Small,
    /// 32 × 32 values, four vectors for each.
    Medium,
    /// 64 × 64 values, sixteen vectors for each: for large ones.
    Large,
}

/// Feature maps: C maps of H × W values.
#[derive(Debug, Clone)]
pub struct Maps {
    /// The values, shaped as the layout says.
    pub data: Tensor<4>,
    /// How they lie.
    pub layout: Layout,
    /// How many maps there are, C.
    pub channels: usize,
    /// The height H in pixels, without a border.
    pub height: usize,
    /// The width W in pixels, without a border.
    pub width: usize,
    /// Which of their edges meet.
    pub wrap: Wrap,
}

impl Maps {
    /// How many values there are, borders not counted.
    pub fn count(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// How many pixels each map has, borders not counted.
    pub fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Height and width in pixels.
    pub fn size(&self) -> [usize; 2] {
        [self.height, self.width]
    }

    /// The values as `[1, C, H, W]`, whatever the layout.
    pub fn to_plain(&self) -> Tensor<4> {
        match self.layout {
            Layout::Plain => self.data.clone(),
            Layout::Packed { .. } => {
                let inside = self.data.clone().narrow(1, 1, self.height).narrow(2, 1, self.width);
                inside.narrow(3, 0, self.channels).permute([0, 3, 1, 2])
            }
        }
    }

    /// Takes values of `[1, C, H, W]` into a layout; C a multiple of 4 for packed ones that kernels are to take, any for what plain operations
    /// do with them, as multiplying others by a map of one channel. No edges meet.
    pub fn from_plain(data: Tensor<4>, layout: Layout) -> Self {
        let [_, channels, height, width] = data.dims();
        let data = match layout {
            Layout::Plain => data,
            Layout::Packed { .. } => data.permute([0, 2, 3, 1]).pad([(0, 0), (1, 1), (1, 1), (0, 0)], 0.0),
        };
        Self { data, layout, channels, height, width, wrap: Wrap::None }
    }
}
