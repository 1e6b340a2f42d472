//! An order with its weights.

use std::rc::Rc;

use clusterclip_core::error::{Names, Param};
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{Budget, EvenIn, Members, Options, Sampler as Order, documents_for_tokens};
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

/// Tokens of documents.
pub struct Counts<'a> {
    /// A count a document, NaN where it is not known.
    pub tokens: Option<&'a [f64]>,
    /// Whether they were read with the documents; else they were given beside labels.
    pub are_read: bool,
}

impl Counts<'_> {
    fn of(&self, row: u64) -> Option<u32> {
        let count = self.tokens.and_then(|tokens| tokens.get(row as usize));
        count.filter(|count| !count.is_nan()).map(|&count| count as u32)
    }

    /// What errors call parameters.
    fn names(&self) -> Names {
        if self.are_read { error::names } else { names_beside_labels }
    }
}

/// What a sampler made from labels calls a parameter: its counts are an option of their own.
fn names_beside_labels(param: Param) -> String {
    match param {
        Param::TokenField => "tokenCounts".to_owned(),
        _ => error::names(param),
    }
}

/// What is known of the clusters of an order.
pub struct Clusters<'a> {
    /// The documents of each, (n_clusters,).
    pub sizes: &'a [u64],
    /// How many there are, empty ones at the end included.
    pub n_clusters: usize,
    /// Their documents and the tokens of these, where they are known.
    pub members: Option<(&'a Members, Counts<'a>)>,
    /// What the places of their centroids can say.
    pub geometry: Geometry,
}

impl<'a> Clusters<'a> {
    /// Those of documents.
    pub fn of(members: &'a Members, n_clusters: usize, counts: Counts<'a>, geometry: Geometry) -> Self {
        Self { sizes: members.sizes(), n_clusters, members: Some((members, counts)), geometry }
    }

    /// Makes an order. `compared` compares the clusters, and is called where that is of use.
    ///
    /// # Errors
    /// What cannot be made as it is asked for.
    pub fn order<'c>(
        &self,
        asked: &Asked,
        monitor: &Monitor<'_>,
        compared: impl FnOnce() -> Result<Option<&'c mut Compared>, JsValue>,
    ) -> Result<Weighted, JsValue> {
        let n_clusters = self.sizes.iter().filter(|&&size| size > 0).count() as u64;
        let weighed = Weighed::new(&asked.weighting, asked.options.strategy, self.geometry, n_clusters);
        let counts_topics =
            self.geometry == Geometry::Meaning && self.sizes.len() as u64 <= MAX_DENSITY_CLUSTERS;
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
        let listed = asked.listed(self.sizes, self.n_clusters)?;
        let (weights, groups) = match &weighed {
            Some(weighed) => {
                weighed.weights(self.sizes, listed, compared.as_deref_mut(), monitor).map_err(error::js)?
            }
            None => Default::default(),
        };
        let mut options = Options { weights, ..asked.options.clone() };
        self.count_tokens(asked, &mut options, monitor)?;
        let order = Order::new(self.sizes, options).map_err(error::js)?;
        let topics = match compared {
            Some(compared) if counts_topics => {
                Some(compared.topics(self.sizes, &order, monitor).map_err(error::js)?)
            }
            _ => None,
        };
        Ok(Weighted { order: Rc::new(order), weighed, topics, groups })
    }

    /// Makes weights even in tokens, and a budget in tokens one of documents.
    fn count_tokens(
        &self,
        asked: &Asked,
        options: &mut Options,
        monitor: &Monitor<'_>,
    ) -> Result<(), JsValue> {
        let is_even = asked.weighting.even_in == EvenIn::Tokens;
        if !is_even && asked.tokens.is_none() {
            return Ok(());
        }
        let Some((members, counts)) = &self.members else {
            let what = if is_even { "evenIn: tokens" } else { "a budget in tokens" };
            return Err(error::usage(&format!("{what} needs labels and the token count of each document")));
        };
        let of = |row: u64| counts.of(row);
        if is_even {
            let weights = options.weights.even_in_tokens(members, of, monitor);
            options.weights = weights.map_err(|failed| error::renamed(failed, counts.names()))?;
        }
        if let Some(budget) = asked.tokens {
            let draws = documents_for_tokens(members, options, budget, of, monitor);
            options.budget =
                Budget::Documents(draws.map_err(|failed| error::renamed(failed, counts.names()))?);
        }
        Ok(())
    }
}
