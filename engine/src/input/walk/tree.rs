//! The tree: which files a folder holds, in bytewise order of their relative paths.
//!
//! A path is met in this order when the children of each folder are sorted by their names, those of folders with a `/`
//! after them. Links are followed; what was met before, by whatever path, is not met again, which also ends cycles.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clusterclip_core::monitor::Monitor;

use super::saved::{self, Saved};
use crate::error::Result;
use crate::input::error::InputError;
use crate::input::left_out::{LeftOut, Reason};
use crate::store;

/// A regular file of a folder.
#[derive(Debug)]
pub(super) struct Met {
    /// Its path from the folder on, with `/` between its parts.
    pub(super) relative: String,
    pub(super) path: PathBuf,
    pub(super) length: u64,
    /// Whether the list of a saved data set names it: then it is Arrow, whatever it is called.
    pub(super) saved: bool,
    /// The split that the list of a saved data set puts it into.
    pub(super) split: Option<String>,
}

/// What tells a file or folder, whatever path leads to it.
#[cfg(unix)]
type Identity = (u64, u64);
/// What tells a file or folder, whatever path leads to it: its path without links.
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn identity(_: &Path, metadata: &Metadata) -> std::io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path, _: &Metadata) -> std::io::Result<Identity> {
    path.canonicalize()
}

/// Whether a file may have several names.
#[cfg(unix)]
fn has_names(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

/// Elsewhere, names of one file are told apart by links alone.
#[cfg(not(unix))]
fn has_names(_: &Metadata) -> bool {
    false
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Its files.
    pub(super) files: Vec<Met>,
    pub(super) left: LeftOut,
    /// Links that lead nowhere; they are among what was left out.
    pub(super) dangling: Vec<(String, PathBuf)>,
}

/// Walks `root`; `out` are folders of results in which none are looked for.
pub(super) fn tree(root: &Path, out: &[PathBuf], hidden: bool, monitor: &Monitor<'_>) -> Result<Tree> {
    let metadata = root.metadata().map_err(|cause| InputError::Walk { path: root.to_owned(), cause })?;
    let told = |path: &Path, metadata: &Metadata| {
        identity(path, metadata).map_err(|cause| InputError::Walk { path: path.to_owned(), cause })
    };
    // A folder that is still to be made is met nowhere.
    let out: Vec<Identity> = out.iter().filter_map(|out| identity(out, &out.metadata().ok()?).ok()).collect();
    let here = told(root, &metadata)?;
    if out.contains(&here) {
        return Err(InputError::OutIsInput { path: root.to_owned() }.into());
    }
    let mut walk = Walk {
        out,
        hidden,
        monitor,
        folders: HashSet::from([here]),
        tree: Tree::default(),
        linked: false,
        looked_at: 0,
    };
    if !walk.folder(root, "", None)? {
        let exports = store::exports(root);
        return Err(InputError::Results { path: root.to_owned(), exports }.into());
    }
    let Walk { tree, linked, .. } = walk;
    if linked { tree.without_repeats() } else { Ok(tree) }
}

impl Tree {
    /// Leaves out files that other paths led to before.
    fn without_repeats(mut self) -> Result<Self> {
        let mut seen = HashSet::new();
        let mut files = Vec::with_capacity(self.files.len());
        for met in self.files {
            let told = met.path.metadata().and_then(|metadata| identity(&met.path, &metadata));
            let told = told.map_err(|cause| InputError::Walk { path: met.path.clone(), cause })?;
            if seen.insert(told) {
                files.push(met);
            } else {
                self.left.add(Reason::Again, &met.relative, met.length);
            }
        }
        Ok(Self { files, ..self })
    }
}

struct Walk<'a> {
    out: Vec<Identity>,
    hidden: bool,
    monitor: &'a Monitor<'a>,
    /// The folders that were met.
    folders: HashSet<Identity>,
    tree: Tree,
    /// Whether several paths may lead to a file.
    linked: bool,
    looked_at: u64,
}

/// A child of a folder.
struct Child {
    name: OsString,
    path: PathBuf,
    /// `None` for a link that leads nowhere.
    metadata: Option<Metadata>,
}

impl Walk<'_> {
    /// Takes what lies in `folder`, whose relative path is `within`, with a `/` at its end unless it is the root; false
    /// where these are results.
    fn folder(&mut self, folder: &Path, within: &str, split: Option<&str>) -> Result<bool> {
        let children = self.children(folder)?;
        let has = |name: &str| children.iter().any(|child| child.name == name);
        if store::is_results(folder, has) {
            return Ok(false);
        }
        match Saved::of(folder, has)? {
            Some(Saved::Files(names)) => {
                self.listed(folder, within, split, names)?;
                return Ok(true);
            }
            Some(Saved::Splits(names)) => {
                for name in names {
                    self.folder(&folder.join(&name), &format!("{within}{name}/"), Some(&name))?;
                }
                return Ok(true);
            }
            None => {}
        }
        for child in children {
            let name = child.name.to_string_lossy();
            let relative = format!("{within}{name}");
            let Some(metadata) = child.metadata else {
                if self.hidden || !name.starts_with('.') {
                    self.tree.left.add(Reason::Dangling, &relative, 0);
                    self.tree.dangling.push((relative, child.path));
                } else {
                    self.tree.left.add(Reason::Hidden, &relative, 0);
                }
                continue;
            };
            let is_out = metadata.is_dir() && self.is_out(&child.path, &metadata);
            if is_out {
                // Its results are of this very run: to count them would make the next run another one.
            } else if name.starts_with('.') && !self.hidden {
                // What a folder measures by itself is the file system's affair.
                let length = if metadata.is_dir() { 0 } else { metadata.len() };
                self.tree.left.add(Reason::Hidden, &relative, length);
            } else if metadata.is_dir() {
                let cannot = |cause| InputError::Walk { path: child.path.clone(), cause };
                if !self.folders.insert(identity(&child.path, &metadata).map_err(cannot)?) {
                    self.tree.left.add(Reason::Again, &relative, 0);
                } else if !self.folder(&child.path, &format!("{relative}/"), split)? {
                    self.tree.left.add(Reason::Results, &relative, 0);
                }
            } else if metadata.is_file() {
                self.linked |= has_names(&metadata);
                let (path, length) = (child.path, metadata.len());
                let split = split.map(str::to_owned);
                self.tree.files.push(Met { relative, path, length, saved: false, split });
            } else {
                self.tree.left.add(Reason::Special, &relative, 0);
            }
        }
        Ok(true)
    }

    /// Whether a folder is one that this run reads or writes as results.
    fn is_out(&self, path: &Path, metadata: &Metadata) -> bool {
        !self.out.is_empty() && identity(path, metadata).is_ok_and(|here| self.out.contains(&here))
    }

    /// Takes the files that the list of a saved data set names, in its order.
    fn listed(&mut self, folder: &Path, within: &str, split: Option<&str>, names: Vec<String>) -> Result<()> {
        for name in names {
            let path = folder.join(&name);
            let length = path.metadata().map_err(|cause| saved::missing(&path, cause))?.len();
            let (relative, split) = (format!("{within}{name}"), split.map(str::to_owned));
            self.tree.files.push(Met { relative, path, length, saved: true, split });
        }
        Ok(())
    }

    /// The children of a folder in the order in which they are met.
    fn children(&mut self, folder: &Path) -> Result<Vec<Child>> {
        let cannot = |cause| InputError::Walk { path: folder.to_owned(), cause };
        let mut children = Vec::new();
        for entry in folder.read_dir().map_err(cannot)? {
            if self.looked_at.is_multiple_of(1024) {
                self.monitor.check()?;
            }
            self.looked_at += 1;
            let entry = entry.map_err(cannot)?;
            let path = entry.path();
            let mut metadata = Some(entry.metadata().map_err(cannot)?);
            if metadata.as_ref().is_some_and(Metadata::is_symlink) {
                self.linked = true;
                metadata = match path.metadata() {
                    Ok(metadata) => Some(metadata),
                    Err(error) if leads_nowhere(&error) => None,
                    Err(cause) => return Err(InputError::Walk { path, cause }.into()),
                };
            }
            children.push(Child { name: entry.file_name(), path, metadata });
        }
        let key = |child: &Child| {
            let mut key = child.name.as_encoded_bytes().to_vec();
            key.extend(child.metadata.as_ref().is_some_and(Metadata::is_dir).then_some(b'/'));
            key
        };
        children.sort_by_cached_key(key);
        Ok(children)
    }
}

/// Whether following a link failed because there is nothing at its end, or because it leads to itself.
fn leads_nowhere(error: &std::io::Error) -> bool {
    // ELOOP has no stable kind yet.
    error.kind() == ErrorKind::NotFound
        || error.kind() == ErrorKind::NotADirectory
        || cfg!(unix) && matches!(error.raw_os_error(), Some(40 | 62))
}
