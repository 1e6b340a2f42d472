//! Linking programs of aarch64 and running them here.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::apt;
use crate::process::exists;

/// Debian's packages for it.
const PACKAGES: [&str; 3] = ["qemu-user", "gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"];
const LINKER: &str = "aarch64-linux-gnu-gcc";
const LIBRARIES: &str = "/usr/aarch64-linux-gnu";
/// `max` has the dot-product instructions.
const RUNNER: &str = "qemu-aarch64 -cpu max -L /usr/aarch64-linux-gnu";

/// Shows that there is an emulator.
pub struct Emulator(());

impl Emulator {
    /// Finds what links and runs; where it is missing, tries Debian's.
    ///
    /// # Errors
    /// If there is none and none can be had: says what to install.
    pub fn find() -> Result<Self> {
        let there = || exists("qemu-aarch64") && exists(LINKER) && Path::new(LIBRARIES).join("lib").exists();
        if cfg!(not(target_os = "linux")) {
            bail!("qemu-user runs on Linux only");
        }
        if !there() {
            apt::install(&PACKAGES);
        }
        if !there() {
            bail!("no emulator: on Debian run `apt-get install {}`", PACKAGES.join(" "));
        }
        Ok(Self(()))
    }

    /// Sees that cargo links and runs with it, and tries fewer random cases than natively: it is slow.
    pub fn lend(&self, cargo: &mut Command) {
        cargo
            .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER)
            .env("PROPTEST_CASES", "12")
            .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", RUNNER);
    }
}
