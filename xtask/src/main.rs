//! `cargo xtask setup | test | fuzz | web | bench`: what a person types to work on clusterclip.

mod apt;
mod bench;
mod browser;
mod deny;
mod emulator;
mod fuzz;
mod models;
mod places;
mod process;
mod python;
mod test;
mod toolchain;
mod tools;
mod vulkan;
mod web;

use std::process::ExitCode;

use anyhow::ensure;
use clap::{Parser, Subcommand};

/// Sets up, tests and measures clusterclip.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs what the tests need and says what it could not install.
    Setup,
    /// Checks format, lints, docs, licences and all targets, and runs every test; or only the steps that are named.
    Test(test::Arguments),
    /// Tries every reader on changed files, guided by the code that they reach, and keeps those on which one fails.
    Fuzz(fuzz::Arguments),
    /// Builds the page and the npm package, and serves the page.
    Web(web::Arguments),
    /// Measures; with no name, everything.
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let done = || {
        let places = places::Places::find()?;
        match Arguments::parse().task {
            Task::Setup => {
                ensure!(tools::Tools::new(&places).all(), "something is missing that the tests need");
                Ok(true)
            }
            Task::Test(arguments) => test::run(&places, &arguments),
            Task::Fuzz(arguments) => fuzz::run_all(&places, &arguments),
            Task::Web(arguments) => web::run_all(&places, &arguments).map(|()| true),
            Task::Bench(arguments) => bench::run_all(&places, &arguments),
        }
    };
    match done() {
        Ok(true) => ExitCode::SUCCESS,
        // The summary has said what failed.
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Whatever RUST_BACKTRACE says: what went wrong is outside of this program.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
