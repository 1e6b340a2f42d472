//! Where the files of a model lie in its folder, or on the hub.

use std::fs::File;
use std::path::Path;

use serde_json::Value;

use super::{CONFIG, MODULES, POOLING, SENTENCE, TOKENIZER, WEIGHTS};

/// What a file is called here, and where it lies.
pub type Place = (&'static str, &'static str);

/// What is wanted, where modules.json lies here, if anywhere. Weights come last: they are not fetched in vain where
/// something else is wrong.
pub type Layout = fn(modules: Option<&Path>) -> &'static [Place];

/// Where sentence-transformers keeps a table.
pub const TABLE: &str = "0_StaticEmbedding";

/// The files of a model.
pub fn model(modules: Option<&Path>) -> &'static [Place] {
    const USUAL: [Place; 6] = [
        (MODULES, MODULES),
        (POOLING, POOLING),
        (SENTENCE, SENTENCE),
        (CONFIG, CONFIG),
        (TOKENIZER, TOKENIZER),
        (WEIGHTS, WEIGHTS),
    ];
    const OF_TABLE: [Place; 3] = [
        (MODULES, MODULES),
        (TOKENIZER, "0_StaticEmbedding/tokenizer.json"),
        (WEIGHTS, "0_StaticEmbedding/model.safetensors"),
    ];
    match modules.is_some_and(|modules| names_table(modules).unwrap_or(false)) {
        true => &OF_TABLE,
        false => &USUAL,
    }
}

/// The tokenizer alone.
pub fn tokenizer(_: Option<&Path>) -> &'static [Place] {
    &[(TOKENIZER, TOKENIZER)]
}

/// Whether a model is nothing without the file.
pub fn is_required((name, _): &Place) -> bool {
    [TOKENIZER, WEIGHTS].contains(name)
}

/// Whether modules.json says that the model begins with a table in a folder of its own. What is wrong with the file is
/// told when it is read whole.
fn names_table(modules: &Path) -> Option<bool> {
    let modules: Value = serde_json::from_reader(File::open(modules).ok()?).ok()?;
    Some(modules[0]["path"] == TABLE)
}
