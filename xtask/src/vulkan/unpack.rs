//! Debian's software adapter without being root: the packages that apt would install, unpacked into the cache.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::PACKAGES;
use crate::places::Places;
use crate::process::{exists, output, run};

/// Unpacks what is missing and gives the variables by which programs find it.
///
/// # Errors
/// If this is not Debian, or a package cannot be had.
pub fn software(places: &Places) -> Result<Vec<(&'static str, OsString)>> {
    if !exists("apt-get") {
        bail!("there is no apt-get to fetch one");
    }
    let wanted = missing()?;
    let folder = places.cache.join("vulkan");
    let (root, list) = (folder.join("root"), folder.join("packages.txt"));
    let wanted_list = wanted.join("\n");
    // The list is written last: it stands for a whole folder, made on a system as it is now.
    if fs::read_to_string(&list).ok().as_ref() != Some(&wanted_list) {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&root)?;
        run(Command::new("apt-get").current_dir(&folder).args(["download", "-q"]).args(&wanted))?;
        for entry in fs::read_dir(&folder)? {
            let package = entry?.path();
            if package.extension().is_some_and(|extension| extension == "deb") {
                run(Command::new("dpkg").arg("-x").arg(&package).arg(&root))?;
                fs::remove_file(&package)?;
            }
        }
        fs::write(&list, &wanted_list)?;
    }
    variables(&folder, &root)
}

/// What apt would install here, as `name=version`.
fn missing() -> Result<Vec<String>> {
    let told = output(
        Command::new("apt-get")
            .env("LC_ALL", "C")
            .args(["install", "--simulate", "--no-install-recommends", "-q"])
            .args(PACKAGES),
    )
    .context("apt-get knows no packages of one (`apt-get update` fetches its lists)")?;
    let wanted = packages(&told).context("apt-get's plan is not understood")?;
    // The dynamic linker and the C library go together, and the former is always the system's.
    if wanted.iter().any(|package| package.starts_with("libc6=")) {
        bail!("the one that apt-get has needs another C library");
    }
    if wanted.is_empty() {
        bail!("the packages that have one are installed and of no use");
    }
    Ok(wanted)
}

/// Reads lines like `Inst libdrm2 [2.4.113-1] (2.4.114-1 Debian:12.9/stable [amd64])`; others are passed over.
fn packages(plan: &str) -> Option<Vec<String>> {
    let package = |line: &str| {
        let (name, rest) = line.split_once(' ')?;
        Some(format!("{name}={}", rest.split_once('(')?.1.split(' ').next()?))
    };
    plan.lines().filter_map(|line| line.strip_prefix("Inst ")).map(package).collect()
}

fn variables(folder: &Path, root: &Path) -> Result<Vec<(&'static str, OsString)>> {
    let mut libraries = Vec::new();
    for parent in ["usr/lib", "lib"] {
        // Folders like x86_64-linux-gnu.
        libraries.extend(entries(&root.join(parent)).into_iter().filter(|path| ends(path, "-linux-gnu")));
    }
    let manifest =
        entries(&root.join("usr/share/vulkan/icd.d")).into_iter().find(|path| contains(path, "lvp_icd"));
    let manifest = manifest.context("the packages hold no software adapter")?;
    let mut described: Value = serde_json::from_slice(&fs::read(&manifest)?)?;
    let library = described["ICD"]["library_path"].as_str().and_then(|path| Path::new(path).file_name());
    let library = library.context("a driver's description names no library")?.to_owned();
    let place = libraries.iter().map(|folder| folder.join(&library)).find(|path| path.exists());
    described["ICD"]["library_path"] =
        place.context("the packages lack the driver")?.to_string_lossy().into();
    let ours = folder.join("lvp_icd.json");
    fs::write(&ours, described.to_string())?;

    let before = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let before = std::env::split_paths(&before).filter(|path| !path.as_os_str().is_empty());
    let libraries = std::env::join_paths(libraries.into_iter().chain(before))?;
    Ok(vec![
        ("LD_LIBRARY_PATH", libraries),
        ("VK_DRIVER_FILES", ours.clone().into()),
        ("VK_ICD_FILENAMES", ours.into()),
    ])
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).into_iter().flatten();
    read.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn ends(path: &Path, end: &str) -> bool {
    path.to_string_lossy().ends_with(end)
}

fn contains(path: &Path, part: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_from_apt_s_plan() {
        let plan = "Reading package lists...\nThe following NEW packages will be installed:\n  libdrm2 libvulkan1\n\
                    Inst libdrm2 [2.4.113-1] (2.4.114-1 Debian:12.9/stable [amd64])\n\
                    Inst libz3-4 (4.8.12-3.1 Debian:12.9/stable [amd64]) []\n\
                    Conf libdrm2 (2.4.114-1 Debian:12.9/stable [amd64])\n";
        assert_eq!(packages(plan), Some(vec!["libdrm2=2.4.114-1".into(), "libz3-4=4.8.12-3.1".into()]));
        assert_eq!(packages("Inst libdrm2"), None);
    }
}
