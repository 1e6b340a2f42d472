//! The steps, each a claim that can be tried by itself.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;
use clap::ValueEnum;

use super::clippy;
use super::summary::Done;
use crate::places::Places;
use crate::process::{run, run_tests, run_within};
use crate::python;
use crate::toolchain::ARM;
use crate::tools::Tools;
use crate::web;

/// The advisory database is a few megabytes; where it is blocked the download may hang.
const ADVISORY_LIMIT: Duration = Duration::from_secs(60);

const CORE: &str = "clusterclip-core";
const MODELS: &str = "clusterclip-models";

/// All but xtask, which runs already: as a part of the whole it would be built again, with the features of the whole.
const PRODUCT: [&str; 3] = ["--workspace", "--exclude", "xtask"];

/// The command line, as the tests of the workspace build it.
const PROGRAM: &str = "clusterclip-under-test";

/// Tests of core whose results other tests pin: statistics of integers that are the same on every processor and
/// whatever the threads. Under the emulator they would take most of an hour.
const STATISTICS: [&str; 2] = ["sampler_uniformity", "kmeans_quality"];

/// Tests of models that are not run under the emulator, by a part of their names: 200 texts through 6 layers, where
/// small models show the same, and every text alone, in three batches and on two pools, which is not the processor's
/// matter; nor is how near int8 comes to f32, as every kernel gives the plain one's bytes.
const NOT_EMULATED_OF_MODELS: [&str; 3] =
    ["minilm", "int8_comes_close_to_the_reference", "a_row_depends_on_its_text_alone"];

/// A step, in the order in which they run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Format of all Rust files
    Format,
    /// Licences, bans and sources of dependencies
    Licences,
    /// Known faults of dependencies
    Advisories,
    /// Lints of all targets of the workspace
    Clippy,
    /// Documentation, without a warning
    Docs,
    /// Tests of the workspace on this machine
    Tests,
    /// Tests of core without its feature `threads`; where there is an emulator, a part of the step `aarch64`
    OneThread,
    /// Lints of what runs in a browser, and what cannot work there
    ClippyWasm,
    /// The page and the npm package, built
    Page,
    /// Format, lints and types of the page and the package
    PageLints,
    /// Tests of the npm package, without a browser
    Package,
    /// Tests of core and models on aarch64, under an emulator, without the feature `threads`
    Aarch64,
    /// Tests of the page and the package in a browser
    Browser,
}

impl Step {
    /// Its name on the command line and in the summary.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Whether it builds, or runs, for another target than this machine's.
    pub fn is_foreign(self) -> bool {
        match self {
            Self::Format | Self::Licences | Self::Advisories => false,
            Self::Clippy | Self::Docs | Self::Tests | Self::OneThread => false,
            Self::ClippyWasm | Self::Page | Self::PageLints | Self::Package => true,
            Self::Aarch64 | Self::Browser => true,
        }
    }

    /// Whether it runs where none is named.
    pub fn is_usual(self, tools: &Tools<'_>) -> bool {
        self != Self::OneThread || tools.arm().is_err()
    }

    /// Whether it runs tests of which some can be chosen.
    pub fn takes_words(self) -> bool {
        matches!(self, Self::Tests | Self::OneThread | Self::Aarch64 | Self::Browser)
    }

    /// Runs it; `words` choose tests.
    ///
    /// # Errors
    /// If it fails, but for tests that do: those are counted.
    pub fn run(self, tools: &Tools<'_>, words: &[String]) -> Result<Done> {
        let places = tools.places;
        let cargo = |arguments: &[&str]| {
            let mut command = Command::new("cargo");
            command.current_dir(&places.root).args(arguments);
            command
        };
        match self {
            Self::Format => ok(&mut cargo(&["fmt", "--all", "--check"])),
            Self::Licences => ok(&mut deny(tools, &["check", "licenses", "bans", "sources"])?),
            Self::Advisories => advisories(tools),
            Self::Clippy => {
                ok(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
            }
            Self::Docs => {
                // With examples, so that dependencies have the features that clippy checked them with. Without the
                // program of native: its page would have the name of native's library, where all of it is.
                let mut command = cargo(&["doc", "--workspace", "--no-deps", "--lib", "--examples"]);
                ok(command.args(["--bin", "xtask"]).env("RUSTDOCFLAGS", "-D warnings"))
            }
            Self::Tests => {
                ask_for_models(tools);
                let (mut sum, mut success) =
                    run_tests(cargo(&["test", "--package", "xtask", "--"]).args(words))?;
                let mut command = cargo(&["test"]);
                command.args(PRODUCT).args(["--no-fail-fast", "--"]).args(words);
                // Without an adapter the tests of the shaders fail: they say how to get one.
                tools.vulkan().into_iter().for_each(|vulkan| vulkan.lend(&mut command));
                // So do those of formats without their Python.
                if let Ok(path) = tools.python() {
                    command.env(python::VARIABLE, path);
                }
                let (more, succeeded) = run_tests(&mut command)?;
                sum += more;
                success &= succeeded;
                Ok(Done::Tests(sum, success))
            }
            Self::OneThread => {
                let mut command = cargo(&["test", "--package", CORE, "--no-default-features"]);
                tests(command.args(["--no-fail-fast", "--"]).args(words))
            }
            Self::ClippyWasm => clippy::wasm(places, tools.wasm()?),
            Self::Page => {
                tools.node()?;
                web::build(places, tools.wasm()?).map(|()| Done::Ok)
            }
            Self::PageLints => ok(web::npm(&web::folder(places)).args(["run", "check"])),
            Self::Package => tests(web::npm(&web::folder(places)).arg("test")),
            Self::Aarch64 => aarch64(tools, words),
            Self::Browser => {
                ask_for_models(tools);
                // Built as the step `tests` builds it, in the same target folder, which the two share though they run
                // side by side: equal flags and features, so nothing is compiled twice, and cargo's lock on the folder
                // lets one build at a time.
                run(cargo(&["test"]).args(PRODUCT).args(["--test", "cli", "--no-run"]))?;
                let mut command = web::browser_tests(places, tools.browser()?)?;
                let program = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
                command.env("CLUSTERCLIP_CLI", places.target.join("debug").join(program));
                tests(command.arg("--").args(words))
            }
        }
    }
}

fn ok(command: &mut Command) -> Result<Done> {
    run(command).map(|()| Done::Ok)
}

/// Sees that the small models are there. Without them the tests that read them fail: they say how to get them.
fn ask_for_models(tools: &Tools<'_>) {
    let _ = tools.models();
}

fn tests(command: &mut Command) -> Result<Done> {
    run_tests(command).map(|(tests, success)| Done::Tests(tests, success))
}

/// Tests under an emulator: portable and NEON kernels. Neither these nor what is done without threads depends on the
/// other, so one build shows both; and one command for both crates compiles once what they share.
fn aarch64(tools: &Tools<'_>, words: &[String]) -> Result<Done> {
    let (toolchain, emulator) = match tools.arm() {
        Ok(found) => found,
        Err(error) => return Ok(Done::NotRun(format!("{error:#}"))),
    };
    ask_for_models(tools);
    let mut command = toolchain.cargo(tools.places, ARM, "test");
    command.args(["--package", CORE, "--package", MODELS, "--no-default-features"]);
    command.args(["--profile", "emulated", "--no-fail-fast", "--lib"]);
    command.args(test_targets(tools.places)?).args(["--test", "vectors", "--"]);
    command.args(words).args(NOT_EMULATED_OF_MODELS.iter().flat_map(|name| ["--skip", name]));
    emulator.lend(&mut command);
    tests(&mut command)
}

/// The files of core/tests but for statistics, as `--test` takes them.
fn test_targets(places: &Places) -> Result<Vec<String>> {
    let metadata = MetadataCommand::new().manifest_path(places.root.join("Cargo.toml")).no_deps().exec()?;
    let core =
        metadata.packages.iter().find(|package| package.name == CORE).context("no package of that name")?;
    let names = core.targets.iter().filter(|target| target.is_test()).map(|target| target.name.clone());
    let names = names.filter(|name| !STATISTICS.contains(&name.as_str()));
    Ok(names.flat_map(|name| ["--test".to_owned(), name]).collect())
}

fn advisories(tools: &Tools<'_>) -> Result<Done> {
    if let Err(error) = run_within(&mut deny(tools, &["fetch", "db"])?, ADVISORY_LIMIT) {
        return Ok(Done::NotRun(format!("the database of advisories cannot be had ({error:#})")));
    }
    ok(&mut deny(tools, &["check", "--disable-fetch", "advisories"])?)
}

fn deny(tools: &Tools<'_>, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(tools.deny()?);
    command.current_dir(&tools.places.root).args(["--all-features"]).args(arguments);
    Ok(command)
}
