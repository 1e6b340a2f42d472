//! Debian's packages.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::process::{exists, output, run, say};

/// Steps run side by side, but apt runs once at a time: a second one fails while the first holds its lock.
static APT: Mutex<()> = Mutex::new(());

/// Installs packages where that needs no password; elsewhere the caller's message names them.
pub fn install(packages: &[&str]) {
    let is_root = output(Command::new("id").arg("-u")).as_deref() == Some("0");
    if !is_root || !exists("apt-get") {
        return;
    }
    let _alone = APT.lock().unwrap_or_else(PoisonError::into_inner);
    let install = || {
        run(Command::new("apt-get").args(["install", "-y", "-q", "--no-install-recommends"]).args(packages))
    };
    // The package list may be old or absent: refresh it only when the install fails.
    if install().is_err()
        && let Err(error) = run(Command::new("apt-get").args(["update", "-q"])).and_then(|()| install())
    {
        say(format_args!("{error:#}"));
    }
}
