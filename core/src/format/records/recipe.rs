//! Recipes: how the text of a source's records is made, by the fields of the first.

use std::borrow::Cow;

#[cfg(feature = "template")]
use super::Template;
use super::text::{Joined, is_turns};
use super::{Fields, Record, RecordError, check_start, names, shortened};
use crate::error::Param;
use crate::format::json::Scanner;
use crate::format::value::{Value, split};

/// Fields that hold a conversation.
pub(super) const CONVERSATIONS: [&str; 4] = ["messages", "conversations", "conversation", "dialog"];

/// Fields that are a text by their names, after `text` and `content`.
const TEXTS: [&str; 4] = ["raw_content", "document", "body", "code"];

/// Other fields of shapes that are known.
const OTHERS: [&str; 15] = [
    "instruction",
    "input",
    "context",
    "output",
    "response",
    "text",
    "content",
    "system_prompt",
    "system",
    "question",
    "answer",
    "prompt",
    "completion",
    "chosen",
    "id",
];

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
    /// Whether values are cells: an empty one is no id and no count, and counts are strings.
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
    /// Settles it by the fields of the first record, in their order, with their values where they are known.
    ///
    /// # Errors
    /// [`RecordError`] for a record that no text can be made of, or without a field that is asked for.
    pub fn of(first: &[(&str, Option<&Value<'_>>)], fields: &Fields) -> Result<Self, RecordError> {
        let mut settling = Settling { first, names: Vec::new() };
        let how = settling.how(fields)?;
        let tokens = fields.tokens.as_ref();
        let tokens = tokens.map(|name| settling.asked(name, Param::TokenField)).transpose()?;
        let id = match &fields.id {
            Some(name) => settling.asked(name, Param::IdField)?,
            None => settling.place("id"),
        };
        let (names, id_is_asked) = (settling.names, fields.id.is_some());
        Ok(Self { how, names, given: Vec::new(), id, id_is_asked, tokens, of_cells: false })
    }

    /// Settles it by a record that is a JSON object; `given` are fields that each record has besides its own.
    ///
    /// # Errors
    /// [`RecordError`] for what is no object, and those of [`of`](Self::of).
    pub fn of_json(record: &[u8], given: &[(String, String)], fields: &Fields) -> Result<Self, RecordError> {
        check_start(record)?;
        let mut scanner = Scanner::new(record);
        // Only those that matter, each once: a record that is made of names takes no memory.
        let mut found: Vec<(Cow<'_, str>, Option<Value<'_>>)> = Vec::new();
        while let Some(key) = scanner.key()? {
            let name = key.text();
            let value = if name == "content" || CONVERSATIONS.contains(&&*name) {
                Some(scanner.value()?)
            } else {
                scanner.skip()?;
                None
            };
            match found.iter_mut().find(|(own, _)| *own == name) {
                Some((_, own)) => *own = value,
                None if matters(&name, fields) => found.push((name, value)),
                None => {}
            }
        }
        let first = found.iter().map(|(name, value)| (&**name, value.as_ref()));
        let first: Vec<_> = first.chain(given.iter().map(|(name, _)| (&**name, None))).collect();
        let recipe = Self::of(&first, fields).map_err(|error| error.with_fields(|| names(record)))?;
        Ok(recipe.with_given(given))
    }

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
        let places = of_text.into_iter().chain([&self.id]).chain(&self.tokens);
        let places = places.filter(|place| place.slot == wanted);
        places.map(|place| place.below.as_deref()).collect::<Option<_>>().unwrap_or_default()
    }

    /// Takes text, id and token count from the values of the [wanted](Self::wanted) fields, in their order.
    ///
    /// # Errors
    /// [`RecordError`] for a record that does not have the shape.
    ///
    /// # Panics
    /// If there are not as many values as wanted fields, or all fields are wanted.
    pub fn record<'a>(&self, values: &mut [Option<Value<'a>>]) -> Result<Record<'a>, RecordError> {
        for (name, given) in &self.given {
            if let Some(slot) = self.names.iter().position(|wanted| wanted == name) {
                values[slot].get_or_insert_with(|| Value::Text(Cow::Owned(given.clone())));
            }
        }
        let (id, tokens) = (self.id(values)?, self.tokens(values)?);
        let text = match &self.how {
            How::Parts(parts) => self.joined(parts, values)?,
            How::Turns(place) => {
                let mut joined = Joined::default();
                match place.take(values) {
                    Some(value) => joined.add(&place.name, value, true)?,
                    None => return Err(self.no_part(place)),
                }
                joined.finish(|| self.described())?
            }
            #[cfg(feature = "template")]
            How::Template(_) => unreachable!("a template takes all fields"),
        };
        Ok(Record { text, id, tokens })
    }

    /// Takes text, id and token count from all fields of a record.
    ///
    /// # Errors
    /// [`RecordError`] for a record that does not have the shape, or that the template fails on.
    pub fn record_of_all<'a>(
        &self,
        mut fields: Vec<(Cow<'a, str>, Value<'a>)>,
    ) -> Result<Record<'a>, RecordError> {
        for (name, given) in &self.given {
            if !fields.iter().any(|(own, _)| own == name) {
                fields.push((name.clone().into(), Value::Text(given.clone().into())));
            }
        }
        let own = |name: &String| fields.iter().rfind(|(own, _)| own == name).map(|(_, value)| value.clone());
        let mut values: Vec<_> = self.names.iter().map(own).collect();
        match &self.how {
            #[cfg(feature = "template")]
            How::Template(template) => {
                let (id, tokens) = (self.id(&values)?, self.tokens(&values)?);
                Ok(Record { text: Cow::Owned(template.render(fields)?), id, tokens })
            }
            _ => self.record(&mut values),
        }
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

    fn joined<'a>(
        &self,
        parts: &[Part],
        values: &mut [Option<Value<'a>>],
    ) -> Result<Cow<'a, str>, RecordError> {
        // A text that is one field, as most are.
        if let [Part { places, .. }] = parts
            && let [place @ Place { below: None, .. }] = places.as_slice()
            && let Some(Value::Text(text)) =
                values[place.slot].take_if(|value| matches!(value, Value::Text(_)))
        {
            return Ok(text);
        }
        let mut joined = Joined::default();
        for part in parts {
            let place = part.places.iter().find(|place| place.of(values).is_some_and(|v| *v != Value::Null));
            let place = place.or_else(|| part.places.iter().find(|place| place.of(values).is_some()));
            match place.and_then(|place| Some((place, place.take(values)?))) {
                Some((place, value)) => joined.add(&place.name, value, part.turns)?,
                None if part.optional => {}
                None if part.asked => return Err(no_field(&part.places[0].name, Param::TextField)),
                None => return Err(self.no_part(&part.places[0])),
            }
        }
        joined.finish(|| self.described())
    }

    fn id<'a>(&self, values: &[Option<Value<'a>>]) -> Result<Option<Cow<'a, str>>, RecordError> {
        let id = match self.id.of(values) {
            None | Some(Value::Null) => None,
            Some(Value::Text(cell)) if self.of_cells && cell.is_empty() => None,
            Some(value) => Some(value.spelled()),
        };
        match id {
            None if self.id_is_asked && self.of_cells => {
                Err(RecordError::NoId { field: self.id.name.clone() })
            }
            None if self.id_is_asked => Err(no_field(&self.id.name, Param::IdField)),
            id => Ok(id),
        }
    }

    fn tokens(&self, values: &[Option<Value<'_>>]) -> Result<Option<u32>, RecordError> {
        let Some(place) = &self.tokens else { return Ok(None) };
        let found = match place.of(values) {
            None => return Err(no_field(&place.name, Param::TokenField)),
            Some(Value::Null) => return Ok(None),
            Some(Value::Text(cell)) if self.of_cells && cell.trim_ascii().is_empty() => return Ok(None),
            Some(value) => value,
        };
        let counted = match found {
            Value::Number(number) => count(number),
            Value::Text(cell) if self.of_cells => count(cell.trim_ascii()),
            _ => None,
        };
        let wrong = || {
            // As JSON, so that a string of digits is told from a number.
            let found =
                if self.of_cells { found.spelled().trim_ascii().to_owned() } else { found.to_string() };
            RecordError::NotACount { field: place.name.clone(), found: shortened(&found) }
        };
        counted.map(Some).ok_or_else(wrong)
    }

    fn no_part(&self, place: &Place) -> RecordError {
        RecordError::NoPart { field: place.name.clone(), taken: self.described(), fields: String::new() }
    }
}

/// Whether a recipe may be settled by a field of this name.
fn matters(name: &str, fields: &Fields) -> bool {
    let begins =
        |path: &String| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let known = CONVERSATIONS.iter().chain(&TEXTS).chain(&OTHERS);
    { known }.any(|known| *known == name)
        || fields.text.iter().chain(&fields.id).chain(&fields.tokens).any(begins)
}

/// A count: digits, or a number without a fraction like 12.0. No sign.
fn count(spelled: &str) -> Option<u32> {
    let first = spelled.bytes().next()?;
    if !first.is_ascii_digit() {
        return None;
    }
    spelled.parse().ok().or_else(|| {
        let number: f64 = spelled.parse().ok()?;
        (number.fract() == 0.0 && number <= f64::from(u32::MAX)).then_some(number as u32)
    })
}

/// A field that was asked for is not there; the caller lists those that are.
fn no_field(field: &str, param: Param) -> RecordError {
    RecordError::NoField { field: field.to_owned(), param, fields: String::new() }
}

/// Settles a recipe by the fields of the first record.
struct Settling<'r> {
    first: &'r [(&'r str, Option<&'r Value<'r>>)],
    names: Vec<String>,
}

impl Settling<'_> {
    fn how(&mut self, fields: &Fields) -> Result<How, RecordError> {
        #[cfg(feature = "template")]
        if let Some(template) = &fields.template {
            return Ok(How::Template(template.clone()));
        }
        if !fields.text.is_empty() {
            let asked = fields.text.iter().map(|name| {
                let places = vec![self.asked(name, Param::TextField)?];
                Ok(Part { places, optional: false, turns: true, asked: true })
            });
            return Ok(How::Parts(asked.collect::<Result<_, RecordError>>()?));
        }
        self.known().ok_or(RecordError::NoText { fields: String::new() })
    }

    /// The first shape that is known.
    fn known(&mut self) -> Option<How> {
        if let Some(name) = CONVERSATIONS.into_iter().find(|name| self.is(name, is_turns)) {
            return Some(How::Turns(self.place(name)));
        }
        if self.has("instruction")
            && let Some(answer) = self.first_of(&["output", "response"])
        {
            let parts = [self.part("instruction"), self.optional(&["input", "context"]), self.part(answer)];
            return Some(How::Parts(parts.into()));
        }
        let is_string = |value: &Value<'_>| matches!(value, Value::Text(_) | Value::Null);
        let text = if self.has("text") {
            Some("text")
        } else if self.is("content", is_string) {
            Some("content")
        } else {
            self.first_of(&TEXTS)
        };
        if let Some(text) = text {
            return Some(How::Parts(vec![self.part(text)]));
        }
        if self.has("question")
            && let Some(answer) = self.first_of(&["response", "answer"])
        {
            let (question, answer) = (self.part("question"), self.part(answer));
            return Some(How::Parts(vec![self.optional(&["system_prompt", "system"]), question, answer]));
        }
        if self.has("prompt")
            && let Some(answer) = self.first_of(&["completion", "response", "output", "chosen"])
        {
            let parts = ["prompt", answer].map(|name| Part { turns: true, ..self.part(name) });
            return Some(How::Parts(parts.into()));
        }
        None
    }

    fn has(&self, name: &str) -> bool {
        self.first.iter().any(|(own, _)| *own == name)
    }

    fn first_of(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.has(name))
    }

    /// Whether there is such a field, whose value is of a kind where it is known.
    fn is(&self, name: &str, kind: impl Fn(&Value<'_>) -> bool) -> bool {
        let field = self.first.iter().rfind(|(own, _)| *own == name);
        field.is_some_and(|(_, value)| value.is_none_or(kind))
    }

    fn part(&mut self, name: &str) -> Part {
        Part { places: vec![self.place(name)], optional: false, turns: false, asked: false }
    }

    /// A part that need not be there: in the field that the first record has, else in any of them.
    fn optional(&mut self, names: &[&'static str]) -> Part {
        let places = match self.first_of(names) {
            Some(name) => vec![self.place(name)],
            None => names.iter().map(|name| self.place(name)).collect(),
        };
        Part { places, optional: true, turns: false, asked: false }
    }

    /// Where the top-level field of a name is.
    fn place(&mut self, name: &str) -> Place {
        let slot = self.names.iter().position(|own| own == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        Place { slot, below: None, name: name.to_owned() }
    }

    /// Where a field is that was asked for: that of the name, else the end of a path.
    fn asked(&mut self, name: &str, param: Param) -> Result<Place, RecordError> {
        let (top, below) = split(name, |top| self.has(top)).ok_or_else(|| no_field(name, param))?;
        Ok(Place { below: below.map(str::to_owned), name: name.to_owned(), ..self.place(top) })
    }
}
