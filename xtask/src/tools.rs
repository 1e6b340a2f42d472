//! What the tests need, each found, or installed, when it is first asked for.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Result, anyhow};

use crate::browser::{self, Browser};
use crate::emulator::Emulator;
use crate::places::Places;
use crate::process::say;
use crate::python::{self, FORMATS};
use crate::toolchain::{ARM, Toolchain, WASM};
use crate::vulkan::{self, Vulkan};
use crate::web::{self, Node};
use crate::{deny, models};

/// The tools of one run.
pub struct Tools<'a> {
    /// Where things are.
    pub places: &'a Places,
    wasm: Tool<Toolchain>,
    arm: Tool<(Toolchain, Emulator)>,
    vulkan: Tool<Vulkan>,
    models: Tool<PathBuf>,
    python: Tool<PathBuf>,
    node: Tool<Node>,
    browser: Tool<Browser>,
    deny: Tool<PathBuf>,
}

impl<'a> Tools<'a> {
    /// None looked for yet.
    pub fn new(places: &'a Places) -> Self {
        Self {
            places,
            wasm: Tool::new("wasm32"),
            arm: Tool::new("aarch64"),
            vulkan: Tool::new("Vulkan"),
            models: Tool::new("models"),
            python: Tool::new("Python"),
            node: Tool::new("Node.js"),
            browser: Tool::new("browser"),
            deny: Tool::new("cargo-deny"),
        }
    }

    /// Builds for wasm32.
    pub fn wasm(&self) -> Result<&Toolchain> {
        self.wasm.get(|| Toolchain::find(WASM, true), |toolchain| toolchain.words().into())
    }

    /// Builds for aarch64, where its programs can be run.
    pub fn arm(&self) -> Result<&(Toolchain, Emulator)> {
        let find = || Emulator::find().and_then(|emulator| Ok((Toolchain::find(ARM, true)?, emulator)));
        self.arm.get(find, |(toolchain, _)| toolchain.words().into())
    }

    /// Runs shaders.
    pub fn vulkan(&self) -> Result<&Vulkan> {
        self.vulkan.get(|| vulkan::find(self.places), |vulkan| vulkan.words.clone())
    }

    /// The folder of small published models.
    pub fn models(&self) -> Result<&PathBuf> {
        self.models.get(|| models::fetch(self.places), |path| path.display().to_string())
    }

    /// The Python that writes files for the tests of formats.
    pub fn python(&self) -> Result<&PathBuf> {
        self.python.get(|| python::interpreter(self.places, &FORMATS), |path| path.display().to_string())
    }

    /// Builds and tests what runs in browsers.
    pub fn node(&self) -> Result<&Node> {
        self.node.get(web::node, |node| node.version.clone())
    }

    /// Runs the page.
    pub fn browser(&self) -> Result<&Browser> {
        self.browser.get(browser::find, |browser| browser.version.clone())
    }

    /// cargo-deny.
    pub fn deny(&self) -> Result<&Path> {
        let found = self.deny.get(|| deny::find(self.places), |path| path.display().to_string())?;
        Ok(found)
    }

    /// Looks for all, says of each what there is, and returns whether all are there that the tests cannot do without:
    /// all but the emulator.
    pub fn all(&self) -> bool {
        // An emulator that is missing was told of; the tests say again what they left out.
        let _ = self.arm();
        let there = [
            self.wasm().is_ok(),
            self.vulkan().is_ok(),
            self.models().is_ok(),
            self.python().is_ok(),
            self.node().is_ok(),
            self.browser().is_ok(),
            self.deny().is_ok(),
        ];
        // Has no package of its own anywhere; the tests ask it where it is.
        let tint = Command::new("tint").arg("--help").output().is_ok();
        let words = if tint { "checks the shaders too" } else { "not there: naga alone checks the shaders" };
        say(format_args!("{:10} {words}", "tint"));
        there.into_iter().all(|there| there)
    }
}

/// A tool by its name, or why there is none.
struct Tool<T> {
    name: &'static str,
    found: OnceLock<Result<T>>,
}

impl<T> Tool<T> {
    fn new(name: &'static str) -> Self {
        Self { name, found: OnceLock::new() }
    }

    /// Looks at the first call, and says what it found.
    fn get(&self, find: impl FnOnce() -> Result<T>, words: impl FnOnce(&T) -> String) -> Result<&T> {
        let found = self.found.get_or_init(|| {
            let found = find();
            match &found {
                Ok(tool) => say(format_args!("{:10} {}", self.name, words(tool))),
                Err(why) => say(format_args!("{:10} MISSING: {why:#}", self.name)),
            }
            found
        });
        found.as_ref().map_err(|error| anyhow!("{error:#}"))
    }
}
