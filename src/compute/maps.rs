//! Feature maps and how they lie in memory.

use burn::tensor::Tensor;

/// How maps lie in memory, and so which kernels run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Tensor operations on `[1, C, H, W]`.
    Plain,
    /// WGSL kernels on `[1, H + 2, W + 2, C]`.
    Packed {
        /// Whether the device has subgroups, by which weights are shared.
        subgroups: bool,
    },
}

impl Form {
    /// Whether maps are packed.
    pub fn is_packed(self) -> bool {
        matches!(self, Self::Packed { .. })
    }
}

/// Feature maps: C maps of H × W values.
#[derive(Debug, Clone)]
pub struct Maps {
    /// The values, as the form says.
    pub data: Tensor<4>,
    /// How they lie.
    pub form: Form,
    /// How many maps (C).
    pub channels: usize,
    /// H.
    pub height: usize,
    /// W.
    pub width: usize,
}

impl Maps {
    /// How many values there are, borders not counted.
    pub fn count(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// The values as `[1, C, H, W]`, whatever the form.
    pub fn to_plain(&self) -> Tensor<4> {
        match self.form {
            Form::Plain => self.data.clone(),
            Form::Packed { .. } => {
                let inside = self.data.clone().narrow(1, 1, self.height).narrow(2, 1, self.width);
                inside.narrow(3, 0, self.channels).permute([0, 3, 1, 2])
            }
        }
    }

    /// Takes `[1, C, H, W]` into a form; C a multiple of 4 for the packed one.
    pub fn from_plain(data: Tensor<4>, form: Form) -> Self {
        let [_, channels, height, width] = data.dims();
        let data = match form {
            Form::Plain => data,
            Form::Packed { .. } => data.permute([0, 2, 3, 1]).pad([(0, 0), (1, 1), (1, 1), (0, 0)], 0.0),
        };
        Self { data, form, channels, height, width }
    }
}
