//! Launching a WGSL text on Burn's tensors (Burn 0.22's backend extension and source kernels).

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeDim, CubeTensor, KernelSource, SourceKernel, SourceTemplate};
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;
use cubecl::CubeCount;
use cubecl::client::Client;
use cubecl::prelude::KernelId;
use cubecl::server::{KernelArguments, MetadataBindingInfo};

/// A kernel's text. Two kernels of the same name have the same text.
#[derive(Debug, Clone)]
pub struct Source {
    /// What the pipeline is cached by.
    pub name: String,
    /// WGSL with entry point `main`. Bindings: the inputs, the output, then the sizes as a uniform.
    pub text: fn(&str) -> String,
}

/// One launch: a kernel, its grid and its sizes.
#[derive(Debug, Clone)]
pub struct Call {
    /// The kernel.
    pub source: Source,
    /// Workgroups.
    pub grid: [u32; 3],
    /// How many of the four tensors are bound.
    pub inputs: usize,
    /// The uniform's words; a multiple of four.
    pub sizes: Vec<u32>,
    /// The output's shape.
    pub output: [usize; 4],
}

impl KernelSource for Source {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new((self.text)(&self.name))
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(self.name.clone())
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// What Burn's dispatch needs to find the device's own tensors.
#[backend_extension(Cube)]
pub trait Wgsl: Backend {
    /// Launches `call` on its first `inputs` tensors; the output is fresh memory.
    fn wgsl(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        call: Call,
    ) -> FloatTensor<Self>;
}

impl Wgsl for CubeBackend {
    fn wgsl(a: CubeTensor, b: CubeTensor, c: CubeTensor, d: CubeTensor, call: Call) -> CubeTensor {
        let Call { source, grid: [x, y, z], inputs, sizes, output } = call;
        let words = sizes.chunks(2).map(|pair| u64::from(pair[0]) | u64::from(pair[1]) << 32).collect();
        let tensors: Vec<CubeTensor> =
            [a, b, c, d].into_iter().take(inputs).map(burn::backend::wgpu::into_contiguous).collect();
        let client: &Client = &tensors[0].client;
        let handle = client.empty(output.iter().product::<usize>() * size_of::<f32>());
        let buffers = tensors.iter().map(|t| t.handle.clone().binding()).chain([handle.clone().binding()]).collect();
        let arguments = KernelArguments::new().with_buffers(buffers).with_info(MetadataBindingInfo::custom(words));
        // The workgroup's size stands in the text; this one is only for the checks.
        let kernel = SourceKernel::new(source, CubeDim::new_single());
        client.launch(Box::new(kernel), CubeCount::Static(x, y, z), arguments);
        let (device, dtype) = (tensors[0].device.clone(), tensors[0].dtype);
        CubeTensor::new_contiguous(client.clone(), device, output.into(), handle, dtype)
    }
}

/// Runs a kernel on one to four tensors (of any shape, seen as flat memory).
pub fn launch<const N: usize>(
    inputs: [Tensor<4>; N],
    source: Source,
    grid: [u32; 3],
    sizes: &[usize],
    output: [usize; 4],
) -> Tensor<4> {
    let mut words: Vec<u32> = sizes.iter().map(|&size| size as u32).collect();
    words.resize(words.len().next_multiple_of(4), 0);
    let call = Call { source, grid, inputs: N, sizes: words, output };
    let [a, b, c, d] = std::array::from_fn(|i| inputs[i.min(N - 1)].clone().into_dispatch());
    Tensor::from_dispatch(Dispatch::wgsl(a, b, c, d, call))
}

/// Workgroups for `count` invocations in groups of `size`, folded by [`FOLD`].
pub fn linear_grid(count: usize, size: usize) -> [u32; 3] {
    let groups = count.div_ceil(size);
    [groups.min(FOLD) as u32, groups.div_ceil(FOLD) as u32, 1]
}

/// Workgroups per row of a grid: WebGPU allows 65 535 in a dimension.
pub const FOLD: usize = 32_768;

/// A number as a word of the sizes, where WGSL reads an `f32`.
pub fn float(value: f64) -> usize {
    (value as f32).to_bits() as usize
}

/// What a kernel binds, as WGSL declares it: names and element types in the order of [`launch`]'s
/// inputs, then the output, then the sizes.
pub struct Bindings<'a> {
    /// The fields of the uniform `sizes`.
    pub sizes: &'a str,
    /// The tensors read.
    pub inputs: &'a [(&'a str, &'a str)],
    /// The tensor written.
    pub output: (&'a str, &'a str),
}

impl Bindings<'_> {
    /// The declarations.
    pub fn declare(&self) -> String {
        let mut text = format!("struct Sizes {{ {} }}\n", self.sizes);
        for (i, (name, element)) in self.inputs.iter().enumerate() {
            text += &format!("@group(0) @binding({i}) var<storage, read> {name}: array<{element}>;\n");
        }
        let (next, (name, element)) = (self.inputs.len(), self.output);
        text += &format!("@group(0) @binding({next}) var<storage, read_write> {name}: array<{element}>;\n");
        text + &format!("@group(0) @binding({}) var<uniform> sizes: Sizes;\n", next + 1)
    }

    /// A whole kernel for a [`linear_grid`] of groups of 64: `body` finds its number in `index`.
    pub fn linear_kernel(&self, body: &str) -> String {
        format!(
            "{}@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {{
  let index = (group.x + group.y * {FOLD}u) * 64u + local;
{body}
}}
",
            self.declare()
        )
    }
}
