//! What is taken of the records of one source: chosen by the first of them that can be used.

use std::sync::OnceLock;

use super::{Fields, Recipe, parse};
use crate::format::items::Decoded;

/// The recipe of one source of JSON objects, once a record has settled it.
///
/// ```
/// use clusterclip_core::format::records::{Choice, Fields};
/// let choice = Choice::new(Fields::default(), Vec::new());
/// assert!(choice.parse(br#"{"title": "no text"}"#).record.is_err());
/// assert_eq!(choice.parse(br#"{"text": "one", "body": "b"}"#).record?.text, "one");
/// assert_eq!(choice.recipe().unwrap().described(), "`text`");
/// assert!(choice.parse(br#"{"body": "two"}"#).record.is_err());
/// # Ok::<(), clusterclip_core::format::records::RecordError>(())
/// ```
#[derive(Debug, Default)]
pub struct Choice {
    fields: Fields,
    given: Vec<(String, String)>,
    recipe: OnceLock<Recipe>,
}

impl Choice {
    /// Nothing is settled yet. `given` are fields that each record has besides its own, which go before them.
    pub fn new(fields: Fields, given: Vec<(String, String)>) -> Self {
        Self { fields, given, recipe: OnceLock::new() }
    }

    /// What was asked for.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The fields that each record has besides its own.
    pub fn given(&self) -> &[(String, String)] {
        &self.given
    }

    /// The recipe, once it is settled.
    pub fn recipe(&self) -> Option<&Recipe> {
        self.recipe.get()
    }

    /// Settles the recipe otherwise than by a JSON object; the first to come decides.
    pub fn settle(&self, recipe: Recipe) -> &Recipe {
        self.recipe.get_or_init(|| recipe)
    }

    /// Reads a record; settles the recipe if it is the first that can be used. Records before that one are bad
    /// whatever the recipe, so that who settles it first may read them in any order then.
    pub fn parse<'a>(&self, record: &'a [u8]) -> Decoded<'a> {
        if let Some(recipe) = self.recipe.get() {
            return parse(record, recipe);
        }
        match Recipe::of_json(record, &self.given, &self.fields) {
            Ok(recipe) => parse(record, self.settle(recipe)),
            Err(error) => Decoded { replaced: false, record: Err(error) },
        }
    }
}
