//! The wasm modules: compiled, given their JavaScript by wasm-bindgen, made small by wasm-opt.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use super::{folder, package};
use crate::places::Places;
use crate::process::run;
use crate::toolchain::{Toolchain, WASM};

/// The crate, and the profile of the workspace that it is built with.
const CRATE: &str = "clusterclip-web";
const PROFILE: &str = "web";

/// A module: its name, and the features of the crate that are in it.
pub struct Module {
    /// Files are called so.
    pub name: &'static str,
    features: &'static [&'static str],
}

/// All modules.
pub const MODULES: [Module; 3] = [
    Module { name: "core", features: &[] },
    Module { name: "gpu", features: &["--features", "gpu"] },
    Module { name: "models", features: &["--features", "models"] },
];

/// What wasm-opt is asked for.
const OPTIONS: [&str; 3] = ["-O3", "--strip-debug", "--strip-producers"];

/// What rustc uses of WebAssembly. wasm-opt may use no more: what is newer, browsers and Node.js may lack.
const FEATURES: [&str; 7] = [
    "bulk-memory",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
    "simd",
];

/// Where the modules are put: a folder of the package that git does not know.
pub fn out(places: &Places) -> PathBuf {
    package(places).join("wasm")
}

/// The wasm of a module, once built.
pub fn wasm(places: &Places, module: &Module) -> PathBuf {
    out(places).join(format!("{}_bg.wasm", module.name))
}

/// Builds all.
///
/// # Errors
/// If the compiler, wasm-bindgen or wasm-opt fails.
pub fn build(places: &Places, toolchain: &Toolchain) -> Result<()> {
    for module in &MODULES {
        let compiled = compile(places, toolchain, module)?;
        let cached = places.target.join(PROFILE).join(module.name);
        // Shrinking takes longer than compiling: a module that came out the same is taken from the last time.
        let same = |a: &Path, b: &Path| Ok::<_, std::io::Error>(b.exists() && fs::read(a)? == fs::read(b)?);
        let (before, made_by) = (cached.join("before.wasm"), cached.join("made-by"));
        let tools = tools(places)?;
        let is_known = fs::read_to_string(&made_by).is_ok_and(|before| before == tools);
        if !is_known || !same(&compiled, &before)? {
            bind(places, module, &compiled, &cached)?;
            fs::copy(&compiled, &before)?;
            fs::write(&made_by, tools)?;
        }
        fs::create_dir_all(out(places))?;
        for file in ["_bg.wasm", ".js", ".d.ts", "_bg.wasm.d.ts"] {
            let file = format!("{}{file}", module.name);
            fs::copy(cached.join(&file), out(places).join(&file)).with_context(|| file)?;
        }
    }
    Ok(())
}

/// What makes a module of what was compiled: the version of wasm-opt, and what it is asked for.
fn tools(places: &Places) -> Result<String> {
    let lock = fs::read_to_string(folder(places).join("package-lock.json"))?;
    let version = lock.split("\"node_modules/binaryen\"").nth(1).and_then(|rest| rest.lines().nth(1));
    let version = version.context("the lock file names no binaryen")?;
    Ok(format!("{version} {OPTIONS:?} {FEATURES:?}"))
}

fn compile(places: &Places, toolchain: &Toolchain, module: &Module) -> Result<PathBuf> {
    let mut command = toolchain.cargo(places, WASM, "build");
    run(command.args(["--package", CRATE, "--profile", PROFILE]).args(module.features))?;
    // Both modules have the same file name: the next one overwrites it.
    let file = format!("{}.wasm", CRATE.replace('-', "_"));
    let compiled = places.target.join("wasm32").join(WASM).join(PROFILE).join(file);
    ensure!(compiled.exists(), "cargo left no {}", compiled.display());
    Ok(compiled)
}

fn bind(places: &Places, module: &Module, compiled: &Path, into: &Path) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into)?;
    }
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(module.name).typescript(true);
    // The package itself says where the wasm lies, in words that bundlers know.
    bindgen.web(true)?.omit_default_module_path(true).remove_producers_section(true);
    bindgen.generate(into)?;
    let wasm = into.join(format!("{}_bg.wasm", module.name));
    let node_modules = folder(places).join("node_modules");
    run(Command::new("node")
        .arg(node_modules.join("binaryen/bin/wasm-opt"))
        .args(OPTIONS)
        .args(FEATURES.map(|feature| format!("--enable-{feature}")))
        .arg(&wasm)
        .arg("-o")
        .arg(&wasm))
}
