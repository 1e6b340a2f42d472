//! Whether there is a Vulkan loader with a driver that can work, looked for where the loader looks.

use std::env::{home_dir, split_paths, var, var_os};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::process::output;

/// The loader, as programs open it.
const LOADER: &str = "libvulkan.so.1";
/// Either holds the drivers' files or folders that the loader takes instead of all others; the second is its old name.
const CHOSEN: [&str; 2] = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"];
/// Parts of the names of drivers that need no device.
const SOFTWARE: [&str; 2] = ["vulkan_lvp", "vk_swiftshader"];

/// Describes the adapter that is there, if one is.
pub fn adapter() -> Option<String> {
    if !is_library(Path::new(LOADER)) {
        return None;
    }
    let drivers: Vec<PathBuf> = manifests().iter().filter_map(|manifest| driver(manifest)).collect();
    let is_software = |driver: &&PathBuf| SOFTWARE.iter().any(|name| driver.to_string_lossy().contains(name));
    // A hardware driver without its device is no adapter.
    let hardware = drivers.iter().find(|driver| !is_software(driver)).filter(|_| has_device());
    let found = hardware.or_else(|| drivers.iter().find(is_software))?;
    let kind = if is_software(&found) { "software" } else { "hardware" };
    Some(format!("a {kind} adapter by {}", found.display()))
}

/// The variable that says which drivers the loader takes, where one is set.
pub fn chosen() -> Option<(&'static str, String)> {
    CHOSEN.iter().find_map(|&name| Some((name, var(name).ok().filter(|value| !value.is_empty())?)))
}

/// The files that describe drivers.
fn manifests() -> Vec<PathBuf> {
    let list = |value: String| split_paths(&value).collect::<Vec<_>>();
    let places = match chosen() {
        Some((_, value)) => list(value),
        None => {
            standard_folders().into_iter().chain(var("VK_ADD_DRIVER_FILES").map_or(vec![], list)).collect()
        }
    };
    let is_manifest = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let files = |place: PathBuf| match fs::read_dir(&place) {
        Ok(folder) => folder.filter_map(|entry| Some(entry.ok()?.path())).filter(is_manifest).collect(),
        Err(_) => vec![place],
    };
    places.into_iter().flat_map(files).collect()
}

/// Where drivers describe themselves when none is chosen, for the user and for all.
fn standard_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for (one, of_home, many, of_all) in [
        ("XDG_CONFIG_HOME", ".config", "XDG_CONFIG_DIRS", "/etc/xdg:/etc"),
        ("XDG_DATA_HOME", ".local/share", "XDG_DATA_DIRS", "/usr/local/share:/usr/share"),
    ] {
        folders.extend(var_os(one).map(PathBuf::from).or_else(|| Some(home_dir()?.join(of_home))));
        folders.extend(split_paths(&var_os(many).unwrap_or_else(|| of_all.into())));
    }
    // These it looks into whatever the variables say.
    folders.extend(["/etc", "/usr/share"].map(PathBuf::from));
    folders.into_iter().map(|folder| folder.join("vulkan/icd.d")).collect()
}

/// The library of the driver that a file describes, where it is there.
fn driver(manifest: &Path) -> Option<PathBuf> {
    let described: Value = serde_json::from_slice(&fs::read(manifest).ok()?).ok()?;
    let named = Path::new(described["ICD"]["library_path"].as_str()?);
    // A mere name is searched for; a path starts at the file's folder.
    let library = if named.components().count() == 1 { named.into() } else { manifest.parent()?.join(named) };
    is_library(&library).then_some(library)
}

/// Whether a library can be opened by this path or, for a mere name, is where the system looks for libraries.
fn is_library(library: &Path) -> bool {
    if library.components().count() > 1 {
        return library.exists();
    }
    // Not on everyone's PATH.
    let known = ["ldconfig", "/sbin/ldconfig"].iter().find_map(|it| output(Command::new(it).arg("-p")));
    let of_name = |line: &str| line.split_whitespace().next().map(Path::new) == Some(library);
    let folders = ["/usr/local/lib", "/usr/lib", "/usr/lib64", "/lib", "/lib64"].map(PathBuf::from);
    known.is_some_and(|list| list.lines().any(of_name))
        || split_paths(&var_os("LD_LIBRARY_PATH").unwrap_or_default())
            .chain(folders)
            .any(|folder| folder.join(library).exists())
}

/// Whether there is a GPU's device file that may be opened.
fn has_device() -> bool {
    [("/dev/dri", "renderD"), ("/dev", "nvidia0"), ("/dev", "dxg"), ("/dev", "kgsl-3d0")].iter().any(
        |(folder, start)| {
            fs::read_dir(folder).is_ok_and(|mut entries| {
                entries.any(|entry| {
                    entry.is_ok_and(|entry| {
                        entry.file_name().to_string_lossy().starts_with(start)
                            && fs::OpenOptions::new().read(true).write(true).open(entry.path()).is_ok()
                    })
                })
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_counts_only_where_its_library_is() {
        let folder = std::env::temp_dir().join(format!("clusterclip-drivers-{}", std::process::id()));
        fs::create_dir_all(folder.join("lib")).unwrap();
        fs::write(folder.join("lib/libvulkan_lvp.so"), "").unwrap();
        let describe = |path: &str| {
            let manifest = folder.join("driver.json");
            fs::write(&manifest, format!(r#"{{"ICD": {{"library_path": "{path}"}}}}"#)).unwrap();
            driver(&manifest)
        };
        let library = folder.join("lib/libvulkan_lvp.so");
        assert_eq!(describe(&library.to_string_lossy()).as_ref(), Some(&library));
        assert_eq!(describe("./lib/libvulkan_lvp.so"), Some(folder.join("./lib/libvulkan_lvp.so")));
        assert_eq!(describe("/nowhere/libvulkan_lvp.so"), None);
        assert_eq!(describe("libvulkan_of_nobody.so"), None);
        fs::write(folder.join("driver.json"), "no JSON").unwrap();
        assert_eq!(driver(&folder.join("driver.json")), None);
        assert_eq!(driver(&folder.join("absent.json")), None);
        fs::remove_dir_all(&folder).unwrap();
    }
}
