//! `cargo xtask web`: the page and the npm package, from the crates to files that any static server serves.

mod modules;
mod sizes;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::browser::Browser;
use crate::places::Places;
use crate::process::{exists, output, run};
use crate::toolchain::{Toolchain, WASM};

/// The least version of Node.js: the oldest one that its makers still look after when this was written.
const NODE: u32 = 20;

/// Builds the browser side.
#[derive(Args)]
pub struct Arguments {
    /// Serve the page on this machine when it is built
    #[arg(long)]
    serve: bool,
    /// The port to serve on
    #[arg(long, value_name = "PORT", default_value_t = 8080, requires = "serve")]
    port: u16,
}

/// `cargo xtask web`.
///
/// # Errors
/// If a tool is missing or a step fails.
pub fn run_all(places: &Places, arguments: &Arguments) -> Result<()> {
    let wasm = Toolchain::find(WASM, true)?;
    node()?;
    build(places, &wasm)?;
    println!("\nThe page is in {}: any static server will do.", page(places).display());
    if arguments.serve {
        println!("It is served on http://localhost:{} until you press Ctrl-C.", arguments.port);
        let port = arguments.port.to_string();
        let mut preview = npm(&folder(places));
        run(preview.args(["run", "preview", "--workspace", "app", "--", "--port", &port, "--strictPort"]))?;
    }
    Ok(())
}

/// Builds the wasm modules, the package and the page, and prints what a browser downloads.
///
/// # Errors
/// If a step fails, or a module is larger than it may be.
pub fn build(places: &Places, wasm: &Toolchain) -> Result<()> {
    let folder = folder(places);
    install(&folder)?;
    modules::build(places, wasm)?;
    run(npm(&folder).args(["run", "build"]))?;
    sizes::report(places)
}

/// Installs exactly what the lock file of a folder names.
///
/// # Errors
/// If npm fails: says what a person can do.
pub fn install(folder: &Path) -> Result<()> {
    run(npm(folder).args(["ci", "--no-audit", "--no-fund"])).with_context(|| {
        format!("the packages of {} cannot be installed from the npm registry", folder.display())
    })
}

/// Shows that Node.js and npm are there.
pub struct Node {
    /// Its version, for a person.
    pub version: String,
}

/// Finds Node.js and npm.
///
/// # Errors
/// If they are not there, or too old: says what to install.
pub fn node() -> Result<Node> {
    let advice =
        "install Node.js 20 or newer with npm: https://nodejs.org, or on Debian `apt-get install nodejs npm`";
    let found = output(Command::new("node").arg("--version"));
    let major =
        found.as_deref().and_then(|version| version.trim_start_matches('v').split('.').next()?.parse().ok());
    match (found, major) {
        (Some(version), Some(NODE..)) if exists("npm") => Ok(Node { version }),
        (Some(version), Some(..NODE)) => bail!("Node.js {version} is too old: {advice}"),
        _ => bail!("no Node.js with npm: {advice}"),
    }
}

/// `npm` in a folder.
pub fn npm(folder: &Path) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(folder);
    command
}

/// The tests of the page and the package in a browser, ready to run.
///
/// # Errors
/// If their packages cannot be installed, or their format or a lint is wrong.
pub fn browser_tests(places: &Places, browser: &Browser) -> Result<Command> {
    let folder = places.root.join("tests/web");
    install(&folder)?;
    run(npm(&folder).args(["run", "check"]))?;
    let mut command = npm(&folder);
    command.arg("test");
    lend(places, browser, &mut command);
    Ok(command)
}

/// Tells a script of tests/web where things are.
pub fn lend(places: &Places, browser: &Browser, command: &mut Command) {
    let program = format!("clusterclip{}", std::env::consts::EXE_SUFFIX);
    command
        .env("CLUSTERCLIP_CLI", places.target.join("debug").join(program))
        .env("CLUSTERCLIP_PAGE", page(places))
        .env("CLUSTERCLIP_PACKAGE", package(places))
        .env("CLUSTERCLIP_MODELS", places.cache.join("models"))
        .env("CLUSTERCLIP_ARTIFACTS", places.target.join("web-screenshots"))
        .env(crate::browser::VARIABLE, &browser.path);
}

/// The npm workspace.
pub fn folder(places: &Places) -> PathBuf {
    places.root.join("web")
}

/// The npm package.
pub fn package(places: &Places) -> PathBuf {
    folder(places).join("js")
}

/// The page, built.
pub fn page(places: &Places) -> PathBuf {
    folder(places).join("app/dist")
}
