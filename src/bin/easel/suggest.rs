//! `easel suggest`: which paintings suit a photo.

use anyhow::Result;
use clap::ArgMatches;
use easel::Error;
use serde_json::json;

use super::inputs::{frames, open_device, pictures, weighted, weights_folder};
use super::instant::Networks;
use super::output::print_json;
use super::say::answer;

/// Ranks paintings and their mixtures, without regard to weights given, and prints the best.
pub async fn suggest(args: &ArgMatches) -> Result<()> {
    let count = count(args)?;
    let pictures = pictures(args, None)?;
    let styles = args.get_many::<String>("style").into_iter().flatten();
    let names: Vec<&str> = styles.map(|text| weighted(text).0).collect();
    let compute = open_device(args).await?;
    let Networks { reader, painter } = Networks::read(&weights_folder(args)?, &compute)?;
    let (frames, mut vectors) = (frames(args)?, Vec::new());
    for style in &pictures.styles {
        vectors.push(reader.read(&style.picture.unframed(frames)).await?);
    }
    let ranked = easel::suggest(&reader, &painter, &pictures.content, &vectors, count).await?;
    if args.get_flag("json") {
        let ranked: Vec<_> = ranked.iter().map(|s| json!({ "weights": s.weights, "score": s.score })).collect();
        return print_json(&json!({ "paintings": names, "ranked": ranked }));
    }
    for suggestion in ranked {
        let used = suggestion.weights.iter().zip(&names).filter(|(weight, _)| **weight > 0.0);
        let parts: Vec<String> = used.map(|(weight, name)| format!("{name}:{weight}")).collect();
        answer!("{:.3}  {}", suggestion.score, parts.join("  "));
    }
    Ok(())
}

fn count(args: &ArgMatches) -> Result<usize> {
    let Some(text) = args.get_one::<String>("count") else { return Ok(3) };
    text.parse().ok().filter(|count| (1..=100).contains(count)).ok_or_else(|| {
        let expected = "use a whole number from 1 to 100".into();
        Error::BadSetting { name: "count".into(), value: text.clone(), expected }.into()
    })
}
