//! An adapter for the tests that run shaders: the one that is there, or a software one.
//!
//! What the tests see in the end is what wgpu sees; building that takes minutes, so here the loader and its drivers
//! are looked for as the loader does. Where this is wrong the tests fail and say how to get an adapter.

mod search;
mod unpack;

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Result, bail};

use crate::apt;
use crate::places::Places;

/// Debian's packages of a software adapter and of the loader.
const PACKAGES: [&str; 2] = ["mesa-vulkan-drivers", "libvulkan1"];

/// An adapter, and how programs come to it.
pub struct Vulkan {
    /// What it is, for a person.
    pub words: String,
    /// What programs must find in their environment beside what is there.
    variables: Vec<(&'static str, OsString)>,
}

impl Vulkan {
    /// Sees that a command and what it starts will find the adapter.
    pub fn lend(&self, command: &mut Command) {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        // Mesa complains in every program when it has no such folder; it puts nothing there.
        if cfg!(target_os = "linux") && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
            command.env("XDG_RUNTIME_DIR", std::env::temp_dir());
        }
    }
}

/// Finds an adapter; where there is none, installs a software one: with apt for everyone, or unpacked into the cache.
///
/// # Errors
/// If there is none and none can be had: says what to install.
pub fn find(places: &Places) -> Result<Vulkan> {
    let there = |words: &str| Ok(Vulkan { words: words.into(), variables: Vec::new() });
    if cfg!(target_os = "macos") {
        return there("not needed: shaders run on Metal");
    }
    if cfg!(windows) {
        return there("not needed: shaders run on DirectX 12");
    }
    if let Some(found) = search::adapter() {
        return there(&found);
    }
    // Drivers that were chosen by hand are all that the loader takes: another one would change nothing.
    if let Some((name, value)) = search::chosen() {
        bail!("{name}={value} names no driver that could work here: unset it, or name one");
    }
    apt::install(&PACKAGES);
    if let Some(found) = search::adapter() {
        return there(&found);
    }
    match unpack::software(places) {
        Ok(variables) => {
            let set: Vec<String> =
                variables.iter().map(|(name, value)| format!("{name}={}", value.display())).collect();
            let words = format!("a software adapter in the cache, which programs find by {}", set.join(" "));
            Ok(Vulkan { words, variables })
        }
        Err(error) => bail!(
            "no Vulkan adapter, and {error:#}: install the driver of a GPU, or one in software: on Debian and \
             Ubuntu `apt-get install {}`, on Fedora `dnf install mesa-vulkan-drivers vulkan-loader`, on Arch \
             `pacman -S vulkan-swrast vulkan-icd-loader`",
            PACKAGES.join(" ")
        ),
    }
}
