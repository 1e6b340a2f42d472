//! `cargo xtask test`: everything that must hold before a change is taken.
//!
//! Steps for this machine's own target and steps for other targets have target folders of their own, so the two
//! kinds run side by side: one core links, or waits for a browser, while the other compiles. The step `browser` alone
//! builds this machine's program beside them.

mod clippy;
mod step;
mod summary;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use self::step::Step;
use self::summary::{Ended, Summary};
use crate::places::Places;
use crate::process::logged;
use crate::tools::Tools;

/// What is tested.
#[derive(Args)]
pub struct Arguments {
    /// Steps to run; nothing named: all
    #[arg(value_enum, value_name = "STEP")]
    steps: Vec<Step>,
    /// For the programs of the one step that is named: a part of the tests' names, or a file of tests/web
    #[arg(last = true, value_name = "WORD", requires = "steps")]
    words: Vec<String>,
}

/// Runs the steps, whatever becomes of each, and returns whether all is well.
///
/// # Errors
/// If the steps cannot even be begun.
pub fn run(places: &Places, arguments: &Arguments) -> Result<bool> {
    if !arguments.words.is_empty() {
        ensure!(
            arguments.steps.len() == 1 && arguments.steps[0].takes_words(),
            "words are for one step of tests"
        );
    }
    let tools = Tools::new(places);
    let words = &arguments.words[..];
    let mut summary = Summary::begin();
    if arguments.steps.is_empty() {
        println!("== setup");
        tools.all();
    }
    let chosen = Step::value_variants().iter().copied();
    let chosen = chosen.filter(|step| match &arguments.steps[..] {
        [] => step.is_usual(&tools),
        named => named.contains(step),
    });
    let (foreign, own): (Vec<Step>, Vec<Step>) = chosen.partition(|step| step.is_foreign());
    if foreign.is_empty() || own.is_empty() {
        summary.add(own.into_iter().chain(foreign).map(|step| run_here(step, &tools, words)));
        return Ok(summary.finish());
    }
    let logs = places.target.join("xtask-test");
    fs::create_dir_all(&logs).with_context(|| logs.display().to_string())?;
    std::thread::scope(|scope| {
        let aside = scope.spawn(|| own.into_iter().map(|step| run_aside(step, &tools, &logs)).collect());
        let here: Vec<Ended> = foreign.into_iter().map(|step| run_here(step, &tools, words)).collect();
        let aside: Vec<Ended> = aside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        summary.add(aside.into_iter().chain(here));
    });
    Ok(summary.finish())
}

/// Runs a step whose output is seen as it comes.
fn run_here(step: Step, tools: &Tools<'_>, words: &[String]) -> Ended {
    println!("\n== {}", step.name());
    Ended::of(step.name(), || step.run(tools, words))
}

/// Runs a step whose output goes to a file, and shows it whole when the step is done.
fn run_aside(step: Step, tools: &Tools<'_>, logs: &Path) -> Ended {
    let path = logs.join(format!("{}.log", step.name()));
    let opened = File::create(&path).and_then(|_| File::options().append(true).open(&path));
    let ended = match opened {
        // Several programs write to it, each at the end.
        Ok(log) => logged(log, || Ended::of(step.name(), || step.run(tools, &[]))),
        Err(error) => Ended::of(step.name(), || Err(error).with_context(|| path.display().to_string())),
    };
    let mut shown = format!("\n== {}\n", step.name()).into_bytes();
    shown.extend(fs::read(&path).unwrap_or_default());
    // What cannot be shown is in the file.
    drop(io::stdout().lock().write_all(&shown));
    ended
}
