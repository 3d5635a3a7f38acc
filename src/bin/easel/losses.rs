//! `easel losses`: every weighted term of an image's loss, for comparing with other implementations.

use anyhow::Result;
use clap::ArgMatches;
use serde_json::json;

use super::args::settings;
use super::inputs::{judged, open, pictures};
use super::output::print_json;
use super::say::answer;

/// Prints the losses of an image at its own size, and the L2 norm of their gradient.
pub async fn losses(args: &ArgMatches) -> Result<()> {
    let (config, init) = settings(args)?;
    let pictures = pictures(args, init)?;
    let image = judged(args, &config)?;
    let (compute, weights) = open(args).await?;
    let (losses, gradient_norm) = easel::losses(&compute, &weights, &pictures, &image, &config).await?;
    if args.get_flag("json") {
        let mut value = json!(losses);
        value["gradientNorm"] = json!(gradient_norm);
        return print_json(&value);
    }
    answer!("content       {:>14.6}", losses.content);
    for (layer, value) in &losses.style {
        answer!("style {layer} {value:>14.6}");
    }
    answer!("tv            {:>14.6}", losses.tv);
    answer!("photoreal     {:>14.6}", losses.photoreal);
    answer!("total         {:>14.6}", losses.total);
    answer!("gradient norm {gradient_norm:>14.6}");
    Ok(())
}
