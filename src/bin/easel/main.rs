//! The command line: `easel stylize | instant | batch | losses | compare | bench | pack-weights | suggest | vectors | knobs`.
//!
//! Progress goes to standard error, results to files or, with `--json`, to standard output. Exit codes:
//! 0 done; 2 the command or a setting is wrong; 3 a file cannot be used; 4 the device is not there or
//! failed; 1 anything else. A batch that got to its end answers with how many pictures failed, its sheet
//! counted among them, at most 100.

mod args;
mod asked;
mod batch;
mod bench;
mod compare;
mod files;
mod inputs;
mod instant;
mod knobs;
mod losses;
mod output;
mod pack_weights;
mod queue;
mod replace;
mod saved_run;
mod say;
mod sequence;
mod sheet;
mod stylize;
mod suggest;

use std::process::ExitCode;

use anyhow::Result;
use clap::ArgMatches;
use easel::Error;

use say::{say, told_causes};

fn main() -> ExitCode {
    let matches = args::command().get_matches();
    let outcome = pollster::block_on(run(&matches));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            say!("easel: {error}");
            told_causes(Some(&error).filter(|_| matches.get_flag("verbose")));
            ExitCode::from(exit_code(&error))
        }
    }
}

async fn run(matches: &ArgMatches) -> Result<ExitCode> {
    match matches.subcommand() {
        Some(("batch", args)) => return batch::batch(args),
        Some(("stylize", args)) => stylize::stylize(args).await,
        Some(("instant", args)) => instant::instant(args).await,
        Some(("suggest", args)) => suggest::suggest(args).await,
        Some(("vectors", args)) => instant::vectors(args).await,
        Some(("losses", args)) => losses::losses(args).await,
        Some(("compare", args)) => compare::compare(args).await,
        Some(("bench", args)) => bench::bench(args).await,
        Some(("pack-weights", args)) => pack_weights::pack_weights(args).await,
        Some(("knobs", _)) => knobs::knobs(),
        _ => Ok(()),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<Error>() {
        Some(
            Error::UnknownSetting { .. }
            | Error::BadSetting { .. }
            | Error::SettingsSyntax(_)
            | Error::NoStyle
            | Error::StyleWeight(_),
        ) => 2,
        Some(Error::DeviceUnavailable { .. } | Error::DeviceFailed { .. } | Error::WrongDevice { .. }) => 4,
        Some(Error::Diverged { .. }) | None => 1,
        Some(_) => 3,
    }
}
