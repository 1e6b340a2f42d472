//! Toolchains that build for another target than this machine: rustup's, or Debian's with the standard library
//! built from source.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::apt;
use crate::places::Places;
use crate::process::{output, run_within, say};

/// The target of the browser.
pub const WASM: &str = "wasm32-unknown-unknown";
/// The target that has NEON.
pub const ARM: &str = "aarch64-unknown-linux-gnu";

/// Debian's packages that build the standard library for any target.
pub const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// A download of a standard library takes seconds; where it is blocked it may hang instead of failing.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// What builds for one foreign target.
pub enum Toolchain {
    /// The toolchain that builds everything else; it has the target's standard library.
    Ordinary,
    /// Debian's `rustc-web` and `cargo-web`, which build the standard library too.
    Debian,
}

impl Toolchain {
    /// Finds a toolchain for `target`; `install` first tries to get one.
    ///
    /// # Errors
    /// If there is none: says what to install.
    pub fn find(target: &str, install: bool) -> Result<Self> {
        if has_std(target) {
            return Ok(Self::Ordinary);
        }
        if install {
            let added = run_within(Command::new("rustup").args(["target", "add", target]), RUSTUP_LIMIT);
            if has_std(target) {
                return Ok(Self::Ordinary);
            }
            if let Err(error) = added {
                say(format_args!("{error:#}"));
            }
        }
        if !has_debian() && install {
            apt::install(&DEBIAN_PACKAGES);
        }
        if has_debian() {
            return Ok(Self::Debian);
        }
        bail!(
            "no standard library for {target}: run `rustup target add {target}` (or, on Debian, `apt-get install {}`)",
            DEBIAN_PACKAGES.join(" ")
        )
    }

    /// What it is, for a person.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Ordinary => "standard library of the installed toolchain",
            Self::Debian => "Debian's rustc-web, standard library built from source",
        }
    }

    /// `cargo SUBCOMMAND` for `target`, in a target folder of its own.
    pub fn cargo(&self, places: &Places, target: &str, subcommand: &str) -> Command {
        let mut command = match self {
            Self::Ordinary => Command::new("cargo"),
            Self::Debian => Command::new(DEBIAN_CARGO),
        };
        command.current_dir(&places.root).arg(subcommand).args(["--target", target]);
        let folder = target.split('-').next().unwrap_or(target);
        command.env("CARGO_TARGET_DIR", places.target.join(folder));
        if let Self::Debian = self {
            command.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
            let parts = if subcommand == "test" { "std,panic_abort,test" } else { "std,panic_abort" };
            command.args(["-Z", &format!("build-std={parts}")]);
            // Debian's compiler comes without the linker for wasm; rustup's toolchain ships it.
            if target == WASM
                && let Some(linker) = rust_lld()
            {
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            }
        }
        command
    }
}

/// Whether the ordinary toolchain has the standard library of `target`.
fn has_std(target: &str) -> bool {
    output(Command::new("rustc").args(["--print", "target-libdir", "--target", target]))
        .is_some_and(|folder| Path::new(&folder).is_dir())
}

/// Whether Debian's compiler, cargo and library sources are installed.
fn has_debian() -> bool {
    [DEBIAN_CARGO, DEBIAN_RUSTC, "/usr/lib/rustlib/src/rust"].iter().all(|path| Path::new(path).exists())
}

/// The linker that the ordinary toolchain ships for wasm.
fn rust_lld() -> Option<PathBuf> {
    let sysroot = PathBuf::from(output(Command::new("rustc").args(["--print", "sysroot"]))?);
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "))?.to_owned();
    let linker = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
    linker.exists().then_some(linker)
}
