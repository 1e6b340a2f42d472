//! `cargo xtask test`: everything that must hold before a change is taken.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use cargo_metadata::MetadataCommand;

use crate::places::Places;
use crate::process::{run, run_tests, run_within};
use crate::setup::{self, ARM_LINKER, ARM_RUNNER, Tools};
use crate::steps::{Done, Steps};
use crate::toolchain::{ARM, Toolchain, WASM};
use crate::web;

/// The advisory database is a few megabytes; where it is blocked the download may hang.
const ADVISORY_LIMIT: Duration = Duration::from_secs(60);

const CORE: &str = "clusterclip-core";
const MODELS: &str = "clusterclip-models";

/// What must also work in a browser: packages, their folders, and features.
const PORTABLE: [(&str, &str, &[&str]); 6] = [
    (CORE, "core", &["--no-default-features"]),
    (MODELS, "models", &["--no-default-features"]),
    ("clusterclip-shaders", "shaders", &[]),
    ("clusterclip-web", "web", &[]),
    ("clusterclip-web", "web", &["--features", "gpu"]),
    ("clusterclip-web", "web", &["--features", "models"]),
];

/// Tests of core that are not run under the emulator: statistics of results that other tests pin, and that are
/// the same integers on every processor. They would take most of an hour there.
const NOT_EMULATED: [&str; 2] = ["sampler_uniformity", "kmeans_quality"];

/// Tests of models that are not run there, by a part of their names: 200 texts through 6 layers, where small models show
/// the same, and every text alone, in three batches and on two pools, which is not the processor's matter.
const NOT_EMULATED_OF_MODELS: [&str; 2] = ["minilm", "a_row_depends_on_its_text_alone"];

/// Runs every step, whatever becomes of the others, and returns whether all is well.
///
/// # Errors
/// If the steps cannot even be begun.
pub fn all(places: &Places) -> Result<bool> {
    let mut steps = Steps::default();
    let mut tools = None;
    steps.run("setup", || {
        tools = Some(setup::find(places));
        Ok(Done::Ok)
    });
    let Tools { wasm, arm, vulkan, models: _, node, browser, deny } =
        tools.context("the setup step sets this")?;

    let cargo = |arguments: &[&str]| {
        let mut command = Command::new("cargo");
        command.current_dir(&places.root).args(arguments);
        command
    };
    steps.run("format", || ok(&mut cargo(&["fmt", "--all", "--check"])));
    steps.run("clippy", || {
        ok(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    steps.run("clippy for wasm32", || clippy_wasm(places, &wasm));
    steps.run("page and npm package", || {
        found(&node)?;
        web::build(places, found(&wasm)?).map(|()| Done::Ok)
    });
    steps.run("format, lints and types of the page and the package", || {
        ok(web::npm(&web::folder(places)).args(["run", "check"]))
    });
    steps.run("docs", || {
        let mut command = cargo(&["doc", "--workspace", "--no-deps"]);
        ok(command.env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.run("tests", || {
        let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
        // Without an adapter the tests of the shaders fail: they say how to get one.
        vulkan.iter().for_each(|vulkan| vulkan.lend(&mut command));
        tests(&mut command)
    });
    steps.run("tests of core without threads", || {
        tests(&mut cargo(&["test", "--package", CORE, "--no-default-features", "--no-fail-fast"]))
    });
    steps.run("tests of core on aarch64", || {
        let mut words = vec!["--package", CORE, "--no-fail-fast", "--lib"];
        let targets = test_targets(places)?;
        let emulated = targets.iter().filter(|name| !NOT_EMULATED.contains(&name.as_str()));
        words.extend(emulated.flat_map(|name| ["--test", name]));
        test_arm(places, &arm, &words)
    });
    steps.run("tests of models on aarch64", || {
        let mut words = vec!["--package", MODELS, "--no-fail-fast", "--lib", "--test", "vectors", "--"];
        words.extend(NOT_EMULATED_OF_MODELS.iter().flat_map(|name| ["--skip", name]));
        test_arm(places, &arm, &words)
    });
    steps.run("tests of the npm package", || tests(web::npm(&web::folder(places)).arg("test")));
    steps.run("tests in a browser", || {
        ok(&mut cargo(&["build", "--package", "clusterclip"]))?;
        tests(&mut web::browser_tests(places, found(&browser)?)?)
    });
    steps.run("licences, bans, sources", || {
        ok(&mut deny_command(places, &deny, &["check", "licenses", "bans", "sources"])?)
    });
    steps.run("advisories", || {
        let mut fetch = deny_command(places, &deny, &["fetch", "db"])?;
        if let Err(error) = run_within(&mut fetch, ADVISORY_LIMIT) {
            return Ok(Done::NotRun(format!("the database of advisories cannot be had ({error:#})")));
        }
        ok(&mut deny_command(places, &deny, &["check", "--disable-fetch", "advisories"])?)
    });
    Ok(steps.finish())
}

fn ok(command: &mut Command) -> Result<Done> {
    run(command).map(|()| Done::Ok)
}

fn tests(command: &mut Command) -> Result<Done> {
    run_tests(command).map(|(tests, success)| Done::Tests(tests, success))
}

/// A tool that the setup found, or what it said.
fn found<T>(tool: &Result<T>) -> Result<&T> {
    tool.as_ref().map_err(|error| anyhow!("{error:#}"))
}

/// Clippy with the second configuration, which bans what cannot work in a browser.
fn clippy_wasm(places: &Places, wasm: &Result<Toolchain>) -> Result<Done> {
    let toolchain = found(wasm)?;
    if let Toolchain::Debian = toolchain {
        // Its compiler comes without clippy: hold at least the compiler's own warnings against the crates.
        for (name, _, features) in PORTABLE {
            let mut command = toolchain.cargo(places, WASM, "rustc");
            command.args(["--package", name, "--lib"]).args(features);
            run(command.args(["--", "-D", "warnings"]))?;
        }
        return Ok(Done::NotRun("Debian's toolchain has no clippy; rustc's own warnings were denied".into()));
    }
    for (name, folder, features) in PORTABLE {
        let folder = crate::clippy::write_wasm_configuration(places, folder)?;
        let mut command = toolchain.cargo(places, WASM, "clippy");
        command.args(["--package", name, "--no-deps", "--lib"]).args(features);
        run(command.args(["--", "-D", "warnings"]).env("CLIPPY_CONF_DIR", folder))?;
    }
    Ok(Done::Ok)
}

/// Tests under an emulator: portable and NEON kernels.
fn test_arm(places: &Places, arm: &Result<Toolchain>, words: &[&str]) -> Result<Done> {
    let toolchain = match arm {
        Ok(toolchain) => toolchain,
        Err(error) => return Ok(Done::NotRun(format!("{error:#}"))),
    };
    let mut command = toolchain.cargo(places, ARM, "test");
    command
        .args(words)
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", ARM_LINKER)
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", ARM_RUNNER);
    tests(&mut command)
}

/// The files of core/tests, by the names that `--test` takes.
fn test_targets(places: &Places) -> Result<Vec<String>> {
    let metadata = MetadataCommand::new().manifest_path(places.root.join("Cargo.toml")).no_deps().exec()?;
    let core =
        metadata.packages.iter().find(|package| package.name == CORE).context("no package of that name")?;
    Ok(core.targets.iter().filter(|target| target.is_test()).map(|target| target.name.clone()).collect())
}

fn deny_command(places: &Places, deny: &Result<PathBuf>, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(found(deny)?);
    command.current_dir(&places.root).args(["--all-features"]).args(arguments);
    Ok(command)
}
