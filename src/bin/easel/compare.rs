//! `easel compare`: how near a picture is to its photo and its paintings, by one measure for all.

use anyhow::Result;
use clap::ArgMatches;
use easel::StyleConfig;
use serde_json::json;

use super::inputs::{judged, open, pictures};
use super::output::print_json;
use super::say::answer;

/// Judges a picture by the default settings' distances, every layer counted once.
pub async fn compare(args: &ArgMatches) -> Result<()> {
    let pictures = pictures(args, None)?;
    let neutral = StyleConfig { content_weight: 1.0, style_weight: 1.0, tv_weight: 1.0, ..StyleConfig::default() };
    let image = judged(args, &neutral)?;
    let (compute, weights) = open(args).await?;
    let (losses, _) = easel::losses(&compute, &weights, &pictures, &image, &neutral).await?;
    if args.get_flag("json") {
        return print_json(&json!({
            "content": losses.content, "style": losses.style_sum(), "styleLayers": losses.style, "roughness": losses.tv,
        }));
    }
    answer!("content   {:>12.5}  (mean squared difference at relu4_2)", losses.content);
    answer!("style     {:>12.5}  (Wasserstein-2, the default layers)", losses.style_sum());
    answer!("roughness {:>12.5}  (total variation)", losses.tv);
    Ok(())
}
