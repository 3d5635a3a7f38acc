//! Our own WGSL kernels on packed maps, launched through Burn.
//!
//! Each file holds kernels of one noun and says how to launch them; what of their texts needs no unrolling lies beside it
//! in `.wgsl` files. Sizes go in a uniform, so that one pipeline serves every layer and scale. Loads are the bottleneck
//! everywhere: what a tile has loaded, into registers or, where only GPUs run it, workgroup memory, it uses for all of its outputs.
//!
//! A kernel is a value ([`kernel`]), launched by [`launch`] with memory of our own ([`memory`], [`buffers`]).

mod adam;
pub(crate) mod buffers;
mod conv3x3;
mod conv3x3_direct;
mod conv3x3_software;
mod ends;
mod field;
mod gram;
mod image;
mod kernel;
mod launch;
mod matmul;
mod memory;
mod moments;
mod pointwise;
mod pooling;
mod reduce;
mod region;
mod uniform;
mod variation;
mod winograd;
mod winograd_products;
mod winograd_transforms;

pub use adam::adam;
pub use conv3x3::{Filter, conv3x3_gradient, conv3x3_gradient_unmasked, conv3x3_relu, image_gradient};
pub use field::{field_convolve, field_rectify, field_restyle};
pub use gram::{covariance, gram};
pub use image::input;
pub use launch::reserve_memory;
pub use matmul::{gram_product, matmul, matmul_transposed, moments_gradient};
pub use memory::release as release_memory;
pub use moments::{centred, from_rows, mean};
pub use pointwise::{difference, mask};
pub use pooling::{places, pool, pool_gradient, pool_gradient_at};
pub use reduce::{Reduction, append_sum, scaled_by, squares};
pub use region::{gather, scatter};
pub use variation::variation_gradient;

/// All kernels. One that is left out cannot be launched; the texts of those named are validated in all their variants.
macro_rules! list {
    ($($kernel:ty),* $(,)?) => {
        $(impl kernel::Listed for $kernel {})*

        /// Every kernel's name and text.
        #[cfg(test)]
        fn texts() -> Vec<(String, String)> {
            fn all<K: kernel::Kernel + kernel::Variants>() -> Vec<(String, String)> {
                K::all().into_iter().map(|kernel| (format!("{kernel:?}"), kernel::text(kernel))).collect()
            }
            [$(all::<$kernel>()),*].concat()
        }
    };
}

list!(
    adam::AdamMoments,
    adam::AdamMove,
    conv3x3_direct::Direct,
    conv3x3_direct::Turned,
    conv3x3_software::Software,
    field::FieldAffine,
    field::FieldConvolve,
    field::FieldRectify,
    field::FieldRestyle,
    field::FieldSums,
    gram::AddSlices,
    gram::Gram,
    image::Input,
    launch::Copied,
    matmul::Product,
    matmul::TransposedProduct,
    moments::Centred,
    moments::FromRows,
    moments::Mean,
    pointwise::Pointwise,
    pooling::Pool,
    pooling::PoolGradient,
    pooling::PoolGradientAt,
    pooling::PoolPlaces,
    reduce::ScaledBy,
    reduce::Squares,
    reduce::Sum,
    region::Gather,
    region::Scatter,
    variation::Variation,
    winograd_products::WinogradProduct,
    winograd_transforms::InputTransform,
    winograd_transforms::OutputTransform,
    winograd_transforms::WeightsTransform,
);

#[cfg(test)]
mod tests {
    use super::*;
    use naga::valid::{Capabilities, ShaderStages, SubgroupOperationSet, ValidationFlags, Validator};

    #[test]
    fn every_text_is_valid_wgsl() {
        let mut validator = Validator::new(ValidationFlags::all(), Capabilities::SUBGROUP);
        validator.subgroup_stages(ShaderStages::COMPUTE).subgroup_operations(SubgroupOperationSet::all());
        for (kernel, text) in texts() {
            // For tools that look at them, as README's design notes tell.
            if let Some(folder) = std::env::var_os("EASEL_WGSL") {
                let name = kernel.replace(|c: char| !c.is_alphanumeric(), "");
                std::fs::write(std::path::Path::new(&folder).join(name + ".wgsl"), &text)
                    .expect("a folder to write to");
            }
            // Naga 30 knows the operations but not the word that enables them (gfx-rs/wgpu#5555, November 2026).
            let text = text.replacen("enable subgroups;", "", 1);
            let module = naga::front::wgsl::parse_str(&text)
                .unwrap_or_else(|error| panic!("{kernel}: {}", error.emit_to_string(&text)));
            validator.validate(&module).unwrap_or_else(|error| panic!("{kernel}: {}", error.emit_to_string(&text)));
            assert!(!text.contains("{{"), "{kernel}: Burn's templates would take them for placeholders");
        }
    }

    #[test]
    fn every_variant_has_a_text_of_its_own() {
        let mut texts = texts();
        let count = texts.len();
        texts.sort_by(|(_, a), (_, b)| a.cmp(b));
        texts.dedup_by(|(_, a), (_, b)| a == b);
        assert_eq!(texts.len(), count, "two variants do the same");
    }
}
