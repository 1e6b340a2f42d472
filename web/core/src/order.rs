//! An order with its weights.

use std::rc::Rc;

use clusterclip_core::error::{Names, Param};
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{
    Budget, EvenIn, Members, Options, Sampler as Order, Within, documents_for_tokens,
};
use clusterclip_core::topics::{Groups, MAX_DENSITY_CLUSTERS};
use clusterclip_core::weighing::{Compared, Geometry, Topics, Weighed};
use clusterclip_web_border::error;
use wasm_bindgen::JsValue;

use crate::asked::Asked;

/// An order, and what is known of its weights.
pub struct Weighted {
    /// The order.
    pub order: Rc<Order>,
    /// Which weights it has; `None` for random.
    pub weighed: Option<Weighed>,
    /// How many topics it has, where that can be told.
    pub topics: Option<Topics>,
    /// The groups that its weights are by, if they are.
    pub groups: Option<Groups>,
}

/// What is known of each document, NaN where nothing is.
#[derive(Default)]
pub struct Known {
    /// Its tokens.
    pub tokens: Option<Vec<f64>>,
    /// Its score.
    pub scores: Option<Vec<f64>>,
    /// Whether they were read with the documents; else they were given beside labels.
    pub are_read: bool,
}

impl Known {
    fn count(&self, row: u64) -> Option<u32> {
        let count = self.tokens.as_ref().and_then(|tokens| tokens.get(row as usize));
        count.filter(|count| !count.is_nan()).map(|&count| count as u32)
    }

    /// What errors call parameters.
    fn names(&self) -> Names {
        if self.are_read { error::names } else { names_beside_labels }
    }
}

/// What a sampler made from labels calls a parameter: its counts and scores are options of their own.
fn names_beside_labels(param: Param) -> String {
    match param {
        Param::TokenField => "tokenCounts".to_owned(),
        Param::ScoreField => "scores".to_owned(),
        _ => error::names(param),
    }
}

/// The clusters of an order.
pub struct Clusters {
    /// The documents of each, (n_clusters,).
    pub sizes: Vec<u64>,
    /// How many there are, empty ones at the end included.
    pub n_clusters: usize,
    /// What the places of their centroids can say.
    pub geometry: Geometry,
}

impl Clusters {
    /// Makes an order; `members` are their documents, where these are known. `tells_topics` says that its topics are
    /// counted, where that can be; `compared` compares the clusters, and is called where that is of use.
    ///
    /// # Errors
    /// What cannot be made as it is asked for.
    pub fn order<'c>(
        &self,
        asked: &Asked,
        members: Option<(&mut Members, &Known)>,
        tells_topics: bool,
        monitor: &Monitor<'_>,
        compared: impl FnOnce() -> Result<Option<&'c mut Compared>, JsValue>,
    ) -> Result<Weighted, JsValue> {
        let (sizes, strategy) = (&self.sizes[..], asked.options.strategy);
        let n_clusters = sizes.iter().filter(|&&size| size > 0).count() as u64;
        let weighed = Weighed::new(&asked.weighting, strategy, self.geometry, n_clusters);
        let counts_topics =
            tells_topics && self.geometry == Geometry::Meaning && n_clusters <= MAX_DENSITY_CLUSTERS;
        let compares = weighed.as_ref().filter(|weighed| weighed.compares());
        let mut compared = if compares.is_some() || counts_topics { compared()? } else { None };
        if let (Some(weighed), None) = (compares, &compared) {
            let text = format!(
                "weights {}: compares the centroids of clusters, and labels alone have none: order the data set that \
                 was clustered, or use equal, size or a list",
                weighed.name()
            );
            return Err(error::usage(&text));
        }
        let listed = asked.listed(sizes, self.n_clusters)?;
        let (weights, groups) = match &weighed {
            Some(weighed) => {
                weighed.weights(sizes, listed, compared.as_deref_mut(), monitor).map_err(error::js)?
            }
            None => Default::default(),
        };
        let mut options = Options { weights, ..asked.options.clone() };
        match members {
            Some((members, known)) => look_at_documents(asked, &mut options, members, known, monitor)?,
            None => without_documents(asked)?,
        }
        let order = Order::new(sizes, options).map_err(error::js)?;
        let topics = match compared {
            Some(compared) if counts_topics => {
                Some(compared.topics(sizes, &order, monitor).map_err(error::js)?)
            }
            _ => None,
        };
        Ok(Weighted { order: Rc::new(order), weighed, topics, groups })
    }
}

/// Does what needs to know the documents: weights that are even in tokens, clusters in order of score, budgets in tokens.
fn look_at_documents(
    asked: &Asked,
    options: &mut Options,
    members: &mut Members,
    known: &Known,
    monitor: &Monitor<'_>,
) -> Result<(), JsValue> {
    let failed = |failed| error::renamed(failed, known.names());
    let count = |row: u64| known.count(row);
    if asked.weighting.even_in == EvenIn::Tokens {
        options.weights = options.weights.even_in_tokens(members, count, monitor).map_err(failed)?;
    }
    if asked.within == Within::Score {
        let scores = known.scores.as_ref().ok_or_else(|| {
            let (within, field) = (error::names(Param::Within), known.names()(Param::ScoreField));
            error::usage(&format!("{within} score: the documents need scores; give them with {field}"))
        })?;
        let scores: Vec<Option<f64>> =
            scores.iter().map(|&score| (!score.is_nan()).then_some(score)).collect();
        options.scores = Some(members.sort_by_score(&scores, &options.weights).map_err(failed)?);
    }
    if let Some(budget) = asked.tokens {
        let draws = documents_for_tokens(members, options, budget, count, monitor).map_err(failed)?;
        options.budget = Budget::Documents(draws);
    }
    Ok(())
}

/// Refuses what needs to know the documents.
///
/// # Errors
/// For a budget or weights in tokens, and for scores.
pub fn without_documents(asked: &Asked) -> Result<(), JsValue> {
    let needs = match asked {
        Asked { tokens: Some(_), .. } => {
            "a budget in tokens needs labels and the token count of each document"
        }
        Asked { within: Within::Score, .. } => "within score needs labels and the score of each document",
        Asked { weighting, .. } if weighting.even_in == EvenIn::Tokens => {
            "evenIn tokens needs labels and the token count of each document"
        }
        _ => return Ok(()),
    };
    Err(error::usage(needs))
}
