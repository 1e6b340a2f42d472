//! What JavaScript asks of an order, as JSON.

use clusterclip_core::error::Param;
use clusterclip_core::sampler::{
    Budget, EvenIn, ListedWeight, Options, ParseError, SamplerError, Strategy, Temperature, Weights, Within,
    parse_count, parse_tokens,
};
use clusterclip_core::weighing::{Weighting, WeightsFrom};
use clusterclip_web_border::{error, params};
use serde::Deserialize;
use wasm_bindgen::JsValue;

/// What JavaScript may say; what it leaves out has the core's default.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Said {
    strategy: Option<String>,
    choice: Option<String>,
    clip: Option<u64>,
    when_exhausted: Option<String>,
    seed: Option<String>,
    epochs: Option<String>,
    documents: Option<String>,
    tokens: Option<String>,
    weights: Option<String>,
    listed: Option<Vec<SaidWeight>>,
    temperature: Option<f64>,
    groups: Option<u64>,
    even_in: Option<String>,
    within: Option<String>,
}

/// A row of listed weights.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SaidWeight {
    cluster: u64,
    weight: f64,
    clip: Option<u64>,
}

/// What is asked of an order.
pub struct Asked {
    /// All but the weights, and a budget in tokens.
    pub options: Options,
    /// The budget in tokens, if there is one.
    pub tokens: Option<u64>,
    /// Which weights.
    pub weighting: Weighting,
    /// In which order a cluster's documents are drawn.
    pub within: Within,
    listed: Option<Vec<ListedWeight>>,
}

impl Asked {
    /// Reads the options.
    ///
    /// # Errors
    /// Options that nobody knows, values that cannot be, and what does not go together.
    pub fn read(json: &str) -> Result<Self, JsValue> {
        let said: Said = params::read(json)?;
        let budgets = [&said.epochs, &said.documents, &said.tokens];
        if budgets.into_iter().flatten().count() > 1 {
            let text = "give one budget only: epochs, documents or tokens";
            return Err(error::usage(text));
        }
        let temperature = said.temperature.map(Temperature::new).transpose().map_err(error::js)?;
        let (seed, clip, groups) = (params::seed(said.seed.clone())?, said.clip, said.groups);
        let mut asked = Self {
            options: Options { clip, seed, ..Options::default() },
            tokens: None,
            weighting: Weighting { from: None, temperature, groups, even_in: EvenIn::Documents },
            within: Within::Shuffled,
            listed: None,
        };
        asked.parse(said).map_err(error::js)?;
        let strategy = asked.options.strategy;
        asked.weighting.check(strategy).map_err(error::js)?;
        if asked.within == Within::Score && strategy == Strategy::Random {
            return Err(error::js(SamplerError::ScoresNotApplicable { strategy }));
        }
        Ok(asked)
    }

    fn parse(&mut self, said: Said) -> Result<(), ParseError> {
        let options = &mut self.options;
        if let Some(name) = &said.strategy {
            options.strategy = name.parse()?;
        }
        if let Some(name) = &said.choice {
            options.choice = name.parse()?;
        }
        if let Some(name) = &said.when_exhausted {
            options.when_exhausted = name.parse()?;
        }
        if let Some(epochs) = &said.epochs {
            options.budget = Budget::Epochs(epochs.parse()?);
        }
        if let Some(documents) = &said.documents {
            options.budget = Budget::Documents(parse_count(Param::Documents, documents)?);
        }
        self.tokens = said.tokens.as_deref().map(parse_tokens).transpose()?;
        if let Some(name) = &said.even_in {
            self.weighting.even_in = name.parse()?;
        }
        if let Some(name) = &said.within {
            self.within = name.parse()?;
        }
        if let Some(name) = &said.weights {
            self.weighting.from = Some(WeightsFrom::Rule(name.parse()?));
        }
        if let Some(rows) = said.listed {
            let row = |SaidWeight { cluster, weight, clip }| ListedWeight { cluster, weight, clip };
            self.listed = Some(rows.into_iter().map(row).collect());
            self.weighting.from = Some(WeightsFrom::File("(a list)".into()));
        }
        Ok(())
    }

    /// Whether some cluster has a clip of its own.
    pub fn has_clips(&self) -> bool {
        self.listed.iter().flatten().any(|row| row.clip.is_some())
    }

    /// Checks that such clips go with the strategy.
    ///
    /// # Errors
    /// For strategies that have no clip to choose.
    pub fn check_clips(&self) -> Result<(), JsValue> {
        let strategy = self.options.strategy;
        self.options.effective_clip().map_err(error::js)?;
        match strategy {
            Strategy::ClusterClip | Strategy::Unimax => Ok(()),
            _ => Err(error::js(SamplerError::ClipsNotApplicable { strategy })),
        }
    }

    /// The listed weights of `n_clusters` clusters of these sizes; the last may be empty and have none.
    ///
    /// # Errors
    /// What is wrong with the list, with its row.
    pub fn listed(&self, sizes: &[u64], n_clusters: usize) -> Result<Option<Weights>, JsValue> {
        let Some(rows) = &self.listed else { return Ok(None) };
        let mut sizes = sizes.to_vec();
        sizes.resize(n_clusters.max(sizes.len()), 0);
        Weights::listed(&sizes, rows).map(Some).map_err(error::js)
    }
}
