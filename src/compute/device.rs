//! Choosing a device and opening it; the only file that names adapter limits.

use std::collections::BTreeMap;

use burn::tensor::Device;
use burn::tensor::wgpu::{WgpuBackend, WgpuSetup};
use serde::{Deserialize, Serialize};

use super::maps::Form;
use crate::error::{Error, Result};

/// What a caller may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// The GPU when one answers, else the CPU.
    Auto,
    /// WebGPU: the browser's own.
    WebGpu,
    /// Vulkan, natively.
    Vulkan,
    /// Burn's `flex`, which runs anywhere.
    Cpu,
}

impl std::str::FromStr for Choice {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "auto" => Ok(Self::Auto),
            "webgpu" => Ok(Self::WebGpu),
            "vulkan" => Ok(Self::Vulkan),
            "cpu" => Ok(Self::Cpu),
            other => Err(Error::BadSetting {
                name: "backend".into(),
                value: format!("{other:?}"),
                expected: "use one of auto, webgpu, vulkan, cpu".into(),
            }),
        }
    }
}

/// The device a run computes on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeviceInfo {
    /// `webgpu`, `vulkan` or `cpu`.
    pub backend: &'static str,
    /// The adapter's name.
    pub adapter: String,
    /// Limits that decide what fits, in bytes unless named otherwise; empty on the CPU.
    pub limits: BTreeMap<&'static str, u64>,
}

/// An open device and what it says of itself.
#[derive(Debug, Clone)]
pub struct Compute {
    /// Burn's handle.
    pub device: Device,
    /// Which kernels run there.
    pub form: Form,
    /// For people.
    pub info: DeviceInfo,
}

/// Tensor operations sent to the GPU in one submission. Small enough that no submission comes near a
/// browser's watchdog, large enough that submitting costs nothing.
const TASKS_MAX: usize = 32;

impl Compute {
    /// The CPU: always there.
    pub fn cpu() -> Self {
        let info = DeviceInfo { backend: "cpu", adapter: "CPU (Burn flex)".into(), limits: BTreeMap::new() };
        Self { device: Device::flex(), form: Form::Plain, info }
    }

    /// Opens the device asked for.
    ///
    /// A GPU can be opened once per process or worker.
    ///
    /// # Errors
    /// [`Error::DeviceUnavailable`]; never for [`Choice::Auto`] and [`Choice::Cpu`].
    pub async fn open(choice: Choice) -> Result<Self> {
        match choice {
            Choice::Cpu => Ok(Self::cpu()),
            Choice::Auto => Ok(Self::gpu(NATIVE_GPU).await.unwrap_or_else(|_| Self::cpu())),
            Choice::WebGpu => Self::gpu(("webgpu", WgpuBackend::WebGpu)).await,
            Choice::Vulkan => Self::gpu(("vulkan", WgpuBackend::Vulkan)).await,
        }
    }

    async fn gpu((backend, api): (&'static str, WgpuBackend)) -> Result<Self> {
        let unavailable = |reason: String| Error::DeviceUnavailable {
            device: if backend == "webgpu" { "WebGPU" } else { "Vulkan" }.into(),
            reason,
        };
        if backend != NATIVE_GPU.0 {
            return Err(unavailable(format!("this build reaches the GPU through {}", NATIVE_GPU.0)));
        }
        let options = Device::wgpu_options().graphics_api(api).tasks_max(TASKS_MAX);
        let (device, setup) = options.init_with_setup_async().await.map_err(|error| unavailable(error.to_string()))?;
        // Our kernels are WGSL, which Burn takes in the browser only: natively it compiles SPIR-V.
        let form = if backend == "webgpu" { Form::Packed { subgroups: false } } else { Form::Plain };
        Ok(Self { device, form, info: describe(backend, &setup) })
    }
}

/// The way to the GPU on this platform.
#[cfg(target_family = "wasm")]
const NATIVE_GPU: (&str, WgpuBackend) = ("webgpu", WgpuBackend::WebGpu);
/// The way to the GPU on this platform.
#[cfg(not(target_family = "wasm"))]
const NATIVE_GPU: (&str, WgpuBackend) = ("vulkan", WgpuBackend::Vulkan);

fn describe(backend: &'static str, setup: &WgpuSetup) -> DeviceInfo {
    let info = setup.adapter.get_info();
    let limits = setup.device.limits();
    let words = [info.name, info.driver, info.driver_info];
    let adapter = words.into_iter().find(|word| !word.is_empty()).unwrap_or_else(|| "unnamed adapter".into());
    let limits = BTreeMap::from([
        ("maxBufferSize", limits.max_buffer_size),
        ("maxStorageBufferBindingSize", limits.max_storage_buffer_binding_size),
        ("maxComputeInvocationsPerWorkgroup", limits.max_compute_invocations_per_workgroup.into()),
        ("maxComputeWorkgroupStorageSize", limits.max_compute_workgroup_storage_size.into()),
    ]);
    DeviceInfo { backend, adapter, limits }
}
