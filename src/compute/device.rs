//! Choosing a device and opening it; the only file that names adapter limits.

use std::collections::BTreeMap;
use std::pin::Pin;

use burn::tensor::Device;
use burn::tensor::wgpu::{MemoryConfiguration, WgpuBackend, WgpuOptions, WgpuSetup, wgpu};
use serde::Serialize;

use super::form::Form;
use super::kernels::Kernels;
use super::maps::Layout;
use super::wgsl::submissions;
use crate::error::{Error, Result};

/// What a caller may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The faster of both: a GPU when there is one, else the CPU. An adapter that is software is slower than the CPU
    /// backend (2 to 3 times with SwiftShader), so it is not taken.
    Auto,
    /// The GPU: the browser's WebGPU, or natively Vulkan, Metal or Direct3D 12. An adapter that is software will do.
    Gpu,
    /// Burn's `flex`, which runs anywhere.
    Cpu,
}

impl std::str::FromStr for Choice {
    type Err = Error;

    /// `auto`, `gpu` (or `webgpu`, as pages call it, or `vulkan`) or `cpu`.
    fn from_str(word: &str) -> Result<Self> {
        match word {
            "auto" => Ok(Self::Auto),
            "gpu" | "webgpu" | "vulkan" => Ok(Self::Gpu),
            "cpu" => Ok(Self::Cpu),
            other => Err(Error::BadSetting {
                name: "backend".into(),
                value: format!("{other:?}"),
                expected: "use one of auto, gpu, webgpu, vulkan, cpu".into(),
            }),
        }
    }
}

/// What a browser says of its GPU adapter, none of which wgpu 30 can tell there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BrowserAdapter {
    /// What people call it; empty when unknown.
    pub name: String,
    /// Whether the browser calls it a fallback adapter, which is to say software.
    pub is_fallback: bool,
    /// Whether its devices have subgroups.
    pub subgroups: bool,
}

/// The device a run computes on, for people and for estimates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeviceInfo {
    /// The interface it is reached by: `webgpu` in a browser; natively `vulkan`, `metal`, `dx12` or `gl`; or `cpu`.
    pub backend: &'static str,
    /// What the adapter calls itself, or its driver if it has no name; never empty.
    pub adapter: String,
    /// WebGPU's limits that decide what fits, by their names there: `maxBufferSize`, `maxStorageBufferBindingSize` and
    /// `maxComputeWorkgroupStorageSize` in bytes, `maxComputeInvocationsPerWorkgroup` as a number. Empty on the CPU.
    pub limits: BTreeMap<&'static str, u64>,
    /// Which of our kernels it runs where there is a choice: `winograd 64×64×16, direct 2×4×1`. Nothing on the CPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variants: Option<String>,
    /// How much of the kernels' work it does, in 10⁹ multiplications and additions a second, where that was measured. By it
    /// the work is cut into submissions of 200 ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gigaflops: Option<f64>,
}

/// The largest buffer in bytes that a device with these limits can have and use whole; any where there are none.
pub fn largest_buffer(limits: &BTreeMap<&'static str, u64>) -> u64 {
    let names = ["maxBufferSize", "maxStorageBufferBindingSize"];
    names.iter().filter_map(|name| limits.get(name)).min().copied().unwrap_or(u64::MAX)
}

/// An open device and what it says of itself.
#[derive(Debug, Clone)]
pub struct Compute {
    /// Burn's handle.
    pub device: Device,
    /// How maps lie there, and so which kernels run.
    pub layout: Layout,
    /// What to say of it.
    pub info: DeviceInfo,
    /// Whether it computes on the CPU, whatever it is called.
    pub is_software: bool,
}

/// Tensor operations sent to the GPU in one submission. Small enough that no submission comes near a
/// browser's watchdog, large enough that submitting costs nothing.
const TASKS_MAX: usize = 32;

/// The way to the GPU on this platform; natively the first of Vulkan, Direct3D 12 and OpenGL that has one, or Metal.
const GRAPHICS: WgpuBackend = if cfg!(target_family = "wasm") { WgpuBackend::WebGpu } else { WgpuBackend::Auto };

impl Compute {
    /// The CPU: always there.
    pub fn cpu() -> Self {
        let (adapter, limits) = ("CPU (Burn flex)".into(), BTreeMap::new());
        let info = DeviceInfo { backend: "cpu", adapter, limits, variants: None, gigaflops: None };
        Self { device: Device::flex(), layout: Layout::Plain, info, is_software: true }
    }

    /// Opens the device asked for.
    ///
    /// A GPU can be opened once per process or worker.
    ///
    /// # Errors
    /// [`Error::DeviceUnavailable`]; never for [`Choice::Auto`] and [`Choice::Cpu`].
    pub async fn open(choice: Choice) -> Result<Self> {
        Self::open_in_browser(choice, &BrowserAdapter::default()).await
    }

    /// Opens the device asked for, knowing what the browser says of its adapter.
    ///
    /// # Errors
    /// As [`Compute::open`].
    pub async fn open_in_browser(choice: Choice, adapter: &BrowserAdapter) -> Result<Self> {
        match choice {
            Choice::Cpu => Ok(Self::cpu()),
            Choice::Gpu => Self::gpu(adapter).await,
            Choice::Auto => {
                let kind = if adapter.is_fallback { wgpu::DeviceType::Cpu } else { wgpu::DeviceType::Other };
                // Not even opened where the browser tells.
                if is_software(&adapter.name, kind) {
                    return Ok(Self::cpu());
                }
                match Self::gpu(adapter).await {
                    Ok(compute) if !compute.is_software => Ok(compute),
                    _ => Ok(Self::cpu()),
                }
            }
        }
    }

    async fn gpu(adapter: &BrowserAdapter) -> Result<Self> {
        // A buffer for each tensor, as browsers have it: wgpu refuses a launch that reads one slice of a buffer and writes
        // another.
        let memory = MemoryConfiguration::ExclusivePages;
        let options = Device::wgpu_options().graphics_api(GRAPHICS).memory_config(memory).tasks_max(TASKS_MAX);
        let (device, setup) = opened(options).await?;
        let mut info = describe(&setup);
        if !adapter.name.is_empty() {
            info.adapter.clone_from(&adapter.name);
        }
        let told = setup.adapter.get_info().device_type;
        let kind = if adapter.is_fallback { wgpu::DeviceType::Cpu } else { told };
        let binding = setup.device.limits().max_storage_buffer_binding_size;
        let is_software = is_software(&info.adapter, kind);
        let form = Form::of(is_software, &info.adapter, binding);
        // Natively none have subgroups: naga 30 refuses the word that enables them (gfx-rs/wgpu#5555, November 2026).
        let kernels = Kernels { subgroups: adapter.subgroups, ..Kernels::with(form) };
        info.variants = Some(kernels.variants());
        submissions::set_rate(submissions::assumed_rate(is_software));
        Ok(Self { device, layout: kernels.layout(), info, is_software })
    }

    /// The same device with another choice of kernels, as far as it has what they take; nothing changes on the CPU.
    pub fn with_kernels(mut self, wanted: Kernels) -> Self {
        if let Some(Kernels { subgroups, .. }) = self.kernels() {
            self.layout = Kernels { subgroups: subgroups && wanted.subgroups, ..wanted }.layout();
            self.info.variants = Some(wanted.variants());
        }
        self
    }

    /// The same device, known to do so many 10⁹ multiplications and additions a second; nothing changes on the CPU.
    pub fn with_gigaflops(mut self, gigaflops: f64) -> Self {
        if self.kernels().is_some() {
            self.info.gigaflops = Some(gigaflops);
            submissions::set_rate(gigaflops * 1e6);
        }
        self
    }

    /// The same device convolving in another form.
    pub fn with_form(self, form: Form) -> Self {
        match self.kernels() {
            Some(kernels) => self.with_kernels(Kernels { form, ..kernels }),
            None => self,
        }
    }

    /// The choice of kernels, on a GPU.
    pub fn kernels(&self) -> Option<Kernels> {
        match self.layout {
            Layout::Plain => None,
            Layout::Packed { subgroups, form, tiling, .. } => Some(Kernels { form, tiling, subgroups }),
        }
    }

    /// How maps are convolved, on a GPU.
    pub fn form(&self) -> Option<Form> {
        self.kernels().map(|kernels| kernels.form)
    }
}

/// A device on its way.
type Opening = Pin<Box<dyn Future<Output = Result<(Device, WgpuSetup)>>>>;

/// Boxed, for a future that is not is compiled by whoever awaits it: each program that opens a GPU, each test, would compile all
/// of Burn's GPU runtime once more (10 to 20 s).
fn opened(options: WgpuOptions) -> Opening {
    Box::pin(async {
        options.init_with_setup_async().await.map_err(|error| Error::DeviceUnavailable {
            device: if cfg!(target_family = "wasm") { "WebGPU" } else { "GPU" }.into(),
            reason: error.into(),
        })
    })
}

/// Whether an adapter computes on the CPU, by its name (in any case) and kind.
fn is_software(name: &str, kind: wgpu::DeviceType) -> bool {
    let name = name.to_lowercase();
    let known = ["swiftshader", "llvmpipe", "lavapipe", "software", "basic render"];
    kind == wgpu::DeviceType::Cpu || known.iter().any(|word| name.contains(word))
}

fn describe(setup: &WgpuSetup) -> DeviceInfo {
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
    DeviceInfo { backend: info.backend.to_str(), adapter, limits, variants: None, gigaflops: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wgpu::DeviceType::{Cpu, DiscreteGpu, IntegratedGpu, Other};

    #[test]
    fn software_is_told_from_gpus() {
        assert!(is_software("llvmpipe (LLVM 15.0.6, 256 bits)", Cpu));
        assert!(is_software("some renderer", Cpu), "whatever its name");
        // As browsers, or drivers that call themselves GPUs, name them.
        for name in ["google swiftshader", "SwiftShader Device (Subzero)", "Microsoft Basic Render Driver"] {
            assert!(is_software(name, Other), "{name}");
        }
        assert!(is_software("Mesa lavapipe", DiscreteGpu));
        assert!(!is_software("NVIDIA GeForce RTX 4070", DiscreteGpu));
        assert!(!is_software("Intel(R) Iris(R) Xe Graphics", IntegratedGpu));
        assert!(!is_software("", Other), "no name is no reason");
    }

    #[test]
    fn words_for_devices() {
        for (word, choice) in [("auto", Choice::Auto), ("cpu", Choice::Cpu)] {
            assert_eq!(word.parse::<Choice>().ok(), Some(choice));
        }
        for word in ["gpu", "webgpu", "vulkan"] {
            assert_eq!(word.parse::<Choice>().ok(), Some(Choice::Gpu));
        }
        let error = "cuda".parse::<Choice>().expect_err("no such device").to_string();
        assert!(error.contains("\"cuda\"") && error.contains("gpu"), "{error}");
    }

    #[test]
    fn auto_takes_the_cpu_where_the_browser_has_software() {
        let opened = |name: &str, is_fallback| {
            let adapter = BrowserAdapter { name: name.into(), is_fallback, subgroups: true };
            pollster::block_on(Compute::open_in_browser(Choice::Auto, &adapter)).expect("a device")
        };
        for (name, is_fallback) in [("google swiftshader", false), ("unheard-of", true)] {
            assert_eq!(opened(name, is_fallback).info.backend, "cpu", "{name}");
        }
    }
}
