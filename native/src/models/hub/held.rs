//! What the hub's cache knows of a model.

use std::fs;
use std::path::{Path, PathBuf};

use hf_hub::{Cache, Repo, RepoType};

/// The branch that is meant by an id.
const MAIN: &str = "main";
/// Where clients of the hub note that a file is absent: COMMIT/NAME, empty.
const ABSENT: &str = ".no_exist";

/// One model in the cache.
#[derive(Clone)]
pub struct Held {
    cache: Cache,
    id: String,
}

impl Held {
    /// A model, in the cache that the environment names.
    pub fn new(id: &str) -> Self {
        Self { cache: Cache::from_env(), id: id.to_owned() }
    }

    /// The folder of the cache.
    pub fn cache(&self) -> &Path {
        self.cache.path()
    }

    /// The file that a login leaves a token in.
    pub fn token_path(&self) -> PathBuf {
        self.cache.token_path()
    }

    /// The folder of the contents of files, whole and in part.
    pub fn blobs(&self) -> PathBuf {
        self.folder().join("blobs")
    }

    /// Where a file is.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        self.cache.model(self.id.clone()).get(name)
    }

    /// Those of `wanted` that are neither here nor noted as absent. A `required` file must be here: the note may be older
    /// than what the hub has now.
    pub fn unknown(&self, wanted: &[&'static str], required: &[&'static str]) -> Vec<&'static str> {
        let noted = |name| {
            let path = |commit| self.folder().join(ABSENT).join(commit).join(name);
            self.commit().is_some_and(|commit| path(commit).exists())
        };
        let is_unknown =
            |name: &&'static str| self.file(name).is_none() && (required.contains(name) || !noted(*name));
        wanted.iter().copied().filter(is_unknown).collect()
    }

    /// Notes that files are absent; where that cannot be, they are asked for again next time.
    pub fn note_absent(&self, names: &[&str]) {
        let Some(commit) = self.commit() else { return };
        for name in names {
            let path = self.folder().join(ABSENT).join(&commit).join(name);
            let _ = path.parent().map(fs::create_dir_all);
            let _ = fs::write(path, "");
        }
    }

    /// What to ask the hub for: the newest commit, or the one that the cache holds, so that no file is of another.
    pub fn repo(&self, newest: bool) -> Repo {
        let held = self.commit().filter(|_| !newest);
        Repo::with_revision(self.id.clone(), RepoType::Model, held.unwrap_or_else(|| MAIN.to_owned()))
    }

    fn commit(&self) -> Option<String> {
        fs::read_to_string(self.folder().join("refs").join(MAIN)).ok()
    }

    fn folder(&self) -> PathBuf {
        self.cache.path().join(Repo::model(self.id.clone()).folder_name())
    }
}
