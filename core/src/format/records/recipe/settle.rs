//! How a recipe is settled: by the fields of the first record, in the shapes that are known.

use std::borrow::Cow;

use super::super::text::is_turns;
use super::super::{Fields, RecordError, check_start, names};
use super::{How, Part, Place, Recipe, no_field};
use crate::error::Param;
use crate::format::json::Scanner;
use crate::format::value::{Value, split};

/// Fields that hold a conversation.
pub(in crate::format::records) const CONVERSATIONS: [&str; 4] =
    ["messages", "conversations", "conversation", "dialog"];

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

impl Recipe {
    /// Settles it by the fields of the first record, in their order, with their values where they are known.
    ///
    /// # Errors
    /// [`RecordError`] for a record that no text can be made of, or without a field that is asked for.
    pub fn of(first: &[(&str, Option<&Value<'_>>)], fields: &Fields) -> Result<Self, RecordError> {
        let mut settling = Settling { first, names: Vec::new() };
        let how = settling.how(fields)?;
        let tokens = fields.tokens.as_ref();
        let mut count = |name: &String| match fields.textless {
            true => Ok(settling.place(name)),
            false => settling.asked(name, Param::TokenField),
        };
        let tokens = tokens.map(&mut count).transpose()?;
        let score = fields.score.as_ref();
        let score = score.map(|name| settling.asked(name, Param::ScoreField)).transpose()?;
        let id = match &fields.id {
            Some(name) => settling.asked(name, Param::IdField)?,
            None => settling.place("id"),
        };
        let (names, id_is_asked) = (settling.names, fields.id.is_some());
        Ok(Self { how, names, given: Vec::new(), id, id_is_asked, tokens, score, of_cells: false })
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
        let mut fault = None;
        while let Some(key) = scanner.key()? {
            let name = key.text();
            let is_looked_at = name == "content" || CONVERSATIONS.contains(&&*name);
            let value = is_looked_at.then(|| {
                scanner.clone().value().unwrap_or_else(|broken| {
                    // It is no text, and not judged where something else is.
                    fault.get_or_insert(broken);
                    Value::Bool(false)
                })
            });
            scanner.skip()?;
            match found.iter_mut().find(|(own, _)| *own == name) {
                Some((_, own)) => *own = value,
                None if matters(&name, fields) => found.push((name, value)),
                None => {}
            }
        }
        let first = found.iter().map(|(name, value)| (&**name, value.as_ref()));
        let first: Vec<_> = first.chain(given.iter().map(|(name, _)| (&**name, None))).collect();
        let recipe = Self::of(&first, fields).map_err(|error| match (error, fault) {
            (RecordError::NoText { .. }, Some(fault)) => fault.into(),
            (error, _) => error.with_fields(|| names(record)),
        })?;
        Ok(recipe.with_given(given))
    }
}

/// Whether a recipe may be settled by a field of this name.
fn matters(name: &str, fields: &Fields) -> bool {
    let begins =
        |path: &String| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let known = CONVERSATIONS.iter().chain(&TEXTS).chain(&OTHERS);
    { known }.any(|known| *known == name)
        || fields.text.iter().chain(&fields.id).chain(&fields.tokens).chain(&fields.score).any(begins)
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
        if fields.textless {
            return Ok(How::Parts(Vec::new()));
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
        // Those of the record come first, each once.
        let field = self.first.iter().find(|(own, _)| *own == name);
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
