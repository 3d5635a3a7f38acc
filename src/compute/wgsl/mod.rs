//! Our own WGSL kernels on packed maps, launched through Burn.
//!
//! Each file holds kernels of one noun and says how to launch them; what of their texts needs no unrolling lies beside it
//! in `.wgsl` files. Sizes go in a uniform, so that one pipeline serves every layer and scale. Loads are the bottleneck
//! everywhere, and what a tile has loaded is used for all of its outputs: it is held in registers, or for products on real
//! GPUs in a workgroup's memory ([`tile`], chosen by `Tiling`).
//!
//! A launch costs a browser more than many a kernel's work: what can be found in passing is, sums above all ([`reduce`]),
//! and small matrices are worked on together ([`batch`]).
//!
//! A kernel is a value ([`kernel`]), launched by [`launch`] with memory of our own ([`memory`], [`buffers`]).

mod adam;
mod batch;
pub(crate) mod buffers;
mod conv3x3;
mod conv3x3_direct;
mod conv3x3_software;
mod cosine;
mod dots;
mod ends;
mod field;
mod gram;
mod image;
mod kernel;
mod launch;
mod matmul;
mod memory;
mod moments;
mod nearest;
mod pointwise;
mod pooling;
mod reduce;
mod region;
mod resample;
mod rows;
mod similarity;
mod slices;
pub(crate) mod submissions;
mod table;
mod tile;
mod uniform;
mod variation;
mod winograd;
mod winograd_products;
mod winograd_transforms;
mod wrap;

pub use adam::{adam, average};
pub use batch::products;
pub use conv3x3::{Filter, conv3x3_gradient, conv3x3_gradient_unmasked, conv3x3_relu, image_gradient};
pub use cosine::{add_products, cosine_gradient, cosines};
pub use dots::{PARTS, dots, norms};
pub use field::{field_convolve, field_rectify, field_restyle};
pub use gram::{covariance, gram, partial_bytes, products as gram_slices};
pub use image::input;
pub use launch::{blank, copy_into, lasting, reserve_memory};
pub use matmul::{gram_product, moments_gradient};
pub use memory::release as release_memory;
pub use moments::{centred_into, from_rows, mean, rows};
pub use nearest::nearer;
pub use pointwise::{difference, mask};
pub use pooling::{pool, pool_gradient, pool_gradient_at, pool_noting};
pub use reduce::{Reduction, Room, parts, sum};
pub use region::{gather, scatter};
pub use resample::{resample, resample_gradient};
pub use rows::{Move, rows_among_zeros, rows_into};
pub use similarity::{spread, spread_difference};
pub use slices::{covariance_into, gram_difference};
pub use table::Row;
pub use variation::variation_gradient;
pub use wrap::{clear_border, wrap_border};

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
    adam::Adam,
    adam::Average,
    batch::Products,
    conv3x3_direct::Direct,
    conv3x3_direct::Turned,
    conv3x3_software::Software,
    cosine::CosineGradient,
    cosine::Cosines,
    cosine::PixelProducts,
    dots::Dots,
    field::FieldAffine,
    field::FieldConvolve,
    field::FieldRectify,
    field::FieldRestyle,
    field::FieldSums,
    gram::Gram,
    image::Input,
    launch::Copied,
    launch::CopiedInto,
    matmul::MapsProduct,
    moments::Centred,
    moments::FromRows,
    moments::Mean,
    nearest::Nearer,
    pointwise::Difference,
    pointwise::Mask,
    pooling::Pool,
    pooling::PoolGradient,
    pooling::PoolGradientAt,
    reduce::Sum,
    region::Gather,
    region::Scatter,
    resample::Resample,
    resample::ResampleGradient,
    rows::RowsCut,
    rows::RowsPut,
    similarity::Spread,
    similarity::SpreadDifference,
    slices::AddSlices,
    slices::Covariance,
    slices::GramDifference,
    variation::Variation,
    winograd_products::WinogradProduct,
    winograd_transforms::InputTransform,
    winograd_transforms::OutputTransform,
    winograd_transforms::WeightsTransform,
    wrap::Border,
);

#[cfg(test)]
mod tests {
    use super::*;
    use naga::valid::{Capabilities, ShaderStages, SubgroupOperationSet, ValidationFlags, Validator};

    /// Where `EASEL_WGSL` names a folder, all texts are written there, for tools that look at them (see README's design notes).
    #[test]
    fn every_text_is_valid_wgsl() {
        let folder = std::env::var_os("EASEL_WGSL").map(std::path::PathBuf::from);
        let mut validator = Validator::new(ValidationFlags::all(), Capabilities::SUBGROUP);
        validator.subgroup_stages(ShaderStages::COMPUTE).subgroup_operations(SubgroupOperationSet::all());
        for (kernel, text) in texts() {
            if let Some(folder) = &folder {
                let name = kernel.replace(|c: char| !c.is_alphanumeric(), "");
                std::fs::write(folder.join(name + ".wgsl"), &text).expect("a folder to write to");
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
