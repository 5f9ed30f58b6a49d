//! What a cold build of the service takes: an empty target folder, one profile after another.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Args;

use crate::scratch::Scratch;
use crate::{Result, process};

/// What to build.
#[derive(Args)]
pub struct Options {
    /// The profiles.
    #[arg(long, value_delimiter = ',', default_values_t = ["dev".to_owned(), "release".to_owned()])]
    pub profiles: Vec<String>,
}

/// Builds, and prints a table. It needs everything that `cargo fetch` brings.
pub fn builds(options: &Options) -> Result<()> {
    println!("| profile | wall s | processor s | binary MiB |\n| --- | ---: | ---: | ---: |");
    for profile in &options.profiles {
        let scratch = Scratch::new(&format!("build-{profile}"))?;
        let (begun, before) = (Instant::now(), process::used_by_ended_children());
        let built = Command::new("cargo")
            .args([
                "build",
                "--locked",
                "--offline",
                "-p",
                "stoa",
                "--profile",
                profile,
            ])
            .env("CARGO_TARGET_DIR", scratch.path())
            .stdin(Stdio::null())
            .status()?;
        let took = begun.elapsed().as_secs();
        if !built.success() {
            return Err(format!("the build with {profile} failed").into());
        }
        let used = process::used_by_ended_children()
            .saturating_sub(before)
            .as_secs();
        let folder = if profile == "dev" { "debug" } else { profile };
        let binary: PathBuf = scratch.path().join(folder).join("stoa");
        let size = std::fs::metadata(binary)?.len() >> 20;
        println!("| {profile} | {took} | {used} | {size} |");
    }
    Ok(())
}
