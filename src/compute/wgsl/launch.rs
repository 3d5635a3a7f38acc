//! Launching a kernel on Burn's tensors (Burn 0.22's backend extension and source kernels).

use std::fmt::Debug;
use std::sync::Arc;

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{
    CubeBackend, CubeDim, CubeTensor, KernelSource, SourceKernel, SourceTemplate, into_contiguous,
};
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Device, Tensor};
use cubecl::CubeCount;
use cubecl::client::Client;
use cubecl::prelude::{CubeKernel, ExecutionMode, KernelId};
use cubecl::server::{KernelArguments, MetadataBindingInfo};

use super::buffers::Fit;
use super::kernel::{Code, FOLD, Input, Kernel, kernel, text, variants};
use super::memory;
use super::submissions;
use super::uniform::{Uniform, uniform};

/// Runs a kernel on one to five tensors, of any shape and seen as flat memory: its inputs, the one it writes over or within
/// if it does, and the one it writes too. The result has this shape; `invocations` are at least as many as the kernel needs.
pub fn launch<K: Kernel, const N: usize>(
    kernel: K,
    sizes: K::Sizes,
    tensors: [Tensor<4>; N],
    invocations: usize,
    shape: [usize; 4],
) -> Tensor<4> {
    let values = tensors.iter().map(|tensor| tensor.shape().num_elements()).max().unwrap_or(0);
    let call = Call::new(kernel, &sizes, invocations, shape, values);
    debug_assert_eq!(N, call.tensors, "{kernel:?}");
    let mut tensors = tensors.map(Some);
    // What fills the places left over must not be the one written over, which has to be alone.
    let filler = if N < PLACES { tensors[0].clone() } else { None };
    let mut next = |i: usize| tensors.get_mut(i).and_then(Option::take).or_else(|| filler.clone());
    let [a, b, c, d, e] = std::array::from_fn(|i| next(i).map(Tensor::into_dispatch));
    let (Some(a), Some(b), Some(c), Some(d), Some(e)) = (a, b, c, d, e) else {
        unreachable!("fewer than five tensors leave a filler")
    };
    Tensor::from_dispatch(Dispatch::wgsl(a, b, c, d, e, call))
}

/// A tensor of this shape on the device of another one, whose values are still to be written.
pub fn blank(like: &Tensor<4>, shape: [usize; 4]) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::blank(like.clone().into_dispatch(), shape, Fit::Loose))
}

/// The same, in memory that is no larger than it: for what is kept while much else is made.
pub fn lasting(like: &Tensor<4>, shape: [usize; 4]) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::blank(like.clone().into_dispatch(), shape, Fit::Exact))
}

/// How many tensors a kernel can be launched on.
const PLACES: usize = 5;

/// What a launch costs at least for each of its values, in multiplications and additions: those for which there was time while they
/// are loaded and stored.
const WORK_OF_VALUES: f64 = 25.0;

/// One launch: a kernel, how often it runs and its sizes.
#[derive(Debug, Clone)]
pub struct Call {
    kernel: Arc<dyn Launchable>,
    /// How many of the tensors are bound.
    tensors: usize,
    /// What becomes of the last of them.
    written: Written,
    /// Whether there is another one after it that is written.
    too: bool,
    /// Workgroups.
    groups: usize,
    /// What it costs in multiplications and additions.
    work: f64,
    /// Values of the largest tensor.
    values: usize,
    /// The uniform's words, two to a number.
    sizes: Vec<u64>,
    /// The result's shape.
    shape: [usize; 4],
}

/// Where a result goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// Into memory of its own.
    Apart,
    /// Over a tensor that nobody else may see changed.
    Over,
    /// Into a part of one that others hold too.
    Within,
}

impl Call {
    /// `values` is how many the largest tensor has that is bound; the result may have more.
    fn new<K: Kernel>(kernel: K, sizes: &K::Sizes, invocations: usize, shape: [usize; 4], values: usize) -> Self {
        let words = sizes.words();
        let values = values.max(shape.iter().product::<usize>());
        let written = match (kernel.writes_over(), kernel.writes_within()) {
            (false, false) => Written::Apart,
            (true, _) => Written::Over,
            (false, true) => Written::Within,
        };
        let too = kernel.writes_too().is_some();
        Self {
            kernel: Arc::new(Source(kernel)),
            tensors: kernel.inputs().len() + usize::from(written != Written::Apart) + usize::from(too),
            written,
            too,
            work: kernel.work(sizes).max(WORK_OF_VALUES * values as f64),
            groups: invocations.div_ceil(kernel.group()),
            values,
            sizes: words.chunks(2).map(|pair| u64::from(pair[0]) | u64::from(pair[1]) << 32).collect(),
            shape,
        }
    }
}

/// A kernel whose type is forgotten.
trait Launchable: Debug + Send + Sync {
    /// As CubeCL takes it.
    fn kernel(&self) -> Box<dyn CubeKernel>;
}

/// A kernel as Burn takes it.
#[derive(Debug, Clone, Copy)]
struct Source<K>(K);

impl<K: Kernel> KernelSource for Source<K> {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(text(self.0))
    }

    fn id(&self) -> KernelId {
        // Checked, a native build would have naga count every turn of every loop, so that none can be endless. Ours end, and the
        // counting costs more than their work. Browsers take no notice.
        KernelId::new::<K>().mode(ExecutionMode::Unchecked).info(self.0)
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

impl<K: Kernel> Launchable for Source<K> {
    fn kernel(&self) -> Box<dyn CubeKernel> {
        // The workgroup's size stands in the text; this one is only for the checks.
        Box::new(SourceKernel::new(*self, CubeDim::new_single()))
    }
}

/// What Burn's dispatch needs to find the device's own tensors.
#[backend_extension(Cube)]
pub trait Wgsl: Backend {
    /// Launches `call` on the first of its tensors.
    fn wgsl(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        call: Call,
    ) -> FloatTensor<Self>;

    /// A tensor of this shape beside another one, not written yet.
    fn blank(like: FloatTensor<Self>, shape: [usize; 4], fit: Fit) -> FloatTensor<Self>;
}

impl Wgsl for CubeBackend {
    fn wgsl(a: CubeTensor, b: CubeTensor, c: CubeTensor, d: CubeTensor, e: CubeTensor, call: Call) -> CubeTensor {
        let Call { kernel, tensors, written, too, groups, work, values, mut sizes, shape } = call;
        let mut tensors: Vec<CubeTensor> = [a, b, c, d, e].into_iter().take(tensors).map(into_contiguous).collect();
        let client: Client = tensors[0].client.clone();
        let (device, dtype) = (tensors[0].device.clone(), tensors[0].dtype);
        let too = if too { tensors.pop() } else { None };
        let last = if written == Written::Apart { None } else { tensors.pop() };
        let handle = match last {
            Some(last) if written == Written::Within || memory::is_only_owner(&device, &last.handle) => last.handle,
            // Somebody still reads it: its copy is written over.
            Some(last) => copied(last).handle,
            None => memory::take(&device, &client, bytes(shape), Fit::Loose),
        };
        let all = tensors.iter().map(|t| &t.handle).chain([&handle]).chain(too.iter().map(|t| &t.handle));
        let buffers: Vec<_> = all.map(|handle| handle.clone().binding()).collect();
        for Part { first, count: part, grid } in parts_of(groups, submissions::parts(work, values)) {
            if submissions::is_due(work * part as f64 / groups as f64) {
                // A device that is lost is heard of when something is read.
                let _ = client.flush();
            }
            sizes[0] = (sizes[0] >> 32 << 32) | first as u64;
            let info = MetadataBindingInfo::custom(sizes.clone());
            let arguments = KernelArguments::new().with_buffers(buffers.clone()).with_info(info);
            client.launch(kernel.kernel(), CubeCount::Static(grid[0], grid[1], 1), arguments);
        }
        CubeTensor::new_contiguous(client, device, shape.into(), handle, dtype)
    }

    fn blank(like: CubeTensor, shape: [usize; 4], fit: Fit) -> CubeTensor {
        let CubeTensor { client, device, dtype, .. } = like;
        let handle = memory::take(&device, &client, bytes(shape), fit);
        CubeTensor::new_contiguous(client, device, shape.into(), handle, dtype)
    }
}

/// A part of a launch's workgroups.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    first: usize,
    count: usize,
    /// How they lie: rows of [`FOLD`], the last of them of more than there are perhaps.
    grid: [u32; 2],
}

/// Divides workgroups into so many parts, or a few more: none is longer. Only the last one's grid goes beyond its end, and so beyond
/// that of all, where kernels do nothing: what writes over its input must not be done twice.
fn parts_of(groups: usize, parts: usize) -> impl Iterator<Item = Part> {
    let most = groups.div_ceil(parts.max(1)).max(1);
    let most = if most > FOLD { most / FOLD * FOLD } else { most };
    (0..groups).step_by(most).map(move |first| {
        let count = most.min(groups - first);
        Part { first, count, grid: [count.min(FOLD) as u32, count.div_ceil(FOLD) as u32] }
    })
}

/// In 64 bits: in a browser a size has 32, and a picture of 4096² is more.
fn bytes(shape: [usize; 4]) -> u64 {
    shape.iter().map(|side| *side as u64).product::<u64>() * size_of::<f32>() as u64
}

fn copied(tensor: CubeTensor) -> CubeTensor {
    let count = tensor.handle.size_in_used() as usize / size_of::<f32>();
    let call = Call::new(Copied {}, &CopiedSizes { count }, count, [1, 1, 1, count], count);
    CubeBackend::wgsl(tensor.clone(), tensor.clone(), tensor.clone(), tensor.clone(), tensor, call)
}

/// Makes sure that `count` buffers for tensors of this shape are kept for reuse. Made before smaller ones are,
/// they serve for those too.
pub fn reserve_memory(shape: [usize; 4], count: usize, device: &Device) {
    let any = Tensor::<4>::zeros([1, 1, 1, 4], device);
    let held: Vec<_> =
        (0..count).map(|_| launch(Copied {}, CopiedSizes { count: 1 }, [any.clone()], 1, shape)).collect();
    drop(held);
}

kernel! {
    /// The input once more, as far as `count` reaches.
    Copied {}(x: f32) -> f32,
    CopiedSizes { count: u32 },
    |_| Code::body("  if (index < sizes.count) { result[index] = x[index]; }".into()),
}

/// Writes a tensor's values into another one from a place on (in values); both are multiples of four.
pub fn copy_into(tensor: Tensor<4>, within: Tensor<4>, place: usize) -> Tensor<4> {
    let (count, shape) = (tensor.shape().num_elements() / 4, within.dims());
    launch(CopiedInto {}, CopiedIntoSizes { count, place: place / 4 }, [tensor, within], count, shape)
}

/// Values put into a part of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CopiedInto {}

variants!(CopiedInto {});
uniform!(CopiedIntoSizes { count: u32, place: u32 });

impl Kernel for CopiedInto {
    type Sizes = CopiedIntoSizes;

    fn inputs(self) -> &'static [Input] {
        &[("x", "vec4f")]
    }

    fn writes_within(self) -> bool {
        true
    }

    fn code(self) -> Code {
        Code::body("  if (index < sizes.count) { result[sizes.place + index] = x[index]; }".into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::kernel::multiplied;
    use super::*;

    #[test]
    fn the_parts_of_a_launch_are_each_group_once() {
        for groups in [0, 1, 7, FOLD, FOLD + 1, 87_424, 10 * FOLD + 3] {
            for parts in [1, 2, 3, 7, 100, 1_000_000] {
                let all: Vec<Part> = parts_of(groups, parts).collect();
                assert!(all.len() <= 2 * parts && all.iter().all(|part| part.count <= groups.div_ceil(parts)));
                let mut next = 0;
                for Part { first, count, grid: [width, height] } in &all {
                    assert_eq!(*first, next, "{groups} in {parts}");
                    next += count;
                    let launched = *width as usize * *height as usize;
                    assert!(
                        launched == *count || next == groups && launched >= *count,
                        "{groups} in {parts}: {launched}"
                    );
                }
                assert_eq!(next, groups);
            }
        }
    }

    #[test]
    fn the_largest_maps_are_counted_in_full() {
        assert_eq!(bytes([1, 64, 4098, 4098]), 4_299_162_624);
        assert_eq!(multiplied([4096, 2731, 9, 9, 12, 128]), 1_391_739_273_216.0);
    }
}
