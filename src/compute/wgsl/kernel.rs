//! What a kernel is: a value that says which text is meant.
//!
//! A kernel's type is its purpose and its fields are its variants, so equal values have equal texts and the pipeline
//! can be cached by the value. Kernels run in groups of invocations, 64 but for a few, numbered one after the other.

use std::borrow::Cow;
use std::fmt::Debug;
use std::hash::Hash;

use super::uniform::Uniform;

/// Invocations per workgroup, unless a kernel says otherwise.
pub const GROUP: usize = 64;

/// Workgroups per row of a grid: WebGPU allows 65 535 in a dimension.
pub const FOLD: usize = 32_768;

/// A product of counts, which may be more than a size holds that has 32 bits, as in browsers.
pub fn multiplied<const N: usize>(counts: [usize; N]) -> f64 {
    counts.into_iter().map(|count| count as f64).product()
}

/// Marks the kernels that are validated by the tests: only what stands in the list of `wgsl` can be launched.
pub trait Listed {}

/// A tensor that is read: its name in the text and its elements' type.
pub type Input = (&'static str, &'static str);

/// A kernel.
pub trait Kernel: Listed + Debug + Clone + Copy + PartialEq + Eq + Hash + Send + Sync + 'static {
    /// What the uniform `sizes` holds.
    type Sizes: Uniform;

    /// The tensors that are read, in the order of binding.
    fn inputs(self) -> &'static [Input];

    /// The type of the elements of `result`, which is written.
    fn output(self) -> &'static str {
        "vec4f"
    }

    /// Whether `result` is a tensor that is there already, passed after the inputs, and not a fresh one.
    fn writes_over(self) -> bool {
        false
    }

    /// Whether `result` is a tensor that is there already, passed after the inputs, of which a part is written whoever else
    /// holds it.
    fn writes_within(self) -> bool {
        false
    }

    /// A second tensor that is written, as [`Kernel::writes_within`] writes one; passed last.
    fn writes_too(self) -> Option<Input> {
        None
    }

    /// Whether the text passes values around among four neighbours, which takes subgroups. Its `body` finds its place among
    /// them in `lane & 3u`, and they leave as a whole.
    fn in_quads(self) -> bool {
        false
    }

    /// Invocations per workgroup.
    fn group(self) -> usize {
        GROUP
    }

    /// Multiplications and additions of a launch with these sizes, of kernels in which an invocation makes many.
    fn work(self, _sizes: &Self::Sizes) -> f64 {
        0.0
    }

    /// What it does.
    fn code(self) -> Code;
}

/// The WGSL of a kernel between its declarations and its end.
pub struct Code {
    /// Functions and constants.
    functions: Cow<'static, str>,
    /// The statements of `main`, which find the invocation's number in `index`, its workgroup's in `number` and its place in that in
    /// `local`.
    body: Cow<'static, str>,
}

impl Code {
    /// Functions, among them `invoke(index: u32)`.
    pub fn file(functions: impl Into<Cow<'static, str>>) -> Self {
        Self { functions: functions.into(), body: "  invoke(index);".into() }
    }

    /// For packed maps, an invocation per four channels of a pixel, border counted: functions, among them
    /// `value_at(row: u32, column: u32, channel: u32) -> vec4f`, which is not asked for the border. Of the sizes it needs
    /// `height` and `width` and, in vectors, `channels`.
    pub fn maps(functions: &str) -> Self {
        Self::file(functions.to_owned()).with(include_str!("maps.wgsl"))
    }

    /// Functions, among them `invoke_group(group: u32, local: u32)`: all of a workgroup's invocations come there with its
    /// number.
    pub fn groups(functions: impl Into<Cow<'static, str>>) -> Self {
        Self { functions: functions.into(), body: "  invoke_group(number, local);".into() }
    }

    /// Statements.
    pub fn body(body: String) -> Self {
        Self { functions: "".into(), body: body.into() }
    }

    /// And these functions.
    pub fn with(mut self, functions: &str) -> Self {
        let so_far = self.functions.to_mut();
        so_far.push('\n');
        so_far.push_str(functions);
        self
    }
}

/// A function that reads an input at a place, or zeros where the variant has no such input.
pub fn optional((name, element): Input, bound: bool) -> String {
    let value = if bound { format!("{name}[at]") } else { format!("{element}()") };
    format!("fn {name}_at(at: u32) -> {element} {{\n  return {value};\n}}\n")
}

/// A kernel's whole text, with entry point `main`. Bound are the inputs, then `result`, then what is written too, then
/// `sizes`.
pub fn text<K: Kernel>(kernel: K) -> String {
    let (enable, lane) = match kernel.in_quads() {
        // That quads leave as a whole is nothing the compiler can see.
        true => (
            "enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n",
            ", @builtin(subgroup_invocation_id) lane: u32",
        ),
        false => ("", ""),
    };
    let mut bindings = String::new();
    let read = kernel.inputs().iter().map(|(name, element)| format!("<storage, read> {name}: array<{element}>"));
    let result = ("result", kernel.output());
    let written = [Some(result), kernel.writes_too()].into_iter().flatten();
    let written = written.map(|(name, element)| format!("<storage, read_write> {name}: array<{element}>"));
    for (place, variable) in read.chain(written).chain(["<uniform> sizes: Sizes".into()]).enumerate() {
        bindings += &format!("@group(0) @binding({place}) var{variable};\n");
    }
    let Code { functions, body } = kernel.code();
    format!(
        "{enable}{}{bindings}
{functions}
@compute @workgroup_size({size})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32{lane}) {{
  let number = sizes.first_group + group.x + group.y * {FOLD}u;
  let index = number * {size}u + local;
{body}
}}
",
        K::Sizes::DECLARATION,
        size = kernel.group(),
    )
}

/// A type of which the tests need every value.
#[cfg(test)]
pub trait Variants: Sized {
    /// All of them.
    fn all() -> Vec<Self>;
}

#[cfg(test)]
impl Variants for bool {
    fn all() -> Vec<Self> {
        vec![false, true]
    }
}

/// Lists every value of a struct that is a kernel or of an enum that is one of its fields. A field or variant left out does
/// not compile.
macro_rules! variants {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        #[cfg(test)]
        impl $crate::compute::wgsl::kernel::Variants for $name {
            fn all() -> Vec<Self> {
                // Counts through all combinations, the first field fastest.
                let count = 1 $(* <$type as $crate::compute::wgsl::kernel::Variants>::all().len())*;
                let nth = |_number: usize| {
                    $(
                        let all = <$type as $crate::compute::wgsl::kernel::Variants>::all();
                        let $field = all[_number % all.len()];
                        let _number = _number / all.len();
                    )*
                    Self { $($field),* }
                };
                (0..count).map(nth).collect()
            }
        }
    };
    ($name:ident = $($variant:ident)|+) => {
        #[cfg(test)]
        impl $crate::compute::wgsl::kernel::Variants for $name {
            fn all() -> Vec<Self> {
                let all = vec![$(Self::$variant),*];
                for value in &all {
                    match value { $(Self::$variant => ()),* }
                }
                all
            }
        }
    };
}
pub(in crate::compute::wgsl) use variants;

/// Defines a kernel whose inputs are the same in all of its variants: its fields in braces, its inputs in parentheses,
/// the type of its result's elements, what it writes too, its uniform, a function from its value to its code, and of kernels that
/// take long one from its sizes to its work.
macro_rules! kernel {
    (
        $(#[$about:meta])*
        $name:ident { $($field:ident: $type:ty),* } ($($input:ident: $element:ident),*) -> $output:ident
        $(and $too:ident: $too_element:ident)?,
        $sizes:ident { $($size:ident: $word:ident),* $(,)? },
        $code:expr $(, work: $work:expr)? $(,)?
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name {
            $(pub $field: $type),*
        }

        $crate::compute::wgsl::kernel::variants!($name { $($field: $type),* });
        $crate::compute::wgsl::uniform::uniform!($sizes { $($size: $word),* });

        impl $crate::compute::wgsl::kernel::Kernel for $name {
            type Sizes = $sizes;

            fn inputs(self) -> &'static [$crate::compute::wgsl::kernel::Input] {
                &[$((stringify!($input), stringify!($element))),*]
            }

            fn output(self) -> &'static str {
                stringify!($output)
            }

            $(fn writes_too(self) -> Option<$crate::compute::wgsl::kernel::Input> {
                Some((stringify!($too), stringify!($too_element)))
            })?

            $(fn work(self, sizes: &Self::Sizes) -> f64 {
                let work: fn(&$sizes) -> f64 = $work;
                work(sizes)
            })?

            fn code(self) -> $crate::compute::wgsl::kernel::Code {
                let code: fn(Self) -> $crate::compute::wgsl::kernel::Code = $code;
                code(self)
            }
        }
    };
}
pub(in crate::compute::wgsl) use kernel;
