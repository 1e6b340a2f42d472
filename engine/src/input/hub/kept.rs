//! What the hub's cache holds of a data set, and where.
//!
//! The cache is that of the hub's Python client: contents by their hashes in `blobs/`, the files of a commit as links to
//! them in `snapshots/COMMIT/`, the commits of branches in `refs/`, locks beside all of it in `.locks/`. A list of all
//! files of a commit, which that client does not keep, lies in `.clusterclip/`: without it nobody could tell, without
//! the hub, whether a snapshot is whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hf_hub::{Cache, Repo, RepoType};
use walkdir::WalkDir;

use super::listing::{Entry, checked};
use super::name::{is_commit, is_hash};

/// A data set in the cache.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) cache: Cache,
    folder: PathBuf,
    locks: PathBuf,
}

impl Kept {
    /// A data set in the cache that the environment names.
    pub(super) fn new(id: &str) -> Self {
        let cache = Cache::from_env();
        let name = Repo::new(id.to_owned(), RepoType::Dataset).folder_name();
        let (folder, locks) = (cache.path().join(&name), cache.path().join(".locks").join(&name));
        Self { cache, folder, locks }
    }

    /// The commit that a revision had when it was last asked for.
    pub(super) fn commit(&self, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let kept = fs::read_to_string(self.folder.join("refs").join(revision)).ok()?;
        Some(kept.trim().to_owned()).filter(|commit| is_commit(commit))
    }

    /// Notes the commit that a revision has; where that cannot be, in a cache that may be read alone, the hub is asked again.
    pub(super) fn note_commit(&self, revision: &str, commit: &str) {
        if self.commit(revision).as_deref() != Some(commit) {
            let _ = write(&self.folder.join("refs").join(revision), commit.as_bytes());
        }
    }

    /// The files of a commit, where their list was kept.
    pub(super) fn listing(&self, commit: &str) -> Option<Vec<Entry>> {
        let bytes = fs::read(self.listing_path(commit)).ok()?;
        checked(serde_json::from_slice(&bytes).ok()?).ok()
    }

    /// Keeps the list of the files of a commit, where that can be.
    pub(super) fn keep_listing(&self, commit: &str, entries: &[Entry]) {
        let text = serde_json::to_vec(entries).expect("texts and numbers are JSON");
        let _ = write(&self.listing_path(commit), &text);
    }

    fn listing_path(&self, commit: &str) -> PathBuf {
        self.folder.join(".clusterclip").join(format!("{commit}.json"))
    }

    /// The files of a commit that are here.
    pub(super) fn snapshot(&self, commit: &str) -> Vec<Entry> {
        let folder = self.folder.join("snapshots").join(commit);
        let files = WalkDir::new(&folder).follow_links(true).into_iter().filter_map(Result::ok);
        let entry = |file: walkdir::DirEntry| {
            let metadata = file.metadata().ok().filter(fs::Metadata::is_file)?;
            let parts = file.path().strip_prefix(&folder).ok()?.iter().map(|part| part.to_str());
            let path = parts.collect::<Option<Vec<_>>>()?.join("/");
            // Nothing is fetched by what stands here: it is here already.
            let target = fs::read_link(file.path()).ok();
            let blob = target.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
            let etag = blob.filter(|blob| is_hash(blob)).map_or_else(|| "0".repeat(40), str::to_owned);
            Some(Entry { path, size: metadata.len(), etag })
        };
        checked(files.filter_map(entry).collect()).unwrap_or_default()
    }

    /// Where a file of a commit is, or will be.
    pub(super) fn file(&self, commit: &str, path: &str) -> PathBuf {
        path.split('/').fold(self.folder.join("snapshots").join(commit), |folder, part| folder.join(part))
    }

    /// Whether a file of a commit is here whole.
    pub(super) fn has(&self, commit: &str, entry: &Entry) -> bool {
        length(&self.file(commit, &entry.path)) == Some(entry.size)
    }

    /// The content of a file.
    pub(super) fn blob(&self, entry: &Entry) -> PathBuf {
        self.folder.join("blobs").join(&entry.etag)
    }

    /// What has come of a content.
    pub(super) fn part(&self, entry: &Entry) -> PathBuf {
        self.folder.join("blobs").join(format!("{}.part", entry.etag))
    }

    /// What is locked by whoever fetches a content; the Python client locks the same file.
    pub(super) fn lock(&self, entry: &Entry) -> PathBuf {
        self.locks.join(format!("{}.lock", entry.etag))
    }

    /// How many bytes of a file are still to come.
    pub(super) fn to_come(&self, commit: &str, entry: &Entry) -> u64 {
        let is_here = self.has(commit, entry) || length(&self.blob(entry)) == Some(entry.size);
        let come = length(&self.part(entry)).filter(|come| *come <= entry.size).unwrap_or_default();
        if is_here { 0 } else { entry.size - come }
    }

    /// Makes a content a file of a commit.
    pub(super) fn link(&self, commit: &str, entry: &Entry) -> io::Result<()> {
        let (file, blob) = (self.file(commit, &entry.path), self.blob(entry));
        fs::create_dir_all(file.parent().unwrap_or(&file))?;
        // What a link that leads nowhere, or to another length, is of no use to anybody.
        if file.symlink_metadata().is_ok() && !self.has(commit, entry) {
            fs::remove_file(&file)?;
        }
        let up = "../".repeat(2 + entry.path.matches('/').count());
        match linked(&format!("{up}blobs/{}", entry.etag), &blob, &file) {
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && self.has(commit, entry) => Ok(()),
            outcome => outcome,
        }
    }
}

#[cfg(unix)]
fn linked(relative: &str, _: &Path, file: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(relative, file)
}

/// Without the right to make links, the content itself is moved, as the hub's clients do.
#[cfg(windows)]
fn linked(relative: &str, blob: &Path, file: &Path) -> io::Result<()> {
    match std::os::windows::fs::symlink_file(relative.replace('/', "\\"), file) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => fs::rename(blob, file),
        outcome => outcome,
    }
}

#[cfg(not(any(unix, windows)))]
fn linked(_: &str, blob: &Path, file: &Path) -> io::Result<()> {
    fs::rename(blob, file)
}

/// How long a file is.
pub(super) fn length(path: &Path) -> Option<u64> {
    path.metadata().ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len())
}

/// Writes a small file, whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, bytes)?;
    file.persist(path)?;
    Ok(())
}
