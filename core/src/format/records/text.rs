//! Texts made of several parts, and of the turns of a conversation.

use std::borrow::Cow;

use super::RecordError;
use crate::format::value::Value;

/// Whose words a turn is.
pub(super) const ROLES: [&str; 2] = ["role", "from"];

/// The words of a turn.
pub(super) const CONTENTS: [&str; 2] = ["content", "value"];

/// Whether a value is a conversation: turns, by the first of them, or none, or null.
pub(super) fn is_turns(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::List(turns) => turns.first().is_none_or(is_turn),
        _ => false,
    }
}

fn is_turn(value: &Value<'_>) -> bool {
    ROLES.iter().chain(&CONTENTS).any(|name| value.field(name).is_some())
}

/// Joins parts by line breaks; those that are null or empty are left out.
#[derive(Debug, Default)]
pub(super) struct Joined<'a> {
    /// `None` as long as all parts were null.
    text: Option<Cow<'a, str>>,
}

impl<'a> Joined<'a> {
    /// Adds what the field `name` holds; `turns` says whether that may be the turns of a conversation.
    pub fn add(&mut self, name: &str, value: Value<'a>, turns: bool) -> Result<(), RecordError> {
        match value {
            Value::Null => Ok(()),
            Value::Text(part) => {
                self.push(part);
                Ok(())
            }
            Value::List(list) if turns && list.first().is_none_or(is_turn) => {
                if list.is_empty() {
                    self.push(Cow::Borrowed(""));
                }
                list.into_iter().try_for_each(|turn| self.turn(name, turn))
            }
            other => Err(RecordError::NotText { field: name.to_owned(), found: other.kind() }),
        }
    }

    /// The text.
    ///
    /// # Errors
    /// [`RecordError`] if there were nothing but nulls in the fields that `taken` tells.
    pub fn finish(self, taken: impl FnOnce() -> String) -> Result<Cow<'a, str>, RecordError> {
        self.text.ok_or_else(|| RecordError::NoWords { taken: taken() })
    }

    fn push(&mut self, part: Cow<'a, str>) {
        match &mut self.text {
            Some(text) if text.is_empty() => *text = part,
            Some(_) if part.is_empty() => {}
            Some(text) => {
                let text = text.to_mut();
                text.reserve(1 + part.len());
                text.push('\n');
                text.push_str(&part);
            }
            None => self.text = Some(part),
        }
    }

    /// Adds the words of a turn. One without any, a call of a tool say, is left out.
    fn turn(&mut self, name: &str, turn: Value<'a>) -> Result<(), RecordError> {
        let not_turns = || RecordError::NotTurns { field: name.to_owned() };
        let fields = match turn {
            Value::Null => return Ok(()),
            turn if is_turn(&turn) => match turn {
                Value::Object(fields) => fields,
                _ => return Err(not_turns()),
            },
            _ => return Err(not_turns()),
        };
        match words(fields) {
            Value::Null => Ok(()),
            Value::Text(words) => {
                self.push(words);
                Ok(())
            }
            Value::List(parts) => {
                parts.into_iter().filter_map(text_of_part).for_each(|part| self.push(part));
                Ok(())
            }
            _ => Err(not_turns()),
        }
    }
}

/// The words of a turn: its `content`, else its `value`.
pub(super) fn words<'a>(fields: Vec<(Cow<'a, str>, Value<'a>)>) -> Value<'a> {
    let mut found = [Value::Null, Value::Null];
    for (name, value) in fields {
        if let Some(place) = CONTENTS.iter().position(|own| name == *own) {
            found[place] = value;
        }
    }
    let [content, value] = found;
    if content == Value::Null { value } else { content }
}

/// The text of a part of a turn, if it is of type text.
fn text_of_part(part: Value<'_>) -> Option<Cow<'_, str>> {
    match part {
        Value::Text(text) => Some(text),
        Value::Object(fields) => {
            let of = |name: &str| fields.iter().rposition(|(own, _)| own == name);
            let (kind, text) = (of("type")?, of("text")?);
            if fields[kind].1 != Value::Text("text".into()) {
                return None;
            }
            match fields.into_iter().nth(text)?.1 {
                Value::Text(text) => Some(text),
                _ => None,
            }
        }
        _ => None,
    }
}
