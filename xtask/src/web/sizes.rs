//! What a browser downloads, and the most that it may be.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::modules::{MODULES, wasm};
use super::{package, page};
use crate::places::Places;

/// The most bytes of the module that a page begins with, and of it with the one for GPUs, packed by gzip. Orders with
/// weights, groups and topics took the first from under 350,000 to some 393,000: they are wanted with the first run, and
/// a module of their own would need the order's code again.
const CORE: u64 = 400_000;
const WITH_GPU: u64 = 700_000;

/// Prints the sizes.
///
/// # Errors
/// If a file cannot be read, or the modules are too large.
pub fn report(places: &Places) -> Result<()> {
    println!("\n{:>12} {:>12}  file", "bytes", "gzip");
    let mut modules = Vec::new();
    for module in MODULES {
        modules.push(line(&wasm(places, module), &places.root)?);
    }
    for folder in [package(places).join("dist"), page(places)] {
        let mut files = Vec::new();
        walk(&folder, &mut files)?;
        let sizes = files.iter().map(|file| size(file)).collect::<Result<Vec<_>>>()?;
        let (bytes, packed) = sizes.iter().fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
        let name = folder.strip_prefix(&places.root).unwrap_or(&folder);
        println!("{bytes:12} {packed:12}  {} ({} files)", name.display(), files.len());
        for file in
            files.iter().filter(|file| file.extension().is_some_and(|end| end == "js" || end == "css"))
        {
            line(file, &places.root)?;
        }
    }
    let (core, with_gpu) = (modules[0], modules[0] + modules[1]);
    println!("modules: {core} of at most {CORE} without the GPU, {with_gpu} of at most {WITH_GPU} with it");
    ensure!(core <= CORE && with_gpu <= WITH_GPU, "the wasm modules are too large");
    Ok(())
}

fn line(file: &Path, root: &Path) -> Result<u64> {
    let (bytes, packed) = size(file)?;
    println!("{bytes:12} {packed:12}  {}", file.strip_prefix(root).unwrap_or(file).display());
    Ok(packed)
}

/// Bytes of a file, plain and as a server packs it.
fn size(file: &Path) -> Result<(u64, u64)> {
    let mut encoder = GzEncoder::new(Count(0), Compression::new(9));
    let bytes = io::copy(&mut File::open(file).with_context(|| file.display().to_string())?, &mut encoder)?;
    Ok((bytes, encoder.finish()?.0))
}

struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, files)? } else { files.push(path) }
    }
    files.sort();
    Ok(())
}
