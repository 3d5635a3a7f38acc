//! `easel stylize`: a photo painted to the end, and saved with its settings inside.

use std::path::PathBuf;

use anyhow::Result;
use clap::ArgMatches;
use easel::{Compute, Error, Init, Picture, Pictures, Progress, StyleConfig, Stylizer, head_start};
use serde_json::json;

use super::args::{required, settings};
use super::inputs::{open_tuned, pictures};
use super::instant::Networks;
use super::output::{check_out, encoded, print_json, quality, recipe};
use super::replace::write_whole;
use super::say::say;

/// Paints, telling progress on standard error, and with `--json` prints the run's report.
pub async fn stylize(args: &ArgMatches) -> Result<()> {
    let out = PathBuf::from(required(args, "out"));
    check_out(args, &out)?;
    let quality = quality(args)?;
    let (config, init) = settings(args)?;
    if config.init == Init::Image && init.is_none() {
        let expected = "name the picture to start from as well, with --init-image FILE".into();
        return Err(Error::BadSetting { name: "init".into(), value: "image".into(), expected }.into());
    }
    let mut pictures = pictures(args, init)?;
    let shares: Vec<f64> = pictures.styles.iter().map(|style| style.weight).collect();
    let (compute, weights) = open_tuned(args).await?;
    say!("Painting on {} ({})", compute.info.adapter, compute.info.backend);
    let every = config.report_every;
    if config.init == Init::Instant {
        pictures.init = first_picture(args, &compute, &pictures, &config).await?;
    }
    let mut run = Stylizer::new(&compute, &weights, pictures, config)?;
    while !run.is_finished() {
        let progress = run.step().await?;
        if progress.iteration % every == 0 || progress.is_last() {
            say!("{}", line(&progress));
        }
    }
    let mut recipe = recipe(&shares);
    recipe["config"] = run.config().to_json();
    write_whole(&out, &encoded(&run.picture().await?, &out, quality, &recipe)?)?;
    say!("Saved {}", out.display());
    if args.get_flag("json") { print_json(&json!(run.report())) } else { Ok(()) }
}

/// What `init: instant` starts from, if it can be had.
async fn first_picture(
    args: &ArgMatches,
    compute: &Compute,
    pictures: &Pictures,
    config: &StyleConfig,
) -> Result<Option<Picture>> {
    match Networks::read_if_there(args, compute)? {
        Some(Networks { reader, painter }) => Ok(Some(head_start(&reader, &painter, pictures, config).await?)),
        None => Ok(None),
    }
}

fn line(progress: &Progress) -> String {
    let Progress { iteration, iterations, scale, losses, millis_per_iteration, eta_seconds, .. } = progress;
    format!(
        "{iteration}/{iterations}  {} × {} px  loss {:.5} (content {:.5}, style {:.5}, tv {:.5})  {:.0} ms/step, {eta_seconds:.0} s left",
        scale.width,
        scale.height,
        losses.total,
        losses.content,
        losses.style_sum(),
        losses.tv,
        millis_per_iteration,
    )
}
