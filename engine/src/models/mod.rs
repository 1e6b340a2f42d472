//! Files of models: from a folder, or from the hub through its ordinary cache.
//!
//! What the files mean is in `clusterclip_models`; here they are found, mapped into memory and hashed.

mod error;
mod folder;
mod hub;
mod layout;
mod mapped;

use std::fmt;
use std::path::{Path, PathBuf};

use clusterclip_core::error::Param;
use clusterclip_core::monitor::{CancelFlag, Monitor};
use clusterclip_models::{Files, Model, Options, TextTokenizer};

pub use error::FilesError;

use crate::error::{Place, Result, Within as _};
use crate::store::{Request, hex};
use mapped::Mapped;

/// The files of a model, by what they are called in the published layout.
const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";
const WEIGHTS: &str = "model.safetensors";
const MODULES: &str = "modules.json";
const POOLING: &str = "1_Pooling/config.json";
const SENTENCE: &str = "sentence_bert_config.json";
/// Beside weights in several files, and then there is no [`WEIGHTS`].
const SHARDS: &str = "model.safetensors.index.json";

/// What to do with a model that has [`SHARDS`].
const IN_PIECES: &str = "its weights are in several files; save them in one: load the model in Python and call its \
                         save_pretrained(FOLDER, max_shard_size=\"1TB\")";

/// Where a file of a model is; `None` where there is none.
type Found = Vec<(&'static str, Option<PathBuf>)>;

/// A model that was found; nothing of it has been understood yet.
pub struct ModelFiles {
    /// As it was typed.
    named: String,
    files: Vec<Mapped>,
}

impl fmt::Debug for ModelFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelFiles").field("named", &self.named).finish_non_exhaustive()
    }
}

impl ModelFiles {
    /// Finds the model `named`: a folder, or an id of the hub.
    ///
    /// # Errors
    /// If there is neither, a file is missing or cannot be fetched, or the work was stopped.
    pub fn open(named: &str, monitor: &Monitor<'_>) -> Result<Self> {
        let option = || Place::Value(Param::Embedder, named.to_owned());
        let found = match folder_or_id(named).within(option)? {
            Named::Path(path) => folder::model(&path),
            Named::Id(id) => hub::fetch(&id, layout::model, monitor),
        };
        let found = found.within(option)?;
        let files = found.into_iter().filter_map(|(name, path)| Some(Mapped::open(name, path?, monitor)));
        Ok(Self { named: named.to_owned(), files: files.collect::<Result<_>>().within(option)? })
    }

    /// Where the files lie.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| &*file.path)
    }

    /// Lists the files, by their content, as what a stage depends on.
    pub fn list(&self, request: Request) -> Request {
        let list =
            |request: Request, file: &Mapped| request.input(&format!("model/{}", file.name), &hex(file.hash));
        self.files.iter().fold(request, list)
    }

    /// Loads the model; its files are in memory no longer than it takes.
    ///
    /// # Errors
    /// What is wrong with a file, with its folder, or that it was changed; the work was stopped.
    pub fn load(&self, options: &Options, cancel: &CancelFlag) -> Result<Model> {
        let found = |name| self.files.iter().find(|file| file.name == name);
        let file = |name| found(name).map(|file| &**file);
        let release = |part: &[u8]| found(WEIGHTS).into_iter().for_each(|weights| weights.release(part));
        let files = Files {
            config: file(CONFIG),
            tokenizer: file(TOKENIZER).unwrap_or_default(),
            weights: file(WEIGHTS).unwrap_or_default(),
            modules: file(MODULES),
            pooling: file(POOLING),
            sentence: file(SENTENCE),
        };
        let folder = self.files.last().and_then(|file| file.path.parent()).unwrap_or(Path::new(""));
        let option = || Place::Value(Param::Embedder, self.named.clone());
        let used = || format!("the model in {} cannot be used", folder.display());
        let model = Model::load_and_release(&files, options, cancel, &release).within(used).within(option)?;
        self.files.iter().for_each(|file| file.release(file));
        self.files.iter().try_for_each(Mapped::check_unchanged).within(used).within(option)?;
        Ok(model)
    }
}

/// A tokenizer to count with (`--tokenizer`).
pub struct TokenizerFile {
    named: String,
    file: Mapped,
}

impl TokenizerFile {
    /// Finds the tokenizer `named`: a folder with a tokenizer.json, such a file itself, or an id of the hub.
    ///
    /// # Errors
    /// As [`ModelFiles::open`].
    pub fn open(named: &str, monitor: &Monitor<'_>) -> Result<Self> {
        let option = || Place::Value(Param::Tokenizer, named.to_owned());
        let path = if Path::new(named).is_file() {
            Ok(PathBuf::from(named))
        } else {
            match folder_or_id(named).within(option)? {
                Named::Path(path) => folder::tokenizer(&path),
                Named::Id(id) => hub::fetch(&id, layout::tokenizer, monitor).and_then(|found| {
                    let path = found.into_iter().find_map(|(_, path)| path);
                    Ok(path.ok_or(FilesError::NoTokenizer)?)
                }),
            }
        };
        let file = Mapped::open(TOKENIZER, path.within(option)?, monitor).within(option)?;
        Ok(Self { named: named.to_owned(), file })
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// Lists the file, by its content, as what a stage depends on.
    pub fn list(&self, request: Request) -> Request {
        request.input("tokenizer/tokenizer.json", &hex(self.file.hash))
    }

    /// Loads the tokenizer.
    ///
    /// # Errors
    /// If it is damaged or not known.
    pub fn load(&self) -> Result<TextTokenizer> {
        let option = || Place::Value(Param::Tokenizer, self.named.clone());
        let used = || format!("{} cannot be used", self.file.path.display());
        let tokenizer = TextTokenizer::from_json(&self.file).within(used).within(option)?;
        self.file.check_unchanged().within(used).within(option)?;
        Ok(tokenizer)
    }
}

enum Named {
    Path(PathBuf),
    Id(String),
}

/// Tells folders from ids: what is there is a folder, what looks like an id is one, the rest is a folder that is not
/// there.
fn folder_or_id(named: &str) -> Result<Named, FilesError> {
    let path = Path::new(named);
    if path.is_dir() {
        return Ok(Named::Path(path.to_path_buf()));
    }
    if path.exists() {
        return Err(FilesError::NotAFolder);
    }
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if named.split('/').count() <= 2 && named.split('/').all(part) {
        return Ok(Named::Id(named.to_owned()));
    }
    Err(FilesError::NoFolder)
}
