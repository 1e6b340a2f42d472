//! Values as templates see them, and as Python writes them.

use minijinja::value::{Kwargs, Value as Jinja};
use minijinja::{Error, ErrorKind};

use super::super::text::{CONTENTS, ROLES, words};
use crate::format::value::Value;

/// JSON with blanks after `,` and `:`, as Python writes it, and as it is: not for HTML.
pub(super) fn to_json(value: &Jinja, indent: Option<Jinja>, options: Kwargs) -> Result<String, Error> {
    if let Some(true) = options.get("ensure_ascii")? {
        return Err(Error::new(ErrorKind::InvalidOperation, "tojson keeps letters beyond ASCII as they are"));
    }
    let indent = match indent {
        Some(indent) => Some(indent),
        None => options.get("indent")?,
    };
    options.assert_all_used()?;
    let indent = indent.filter(|indent| !indent.is_none());
    let json = minijinja::filters::tojson(value, indent, Kwargs::from_iter(Vec::<(String, Jinja)>::new()))?;
    let json = json.as_str().unwrap_or_default();
    let (mut out, mut rest) = (String::with_capacity(json.len()), json);
    while let Some(slash) = rest.find('\\') {
        out.push_str(&rest[..slash]);
        let letters = [("\\u003c", '<'), ("\\u003e", '>'), ("\\u0026", '&'), ("\\u0027", '\'')];
        match letters.into_iter().find(|(escape, _)| rest[slash..].starts_with(escape)) {
            Some((escape, letter)) => {
                out.push(letter);
                rest = &rest[slash + escape.len()..];
            }
            None => {
                // A backslash and what it escapes, which may be another one.
                out.push_str(&rest[slash..slash + 2]);
                rest = &rest[slash + 2..];
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// A turn with `role` and `content`, and whatever else it holds.
pub(super) fn message(turn: &Value<'_>) -> Jinja {
    let Value::Object(fields) = turn else { return jinja(turn) };
    let role = ROLES.iter().find_map(|name| turn.field(name));
    let role = role.map(|role| match role {
        Value::Text(from) if from == "human" => Jinja::from("user"),
        Value::Text(from) if from == "gpt" => Jinja::from("assistant"),
        role => jinja(role),
    });
    let content = jinja(&words(fields.clone()));
    let taken = |name: &str| ROLES.contains(&name) || CONTENTS.contains(&name);
    let others = fields.iter().filter(|(name, _)| !taken(name)).map(|(name, value)| (&**name, jinja(value)));
    let named = role.map(|role| ("role", role)).into_iter().chain([("content", content)]);
    Jinja::from_pairs(named.chain(others).map(|(name, value)| (name.to_owned(), value)))
}

/// A value as templates see it.
pub(super) fn jinja(value: &Value<'_>) -> Jinja {
    match value {
        Value::Null => Jinja::from(()),
        Value::Bool(bool) => Jinja::from(*bool),
        Value::Number(number) => {
            let whole =
                number.parse::<i64>().map(Jinja::from).or_else(|_| number.parse::<i128>().map(Jinja::from));
            whole
                .or_else(|_| number.parse::<f64>().map(Jinja::from))
                .unwrap_or_else(|_| Jinja::from(&**number))
        }
        Value::Text(text) => Jinja::from(&**text),
        Value::List(values) => values.iter().map(jinja).collect(),
        Value::Object(fields) => {
            Jinja::from_pairs(fields.iter().map(|(name, value)| (name.to_string(), jinja(value))))
        }
    }
}
