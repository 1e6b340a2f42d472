//! Recipes: how the text of a source's records is made, by the fields of the first.

mod settle;
mod take;

#[cfg(feature = "template")]
use super::Template;
use super::{RecordError, shortened};
use crate::error::Param;
use crate::format::value::Value;

#[cfg(feature = "template")]
pub(super) use settle::CONVERSATIONS;

/// What of the records of one source is taken, settled by the fields that its first record has, null or not:
///
/// 1. the template or the fields that are asked for,
/// 2. the turns of a conversation: `messages`, `conversations`, `conversation` or `dialog`,
/// 3. `instruction` (+ `input` or `context`) + `output` or `response`,
/// 4. `text`; `content`, if it is a string; `raw_content`, `document`, `body`, `code`,
/// 5. (`system_prompt` or `system` +) `question` + `response` or `answer`,
/// 6. `prompt` + `completion`, `response`, `output` or `chosen`; each may be turns.
///
/// Parts that are null or empty are left out, the others joined by line breaks.
///
/// ```
/// use clusterclip_core::format::records::{Fields, Recipe};
/// use clusterclip_core::format::value::Value;
/// let recipe = Recipe::of(&[("question", None), ("answer", None)], &Fields::default())?;
/// assert_eq!(recipe.wanted().unwrap(), ["question", "answer", "system_prompt", "system", "id"]);
/// let text = |text: &'static str| Some(Value::Text(text.into()));
/// let record = recipe.record(&mut [text("1+1?"), text("2"), None, None, None])?;
/// assert_eq!(record.text, "1+1?\n2");
/// # Ok::<(), clusterclip_core::format::records::RecordError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    how: How,
    /// Top-level fields that are taken, one a slot.
    names: Vec<String>,
    /// What a slot holds where a record does not have the field itself.
    given: Vec<(String, String)>,
    id: Place,
    /// Whether a record must have an id.
    id_is_asked: bool,
    tokens: Option<Place>,
    score: Option<Place>,
    /// Whether values are cells: an empty one is no id, no count and no score, and numbers are strings.
    of_cells: bool,
}

/// How the text is made.
#[derive(Debug, Clone, PartialEq, Eq)]
enum How {
    Parts(Vec<Part>),
    Turns(Place),
    #[cfg(feature = "template")]
    Template(Template),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// Where it is: in the first of these that a record has.
    places: Vec<Place>,
    /// Whether a record may do without.
    optional: bool,
    /// Whether it may be the turns of a conversation.
    turns: bool,
    /// Whether it was asked for by name.
    asked: bool,
}

/// Where a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    slot: usize,
    below: Option<String>,
    /// What messages call it.
    name: String,
}

impl Place {
    fn of<'v, 'a>(&self, values: &'v [Option<Value<'a>>]) -> Option<&'v Value<'a>> {
        let value = values[self.slot].as_ref()?;
        self.below.as_ref().map_or(Some(value), |path| value.below(path))
    }

    /// Takes the value out, if that is possible without leaving a part of another one behind.
    fn take<'a>(&self, values: &mut [Option<Value<'a>>]) -> Option<Value<'a>> {
        match self.below {
            None => values[self.slot].take(),
            Some(_) => self.of(values).cloned(),
        }
    }
}

impl Recipe {
    /// Adds fields that each record has besides its own, which go before them.
    #[must_use]
    pub fn with_given(mut self, given: &[(String, String)]) -> Self {
        self.given = given.to_vec();
        self
    }

    /// Takes values for the cells of a table, which are strings whatever they say.
    pub(in crate::format) fn of_cells(mut self) -> Self {
        self.of_cells = true;
        self
    }

    /// The top-level fields that are taken; `None` says all of them, for a template.
    pub fn wanted(&self) -> Option<&[String]> {
        match self.how {
            #[cfg(feature = "template")]
            How::Template(_) => None,
            _ => Some(&self.names),
        }
    }

    /// The paths into one of the [wanted](Self::wanted) fields that are taken; none where all of it is.
    ///
    /// ```
    /// use clusterclip_core::format::records::{Fields, Recipe};
    /// let fields = Fields { text: vec!["meta.text".into()], ..Fields::default() };
    /// let recipe = Recipe::of(&[("meta", None)], &fields)?;
    /// assert_eq!(recipe.wanted().unwrap(), ["meta", "id"]);
    /// assert_eq!((recipe.paths(0), recipe.paths(1)), (vec!["text"], vec![]));
    /// # Ok::<(), clusterclip_core::format::records::RecordError>(())
    /// ```
    pub fn paths(&self, wanted: usize) -> Vec<&str> {
        let of_text = match &self.how {
            How::Parts(parts) => parts.iter().flat_map(|part| &part.places).collect(),
            How::Turns(place) => vec![place],
            #[cfg(feature = "template")]
            How::Template(_) => Vec::new(),
        };
        let places = of_text.into_iter().chain([&self.id]).chain(&self.tokens).chain(&self.score);
        let places = places.filter(|place| place.slot == wanted);
        places.map(|place| place.below.as_deref()).collect::<Option<_>>().unwrap_or_default()
    }

    /// How the text is made, in a few words: "`instruction` + `output`", "the turns of `messages`".
    pub fn described(&self) -> String {
        match &self.how {
            How::Parts(parts) => {
                let said = parts.iter().map(|part| {
                    let names: Vec<_> =
                        part.places.iter().map(|place| format!("`{}`", shortened(&place.name))).collect();
                    match (names.len(), part.optional) {
                        (1, _) | (_, false) => names.join(" or "),
                        _ => format!("({} if there)", names.join(" or ")),
                    }
                });
                said.collect::<Vec<_>>().join(" + ")
            }
            How::Turns(place) => format!("the turns of `{}`", shortened(&place.name)),
            #[cfg(feature = "template")]
            How::Template(_) => "a template".to_owned(),
        }
    }
}

/// A field that was asked for is not there; the caller lists those that are.
fn no_field(field: &str, param: Param) -> RecordError {
    RecordError::NoField { field: field.to_owned(), param, fields: String::new() }
}
