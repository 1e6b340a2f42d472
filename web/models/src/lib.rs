//! clusterclip in the browser: static tables, texts in, rows out. A module of its own, for tokenizers are large.

#![cfg(target_arch = "wasm32")]

use clusterclip_core::documents::{featureless, sentence};
use clusterclip_core::monitor::{Event, Stage};
use clusterclip_models::{Embedded, Files, Model, Options};
use clusterclip_web_border::error;
use clusterclip_web_border::watch::{Watch, Watching};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPE: &str = r#"
/** Texts that lie elsewhere. */
export interface TextReader { text(row: number): string }
"#;

#[wasm_bindgen]
extern "C" {
    /// Texts that lie elsewhere.
    #[wasm_bindgen(typescript_type = "TextReader")]
    pub type TextReader;

    #[wasm_bindgen(method, catch)]
    fn text(this: &TextReader, row: usize) -> Result<String, JsValue>;
}

/// Texts that are fetched and embedded together, between two reports of progress.
const BATCH: usize = 64;

/// A loaded static table.
#[wasm_bindgen]
pub struct StaticTable {
    model: Model,
}

/// What became of texts.
#[wasm_bindgen]
pub struct TextRows {
    rows: Vec<f32>,
    found: Vec<Embedded>,
}

#[wasm_bindgen]
impl StaticTable {
    /// Reads the files of a model's folder: `config.json` and `modules.json`, where there are any, `tokenizer.json` and
    /// `model.safetensors`.
    #[wasm_bindgen(constructor)]
    pub fn new(
        config: Option<Vec<u8>>,
        modules: Option<Vec<u8>>,
        tokenizer: &[u8],
        weights: &[u8],
        watch: Watch,
    ) -> Result<StaticTable, JsValue> {
        let watching = Watching::new(watch);
        let (config, modules) = (config.as_deref(), modules.as_deref());
        let files = Files { config, modules, tokenizer, weights, ..Files::default() };
        if !Model::is_table(&files).map_err(error::js)? {
            let said = "this model is a transformer; in browsers static tables embed: embed on the command line and \
                        give the rows as .npy";
            return Err(error::input(said));
        }
        let model = Model::load(&files, &Options::default(), &watching.cancel()).map_err(error::js)?;
        Ok(Self { model })
    }

    /// What it is, for a person.
    pub fn description(&self) -> String {
        self.model.description()
    }

    /// How many features a row has.
    #[wasm_bindgen(getter, js_name = nFeatures)]
    pub fn n_features(&self) -> usize {
        self.model.n_features()
    }

    /// Embeds so many texts, from the first on, of which some are empty because their record was skipped; a row depends
    /// on its text alone.
    pub fn embed(
        &self,
        texts: TextReader,
        count: usize,
        skipped: usize,
        watch: Watch,
    ) -> Result<TextRows, JsValue> {
        let watching = Watching::new(watch);
        let (stage, total) = (Stage::Embed, Some(count as u64));
        watching.tell(Event::Started { stage, total, unit: "documents" });
        let width = self.n_features();
        let mut rows = vec![0.0; count * width];
        let mut found = Vec::with_capacity(count);
        for (batch, rows) in rows.chunks_mut(BATCH * width).enumerate() {
            let first = batch * BATCH;
            let texts = (first..count.min(first + BATCH)).map(|row| texts.text(row));
            let texts = texts.collect::<Result<Vec<String>, JsValue>>()?;
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            found.extend(self.model.embed(&texts, rows, &watching.cancel()).map_err(error::js)?);
            watching.tell(Event::Progress { stage, done: found.len() as u64 });
        }
        let rows = TextRows { rows, found };
        let truncated = sentence(
            rows.count(|found| found.truncated),
            "text was longer than the model reads and was cut",
            "texts were longer than the model reads and were cut",
        );
        let without = featureless(rows.count(|found| found.featureless) - skipped as u64, count as u64);
        truncated.into_iter().chain(without).for_each(|text| watching.tell(Event::Warning(text)));
        watching.tell(Event::Finished { stage });
        Ok(rows)
    }
}

impl TextRows {
    fn count(&self, is_one: impl Fn(&Embedded) -> bool) -> u64 {
        self.found.iter().filter(|found| is_one(found)).count() as u64
    }
}

#[wasm_bindgen]
impl TextRows {
    /// Rows of unit norm, or zero, row-major.
    pub fn rows(&self) -> Vec<f32> {
        self.rows.clone()
    }

    /// A byte a text, 1 where the table knows none of its tokens.
    pub fn featureless(&self) -> Vec<u8> {
        self.found.iter().map(|found| found.featureless.into()).collect()
    }

    /// Tokens of each text.
    pub fn tokens(&self) -> Vec<f64> {
        self.found.iter().map(|found| found.tokens as f64).collect()
    }
}
