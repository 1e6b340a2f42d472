//! What the hub's cache knows of a model.

use std::fs;
use std::path::{Path, PathBuf};

use hf_hub::api::sync::ApiError;
use hf_hub::{Cache, Repo, RepoType};

use super::super::MODULES;
use super::super::layout::{Layout, Place, is_required};
use crate::hub;

/// The branch that is meant by an id.
const MAIN: &str = "main";
/// Where clients of the hub note that a file is absent: COMMIT/NAME, empty.
const ABSENT: &str = ".no_exist";

/// One model in the cache.
#[derive(Clone)]
pub struct Held {
    cache: Cache,
    id: String,
    layout: Layout,
}

impl Held {
    /// A model, in the cache that the environment names.
    pub fn new(id: &str, layout: Layout) -> Self {
        Self { cache: Cache::from_env(), id: id.to_owned(), layout }
    }

    /// The folder of the cache.
    pub fn cache(&self) -> &Path {
        self.cache.path()
    }

    /// The token of whoever asks.
    pub fn token(&self) -> Option<String> {
        hub::token(&self.cache)
    }

    /// Says what went wrong and what to do.
    pub fn reason(&self, error: ApiError) -> String {
        hub::reason(error, "model", &self.cache, &self.folder().join("blobs"))
    }

    /// Where a file is.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        self.cache.model(self.id.clone()).get(name)
    }

    /// What is wanted of the model, by what is here of it.
    pub fn wanted(&self) -> &'static [Place] {
        (self.layout)(self.file(MODULES).as_deref())
    }

    /// Whether all is here that must be.
    pub fn is_enough(&self) -> bool {
        self.wanted().iter().filter(|place| is_required(place)).all(|(_, path)| self.file(path).is_some())
    }

    /// What is wanted and neither here nor noted as absent. A required file must be here: the note may be older than what
    /// the hub has now.
    pub fn unknown(&self) -> Vec<&'static Place> {
        let noted = |name| {
            let path = |commit| self.folder().join(ABSENT).join(commit).join(name);
            self.commit().is_some_and(|commit| path(commit).exists())
        };
        let is_unknown =
            |place: &&Place| self.file(place.1).is_none() && (is_required(place) || !noted(place.1));
        self.wanted().iter().filter(is_unknown).collect()
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
