//! The small numbers a kernel is told: sizes and factors, in a uniform.
//!
//! They are no part of the text, so that one pipeline serves every layer and scale. The first is the number of the first
//! workgroup, so that a launch can go in parts.

/// A struct whose fields are those of a kernel's uniform; declared by [`uniform!`].
pub trait Uniform {
    /// Its declaration in WGSL, where it is called `Sizes`.
    const DECLARATION: &'static str;

    /// Its memory as WGSL lays it out, in words of 32 bits; a multiple of four of them. The first one is left to `first_group`, which is
    /// zero.
    fn words(&self) -> Vec<u32>;
}

/// Declares a kernel's uniform, once for Rust and WGSL. A `u32` is a `usize` in Rust, an `f32` an `f64`, a `vec4f` an
/// array of `f32`.
macro_rules! uniform {
    (@type u32) => { usize };
    (@type f32) => { f64 };
    (@type vec4f) => { [f32; 4] };
    ($(#[$about:meta])* $name:ident { $($field:ident: $type:ident),* $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name {
            $(pub $field: $crate::compute::wgsl::uniform::uniform!(@type $type)),*
        }

        impl $crate::compute::wgsl::uniform::Uniform for $name {
            const DECLARATION: &'static str =
                concat!("struct Sizes {\n  first_group: u32,\n", $("  ", stringify!($field), ": ", stringify!($type), ",\n",)* "}\n");

            fn words(&self) -> Vec<u32> {
                let mut words = vec![0];
                $($crate::compute::wgsl::uniform::Field::append(self.$field, &mut words);)*
                words.resize(words.len().next_multiple_of(4), 0);
                words
            }
        }
    };
}
pub(in crate::compute::wgsl) use uniform;

/// A field's value.
pub trait Field {
    /// Appends its words, aligned as WGSL aligns its type.
    fn append(self, words: &mut Vec<u32>);
}

impl Field for usize {
    fn append(self, words: &mut Vec<u32>) {
        words.push(self as u32);
    }
}

impl Field for f64 {
    fn append(self, words: &mut Vec<u32>) {
        words.push((self as f32).to_bits());
    }
}

impl Field for [f32; 4] {
    fn append(self, words: &mut Vec<u32>) {
        words.resize(words.len().next_multiple_of(4), 0);
        words.extend(self.map(f32::to_bits));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    uniform!(Example { height: u32, mean: vec4f, scale: f32 });

    #[test]
    fn words_lie_where_wgsl_looks_for_the_fields() {
        let words = Example { height: 7, mean: [1.0, 2.0, 3.0, 4.0], scale: 0.5 }.words();
        let [one, two, three, four, half] = [1.0f32, 2.0, 3.0, 4.0, 0.5].map(f32::to_bits);
        assert_eq!(words, [0, 7, 0, 0, one, two, three, four, half, 0, 0, 0]);
        let declared = "struct Sizes {\n  first_group: u32,\n  height: u32,\n  mean: vec4f,\n  scale: f32,\n}\n";
        assert_eq!(Example::DECLARATION, declared);
    }
}
