//! Installs what the tests need: the standard libraries of two more targets, an emulator, a software GPU, a browser,
//! small models, cargo-deny.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::browser::{self, Browser};
use crate::models;
use crate::places::Places;
use crate::process::{exists, output, run};
use crate::toolchain::{ARM, Toolchain, WASM};
use crate::vulkan::{self, Vulkan};
use crate::web::{self, Node};

/// Debian's packages that link for aarch64 and run its programs here.
const EMULATOR_PACKAGES: [&str; 3] = ["qemu-user", "gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"];
/// The linker for aarch64.
pub const ARM_LINKER: &str = "aarch64-linux-gnu-gcc";
/// Runs aarch64 programs; `max` has the dot-product instructions.
pub const ARM_RUNNER: &str = "qemu-aarch64 -cpu max -L /usr/aarch64-linux-gnu";
/// The version whose checks deny.toml is written for.
const DENY_VERSION: &str = "0.20.2";

/// What was found or installed; each missing one with what to do about it.
pub struct Tools {
    /// Builds for wasm32.
    pub wasm: Result<Toolchain>,
    /// Builds for aarch64, where its programs can be run.
    pub arm: Result<Toolchain>,
    /// Runs shaders.
    pub vulkan: Result<Vulkan>,
    /// The folder of small published models.
    pub models: Result<PathBuf>,
    /// Builds and tests what runs in browsers.
    pub node: Result<Node>,
    /// Runs the page.
    pub browser: Result<Browser>,
    /// cargo-deny.
    pub deny: Result<PathBuf>,
}

/// Installs what is missing and prints what there is.
pub fn find(places: &Places) -> Tools {
    let tools = Tools {
        wasm: Toolchain::find(WASM, true),
        arm: emulator().and_then(|()| Toolchain::find(ARM, true)),
        vulkan: vulkan::find(places),
        models: models::fetch(places),
        node: web::node(),
        browser: browser::find(),
        deny: cargo_deny(places),
    };
    let line = |name: &str, found: Result<String, String>| match found {
        Ok(what) => println!("{name:10} {what}"),
        Err(why) => println!("{name:10} MISSING: {why}"),
    };
    line("wasm32", words(&tools.wasm, describe));
    line("aarch64", words(&tools.arm, describe));
    line("Vulkan", words(&tools.vulkan, |vulkan| vulkan.words.clone()));
    line("models", words(&tools.models, |path| path.display().to_string()));
    line("Node.js", words(&tools.node, |node| node.version.clone()));
    line("browser", words(&tools.browser, |browser| browser.version.clone()));
    line("cargo-deny", words(&tools.deny, |path| path.display().to_string()));
    // Has no package of its own anywhere; the tests ask it where it is.
    let tint = Command::new("tint").arg("--help").output().is_ok();
    line(
        "tint",
        Ok(if tint { "checks the shaders too" } else { "not there: naga alone checks the shaders" }.into()),
    );
    tools
}

/// `cargo xtask setup`.
///
/// # Errors
/// If something that `cargo xtask test` cannot do without is missing: all but the emulator.
pub fn all(places: &Places) -> Result<Tools> {
    let tools = find(places);
    let there = tools.wasm.is_ok()
        && tools.models.is_ok()
        && tools.vulkan.is_ok()
        && tools.node.is_ok()
        && tools.browser.is_ok();
    if !there || tools.deny.is_err() {
        bail!("something is missing that the tests need");
    }
    Ok(tools)
}

/// Installs Debian packages where that needs no password; elsewhere the caller's message names them.
pub fn apt_install(packages: &[&str]) {
    let is_root = output(Command::new("id").arg("-u")).as_deref() == Some("0");
    if !is_root || !exists("apt-get") {
        return;
    }
    let install = || {
        run(Command::new("apt-get").args(["install", "-y", "-q", "--no-install-recommends"]).args(packages))
    };
    // The package list may be old or absent: refresh it only when the install fails.
    if install().is_err()
        && let Err(error) = run(Command::new("apt-get").args(["update", "-q"])).and_then(|()| install())
    {
        println!("{error:#}");
    }
}

/// Makes sure that aarch64 programs can be linked and run.
fn emulator() -> Result<()> {
    let there =
        || exists("qemu-aarch64") && exists(ARM_LINKER) && Path::new("/usr/aarch64-linux-gnu/lib").exists();
    if cfg!(not(target_os = "linux")) {
        bail!("qemu-user runs on Linux only");
    }
    if !there() {
        apt_install(&EMULATOR_PACKAGES);
    }
    if !there() {
        bail!("no emulator: on Debian run `apt-get install {}`", EMULATOR_PACKAGES.join(" "));
    }
    Ok(())
}

/// Finds cargo-deny, or builds it into the cache.
fn cargo_deny(places: &Places) -> Result<PathBuf> {
    let path = places.tools().join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    let wanted = format!("cargo-deny {DENY_VERSION}");
    let is_wanted = |path: &Path| output(Command::new(path).arg("--version")).as_deref() == Some(&wanted);
    if is_wanted(Path::new("cargo-deny")) {
        return Ok("cargo-deny".into());
    }
    if !is_wanted(&path) {
        // Built without optimisation: it runs for a second, and building it otherwise takes minutes.
        run(Command::new("cargo")
            .args([
                "install",
                "--locked",
                "--quiet",
                "--profile",
                "dev",
                "--version",
                DENY_VERSION,
                "cargo-deny",
                "--root",
            ])
            .arg(places.tools())
            .env("CARGO_TARGET_DIR", places.target.join("tools")))?;
    }
    Ok(path)
}

fn words<T>(tool: &Result<T>, describe: impl Fn(&T) -> String) -> Result<String, String> {
    tool.as_ref().map(describe).map_err(|error| format!("{error:#}"))
}

fn describe(toolchain: &Toolchain) -> String {
    match toolchain {
        Toolchain::Ordinary => "standard library of the installed toolchain".into(),
        Toolchain::Debian => "Debian's rustc-web, standard library built from source".into(),
    }
}
