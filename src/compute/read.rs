//! Values on their way from a device to the host.

use burn::tensor::Tensor;

use crate::error::{Error, Reason, Result};

/// Reads a tensor's values, without blocking.
///
/// # Errors
/// [`Error::DeviceFailed`].
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    #[cfg(test)]
    super::fault::before_read().await?;
    let failed = |reason: Reason| Error::DeviceFailed { device: "device".into(), reason };
    let data = tensor.into_data_async().await.map_err(|error| failed(error.into()))?;
    data.try_into_vec::<f32>().map_err(|error| failed(error.into()))
}
