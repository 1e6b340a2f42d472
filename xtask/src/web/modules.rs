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

/// The profile of the workspace that they are built with.
const PROFILE: &str = "web";

/// All modules, by the folder of their crate in `web`: their files are called so.
pub const MODULES: [&str; 3] = ["core", "gpu", "models"];

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
pub fn wasm(places: &Places, module: &str) -> PathBuf {
    out(places).join(format!("{module}_bg.wasm"))
}

/// Builds all: compiled together, then made small beside each other.
///
/// # Errors
/// If the compiler, wasm-bindgen or wasm-opt fails.
pub fn build(places: &Places, toolchain: &Toolchain) -> Result<()> {
    compile(places, toolchain)?;
    fs::create_dir_all(out(places))?;
    let tools = tools(places)?;
    std::thread::scope(|scope| {
        let tools = &tools;
        let all = MODULES.map(|module| scope.spawn(move || finish(places, module, tools)));
        all.into_iter()
            .try_for_each(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Makes a module that was compiled small, and puts it where it belongs.
fn finish(places: &Places, module: &str, tools: &str) -> Result<()> {
    let file = format!("{}.wasm", package_of(module).replace('-', "_"));
    let compiled = places.target.join("wasm32").join(WASM).join(PROFILE).join(file);
    ensure!(compiled.exists(), "cargo left no {}", compiled.display());
    let cached = places.target.join(PROFILE).join(module);
    // Shrinking takes longer than compiling: a module that came out the same is taken from the last time.
    let same = |a: &Path, b: &Path| Ok::<_, std::io::Error>(b.exists() && fs::read(a)? == fs::read(b)?);
    let (before, made_by) = (cached.join("before.wasm"), cached.join("made-by"));
    let is_known = fs::read_to_string(&made_by).is_ok_and(|before| before == tools);
    if !is_known || !same(&compiled, &before)? {
        bind(places, module, &compiled, &cached)?;
        fs::copy(&compiled, &before)?;
        fs::write(&made_by, tools)?;
    }
    for file in ["_bg.wasm", ".js", ".d.ts", "_bg.wasm.d.ts"] {
        let file = format!("{module}{file}");
        fs::copy(cached.join(&file), out(places).join(&file)).with_context(|| file)?;
    }
    Ok(())
}

/// The package that a module is made of.
fn package_of(module: &str) -> String {
    format!("clusterclip-web-{module}")
}

/// What makes a module of what was compiled: the version of wasm-opt, and what it is asked for.
fn tools(places: &Places) -> Result<String> {
    let lock = fs::read_to_string(folder(places).join("package-lock.json"))?;
    let version = lock.split("\"node_modules/binaryen\"").nth(1).and_then(|rest| rest.lines().nth(1));
    let version = version.context("the lock file names no binaryen")?;
    Ok(format!("{version} {OPTIONS:?} {FEATURES:?}"))
}

fn compile(places: &Places, toolchain: &Toolchain) -> Result<()> {
    let mut command = toolchain.cargo(places, WASM, "build");
    command.args(["--profile", PROFILE]);
    run(command.args(MODULES.iter().flat_map(|module| ["--package".to_owned(), package_of(module)])))
}

fn bind(places: &Places, module: &str, compiled: &Path, into: &Path) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into)?;
    }
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(module).typescript(true);
    // The package itself says where the wasm lies, in words that bundlers know.
    bindgen.web(true)?.omit_default_module_path(true).remove_producers_section(true);
    bindgen.generate(into)?;
    let wasm = into.join(format!("{module}_bg.wasm"));
    let node_modules = folder(places).join("node_modules");
    run(Command::new("node")
        .arg(node_modules.join("binaryen/bin/wasm-opt"))
        .args(OPTIONS)
        .args(FEATURES.map(|feature| format!("--enable-{feature}")))
        .arg(&wasm)
        .arg("-o")
        .arg(&wasm))
}
