//! What a recipe takes of a record: its text, id, token count and score.

use std::borrow::Cow;

use super::super::text::Joined;
use super::super::{Record, RecordError, shortened};
use super::{How, Part, Place, Recipe, no_field};
use crate::error::Param;
use crate::format::value::Value;

impl Recipe {
    /// Takes text, id, token count and score from the values of the [wanted](Self::wanted) fields, in their order.
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
        let (id, tokens, score) = (self.id(values)?, self.tokens(values)?, self.score(values)?);
        let text = match &self.how {
            How::Parts(parts) if parts.is_empty() => Cow::Borrowed(""),
            How::Parts(parts) => self.joined(parts, values)?,
            How::Turns(place) => {
                let mut joined = Joined::default();
                match place.take(values) {
                    Some(Value::Text(_)) => {
                        return Err(RecordError::NotTurns { field: place.name.clone() });
                    }
                    Some(value) => joined.add(&place.name, value, true)?,
                    None => return Err(self.no_part(place)),
                }
                joined.finish(|| self.described())?
            }
            #[cfg(feature = "template")]
            How::Template(_) => unreachable!("a template takes all fields"),
        };
        Ok(Record { text, id, tokens, score })
    }

    /// Takes text, id, token count and score from all fields of a record.
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
                let (id, tokens, score) = (self.id(&values)?, self.tokens(&values)?, self.score(&values)?);
                Ok(Record { text: Cow::Owned(template.render(fields)?), id, tokens, score })
            }
            _ => self.record(&mut values),
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
        for (number, part) in parts.iter().enumerate() {
            let place = part.places.iter().find(|place| place.of(values).is_some_and(|v| *v != Value::Null));
            let place = place.or_else(|| part.places.iter().find(|place| place.of(values).is_some()));
            // What a later part takes too stays where it is.
            let later = || parts[number + 1..].iter().flat_map(|part| &part.places);
            let taken = place.and_then(|place| {
                let stays = later().any(|other| other.slot == place.slot);
                let value = if stays { place.of(values).cloned() } else { place.take(values) };
                Some((place, value?))
            });
            match taken {
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
        let wrong = |field, found| RecordError::NotACount { field, found };
        self.number(self.tokens.as_ref(), Param::TokenField, values, count, wrong)
    }

    fn score(&self, values: &[Option<Value<'_>>]) -> Result<Option<f64>, RecordError> {
        let score = |spelled: &str| spelled.parse().ok().filter(|score: &f64| !score.is_nan());
        let wrong = |field, found| RecordError::NotAScore { field, found };
        self.number(self.score.as_ref(), Param::ScoreField, values, score, wrong)
    }

    /// The number at a place; none where that is null or an empty cell.
    fn number<T>(
        &self,
        place: Option<&Place>,
        param: Param,
        values: &[Option<Value<'_>>],
        parse: impl Fn(&str) -> Option<T>,
        wrong: impl Fn(String, String) -> RecordError,
    ) -> Result<Option<T>, RecordError> {
        let Some(place) = place else { return Ok(None) };
        let found = match place.of(values) {
            None if self.is_textless() && param == Param::TokenField => return Ok(None),
            None => return Err(no_field(&place.name, param)),
            Some(Value::Null) => return Ok(None),
            Some(Value::Text(cell)) if self.of_cells && cell.trim_ascii().is_empty() => return Ok(None),
            Some(value) => value,
        };
        let parsed = match found {
            Value::Number(number) => parse(number),
            Value::Text(cell) if self.of_cells => parse(cell.trim_ascii()),
            _ => None,
        };
        parsed.map(Some).ok_or_else(|| {
            // As JSON, so that a string of digits is told from a number.
            let found =
                if self.of_cells { found.spelled().trim_ascii().to_owned() } else { found.to_string() };
            wrong(place.name.clone(), shortened(&found))
        })
    }

    /// Whether records have no text.
    fn is_textless(&self) -> bool {
        matches!(&self.how, How::Parts(parts) if parts.is_empty())
    }

    fn no_part(&self, place: &Place) -> RecordError {
        RecordError::NoPart { field: place.name.clone(), taken: self.described(), fields: String::new() }
    }
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
