//! Where fields lie: in the program's memory or on a GPU.

use burn::tensor::{Device, Tensor, TensorData};

use super::device::Compute;

/// Channels travel in fours; the last ones may be empty.
pub const LANES: usize = 4;

/// Where fields lie and are computed.
#[derive(Debug, Clone)]
pub enum Place {
    /// In the program's memory, by loops.
    Host,
    /// On a GPU, by our kernels.
    Device(Device),
}

impl Place {
    /// The device's own if our kernels run there, else the program's memory.
    pub fn of(compute: &Compute) -> Self {
        if compute.layout.is_packed() { Self::Device(compute.device.clone()) } else { Self::Host }
    }

    /// Puts numbers there, seen as of this shape.
    pub fn hold(&self, values: Vec<f32>, shape: [usize; 4]) -> Data {
        match self {
            Self::Host => Data::Host(values),
            Self::Device(device) => Data::device(Tensor::from_data(TensorData::new(values, shape), device)),
        }
    }
}

/// Numbers in their place.
#[derive(Debug, Clone)]
pub enum Data {
    Host(Vec<f32>),
    Device(Box<Tensor<4>>),
}

impl Data {
    /// Numbers on a device.
    pub fn device(tensor: Tensor<4>) -> Self {
        Self::Device(Box::new(tensor))
    }
}
