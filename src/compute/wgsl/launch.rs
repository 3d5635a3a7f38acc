//! Launching a WGSL text on Burn's tensors (Burn 0.22's backend extension and source kernels).

use std::cell::RefCell;
use std::collections::HashMap;

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeDim, CubeTensor, KernelSource, SourceKernel, SourceTemplate};
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Device, Tensor};
use cubecl::CubeCount;
use cubecl::client::Client;
use cubecl::prelude::KernelId;
use cubecl::server::{Handle, KernelArguments, MetadataBindingInfo};
use cubecl::wgpu::{AutoCompiler, WgpuServer};

use super::buffers::{Shared, Shelf};

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
    /// Whether the last of the inputs is not read but written over.
    pub over: bool,
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
    /// Launches `call` on its first `inputs` tensors.
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
        let Call { source, grid: [x, y, z], inputs, sizes, output, over } = call;
        let words = sizes.chunks(2).map(|pair| u64::from(pair[0]) | u64::from(pair[1]) << 32).collect();
        let mut tensors: Vec<CubeTensor> =
            [a, b, c, d].into_iter().take(inputs).map(burn::backend::wgpu::into_contiguous).collect();
        let client: Client = tensors[0].client.clone();
        let (device, dtype) = (tensors[0].device.clone(), tensors[0].dtype);
        let key = format!("{device:?}");
        let last = if over { tensors.pop() } else { None };
        let handle = match last {
            Some(last) if only_owner(&key, &last.handle) => last.handle,
            // Somebody still reads it: its copy is written over.
            Some(last) => copied(last).handle,
            None => memory(&key, &client, output.iter().product::<usize>() * size_of::<f32>()),
        };
        let buffers = tensors.iter().map(|t| t.handle.clone().binding()).chain([handle.clone().binding()]).collect();
        let arguments = KernelArguments::new().with_buffers(buffers).with_info(MetadataBindingInfo::custom(words));
        // The workgroup's size stands in the text; this one is only for the checks.
        let kernel = SourceKernel::new(source, CubeDim::new_single());
        client.launch(Box::new(kernel), CubeCount::Static(x, y, z), arguments);
        CubeTensor::new_contiguous(client, device, output.into(), handle, dtype)
    }
}

thread_local! {
    /// By device.
    static STORES: RefCell<HashMap<String, Store>> = RefCell::default();
}

struct Store {
    client: Client,
    shelf: Shelf<Handle>,
}

/// Below this many bytes Burn's own allocator is as good.
const SHELVED: u64 = 1 << 18;

impl Shared for Handle {
    fn is_idle(&self) -> bool {
        // The shelf and the allocator hold it, nobody else.
        self.can_mut()
    }
}

fn memory(device: &str, client: &Client, bytes: usize) -> Handle {
    let bytes = bytes as u64;
    let make = |bytes: u64| client.empty(bytes as usize);
    if bytes < SHELVED {
        return make(bytes);
    }
    let (size, handle) = STORES.with_borrow_mut(|stores| {
        let fresh = || Store { client: client.clone(), shelf: Shelf::default() };
        stores.entry(device.into()).or_insert_with(fresh).shelf.take(bytes, make)
    });
    if size > bytes { handle.offset_end(size - bytes) } else { handle }
}

/// Whether a tensor's memory is nobody else's, the shelf not counted.
fn only_owner(device: &str, handle: &Handle) -> bool {
    STORES.with_borrow_mut(|stores| {
        let Some(Store { shelf, .. }) = stores.get_mut(device) else { return handle.can_mut() };
        let shelved = shelf.remove(|other| other.memory.descriptor().id == handle.memory.descriptor().id);
        let alone = handle.can_mut();
        if let Some(size) = shelved {
            let whole = Handle::from_memory(handle.memory.clone(), handle.service, handle.stream, handle.size());
            shelf.put(size, whole);
        }
        alone
    })
}

/// Destroys the buffers that are kept for reuse and not in use now, and empties Burn's allocator.
///
/// To drop a buffer is not enough in a browser: its memory would wait for a garbage collection, which sees a few
/// bytes of JavaScript and is in no hurry.
pub fn release_memory() {
    STORES.with_borrow_mut(|stores| {
        for Store { client, shelf } in stores.values_mut() {
            let idle = shelf.clear();
            if client.flush().is_err() {
                continue;
            }
            for handle in idle {
                if let Ok(resource) = client.get_resource::<WgpuServer<AutoCompiler>>(handle) {
                    resource.resource().buffer.destroy();
                }
            }
            // Before anything else is allocated: the allocator does not know that they are gone.
            let _ = client.memory_cleanup();
        }
    });
}

/// Makes sure that `count` buffers for tensors of this shape are kept for reuse. Made before smaller ones are,
/// they serve for those too.
pub fn reserve_memory(shape: [usize; 4], count: usize, device: &Device) {
    let any = Tensor::<4>::zeros([1, 1, 1, 4], device);
    let source = || Source { name: "reserve".into(), text: reserve_text };
    let held: Vec<_> = (0..count).map(|_| launch([any.clone()], source(), [1; 3], &[0], shape)).collect();
    drop(held);
}

fn reserve_text(_: &str) -> String {
    let bindings = Bindings { sizes: "a: u32, b: u32, c: u32, d: u32", inputs: &[("x", "f32")], output: ("y", "f32") };
    bindings.linear_kernel("  if (index == 0u) { y[0] = x[sizes.a]; }")
}

fn copied(tensor: CubeTensor) -> CubeTensor {
    let count = tensor.handle.size_in_used() as usize / size_of::<f32>();
    let call = Call {
        source: Source { name: "copy".into(), text: copy_text },
        grid: linear_grid(count, 64),
        inputs: 1,
        sizes: vec![count as u32, 0, 0, 0],
        output: [1, 1, 1, count],
        over: false,
    };
    CubeBackend::wgsl(tensor.clone(), tensor.clone(), tensor.clone(), tensor, call)
}

fn copy_text(_: &str) -> String {
    let bindings =
        Bindings { sizes: "count: u32, a: u32, b: u32, c: u32", inputs: &[("x", "f32")], output: ("y", "f32") };
    bindings.linear_kernel("  if (index < sizes.count) { y[index] = x[index]; }")
}

/// Runs a kernel on one to four tensors (of any shape, seen as flat memory); the output is fresh.
pub fn launch<const N: usize>(
    inputs: [Tensor<4>; N],
    source: Source,
    grid: [u32; 3],
    sizes: &[usize],
    output: [usize; 4],
) -> Tensor<4> {
    start(inputs, source, grid, sizes, output, false)
}

/// Runs a kernel whose output is the last of the tensors, written over where it was.
pub fn launch_over<const N: usize>(
    inputs: [Tensor<4>; N],
    source: Source,
    grid: [u32; 3],
    sizes: &[usize],
    output: [usize; 4],
) -> Tensor<4> {
    start(inputs, source, grid, sizes, output, true)
}

fn start<const N: usize>(
    inputs: [Tensor<4>; N],
    source: Source,
    grid: [u32; 3],
    sizes: &[usize],
    output: [usize; 4],
    over: bool,
) -> Tensor<4> {
    let mut words: Vec<u32> = sizes.iter().map(|&size| size as u32).collect();
    words.resize(words.len().next_multiple_of(4), 0);
    let call = Call { source, grid, inputs: N, sizes: words, output, over };
    let mut inputs = inputs.map(Some);
    // What fills the places left over must not be the one written over, which has to be alone.
    let filler = if N < 4 { inputs[0].clone() } else { None };
    let mut next = |i: usize| inputs.get_mut(i).and_then(Option::take).or_else(|| filler.clone());
    let [a, b, c, d] = std::array::from_fn(|i| next(i).map(Tensor::into_dispatch));
    let (Some(a), Some(b), Some(c), Some(d)) = (a, b, c, d) else {
        unreachable!("fewer than four inputs leave a filler")
    };
    Tensor::from_dispatch(Dispatch::wgsl(a, b, c, d, call))
}

/// Workgroups for `count` invocations in groups of `size`, folded by [`FOLD`].
pub fn linear_grid(count: usize, size: usize) -> [u32; 3] {
    let groups = count.div_ceil(size);
    [groups.min(FOLD) as u32, groups.div_ceil(FOLD) as u32, 1]
}

/// Workgroups per row of a grid: WebGPU allows 65 535 in a dimension.
pub const FOLD: usize = 32_768;

/// What a text that passes values around in quads begins with. They leave as a whole, which the compiler cannot see.
pub const QUADS: &str = "enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n";
/// Where such a text finds an invocation's place in its subgroup, as its last parameter.
pub const LANE: &str = ", @builtin(subgroup_invocation_id) lane: u32";

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
        self.linear_kernel_of(body, false)
    }

    /// A whole kernel that makes packed maps, an invocation per four channels of a pixel, border counted: `inside` finds
    /// `row` and `column`, from 1 on, and `channel`, and sets `value`; the border becomes zero. Of the sizes it
    /// needs `height`, `width` and, in vectors, `channels`.
    pub fn map_kernel(&self, inside: &str) -> String {
        let (output, _) = self.output;
        self.linear_kernel(&format!(
            "  let channel = index % sizes.channels;
  let column = index / sizes.channels % (sizes.width + 2u);
  let row = index / sizes.channels / (sizes.width + 2u);
  if (row > sizes.height + 1u) {{ return; }}
  var value = vec4f();
  if (row > 0u && row <= sizes.height && column > 0u && column <= sizes.width) {{
{inside}
  }}
  {output}[index] = value;"
        ))
    }

    /// The same; with `quads`, for a device with subgroups, `body` finds its place among four of consecutive
    /// numbers in `lane & 3u`. A quad must leave as a whole.
    pub fn linear_kernel_of(&self, body: &str, quads: bool) -> String {
        let (enable, lane) = if quads { (QUADS, LANE) } else { ("", "") };
        format!(
            "{enable}{}@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32{lane}) {{
  let index = (group.x + group.y * {FOLD}u) * 64u + local;
{body}
}}
",
            self.declare()
        )
    }
}
