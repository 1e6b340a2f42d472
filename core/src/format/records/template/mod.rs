//! Templates: texts made of all fields of a record, in the language of chat templates (Jinja).
//!
//! A template sees the fields of the record by their names, and `messages`: the turns of its conversation as objects
//! with `role` and `content`, however the record spells them (`human` is `user`, `gpt` is `assistant`). What chat
//! templates use is there: `raise_exception`, `tojson` as Python writes it, `break` and `continue`, `{% generation %}`,
//! the methods of Python's strings, lists and dicts, blocks that leave no line behind. `bos_token` and `eos_token` are
//! empty, `add_generation_prompt` is false. There is no clock, so that the same record always gives the same text.

mod values;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value as Jinja;
use minijinja::{Environment, Error, ErrorKind};
use minijinja_contrib::pycompat::unknown_method_callback;

use self::values::{jinja, message, to_json};
use super::RecordError;
use super::recipe::CONVERSATIONS;
use super::text::is_turns;
use crate::error::{Explain, Kind, Names, Param};
use crate::format::value::Value;

/// What a rendering may cost: about so many steps, and 64 times as many bytes of memory, which is 1 GiB.
const FUEL: u64 = 1 << 24;

/// What the one template of an environment is called.
const NAME: &str = "template";

/// A template of a text.
///
/// ```
/// use clusterclip_core::format::records::{Fields, Recipe, Template, parse};
/// let template = Template::new("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}")?;
/// let fields = Fields { template: Some(template), ..Fields::default() };
/// let line = br#"{"conversations": [{"from": "human", "value": "1+1?"}, {"from": "gpt", "value": "2"}]}"#;
/// let recipe = Recipe::of_json(line, &[], &fields)?;
/// assert_eq!(parse(line, &recipe).record?.text, "user: 1+1?\nassistant: 2\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Template {
    source: Arc<str>,
    environment: Arc<Environment<'static>>,
}

/// A template that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct TemplateError {
    /// The line on which it is wrong.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl Explain for TemplateError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, reason } = self;
        write!(f, "{} is no template, by its line {line}: {reason}", names(Param::Template))
    }
}

crate::explained!(TemplateError);

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError`] for what is none.
    pub fn new(source: &str) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| wrong(&error))?);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(unknown_method_callback);
        environment.add_filter("tojson", to_json);
        environment.add_function("raise_exception", |message: String| -> Result<Jinja, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment.add_function("strftime_now", |_: String| -> Result<Jinja, Error> {
            let reason = "there is no clock here, so that the same record always gives the same text";
            Err(Error::new(ErrorKind::InvalidOperation, reason))
        });
        for token in ["bos_token", "eos_token"] {
            environment.add_global(token, "");
        }
        environment.add_global("add_generation_prompt", false);
        environment.add_template_owned(NAME, without_generation(source)).map_err(|error| wrong(&error))?;
        Ok(Self { source: source.into(), environment: Arc::new(environment) })
    }

    /// The template itself.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Makes a text of all fields of a record.
    pub(super) fn render(&self, fields: Vec<(Cow<'_, str>, Value<'_>)>) -> Result<String, RecordError> {
        let turns = CONVERSATIONS.iter().find_map(|name| {
            let (_, value) = fields.iter().rfind(|(own, _)| own == name)?;
            match value {
                Value::List(turns) if is_turns(value) => Some(turns.iter().map(message).collect::<Jinja>()),
                _ => None,
            }
        });
        let own = fields.into_iter().map(|(name, value)| (name.into_owned(), jinja(&value)));
        let context = Jinja::from_pairs(own.chain(turns.map(|turns| (CONVERSATIONS[0].to_owned(), turns))));
        let rendered = self.environment.get_template(NAME).and_then(|template| template.render(context));
        rendered.map_err(|error| {
            let (line, reason) = told(&error);
            RecordError::Template { line, reason }
        })
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Template {}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Template").field(&self.source).finish()
    }
}

/// The template without its `{% generation %}` and `{% endgeneration %}`, which mark for trainers what an assistant says
/// and leave the text as it is.
fn without_generation(source: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(source.len()), source);
    while let Some((before, after)) = rest.split_once("{%") {
        out.push_str(before);
        out.push_str("{%");
        let block = after.split_once("%}").map_or(after, |(block, _)| block);
        let word = block.trim_matches(|c: char| c.is_ascii_whitespace() || c == '-' || c == '+');
        match word {
            "generation" => out.push_str(&block.replace(word, "if true")),
            "endgeneration" => out.push_str(&block.replace(word, "endif")),
            _ => out.push_str(block),
        }
        rest = &after[block.len()..];
    }
    out + rest
}

fn wrong(error: &Error) -> TemplateError {
    let (line, reason) = told(error);
    TemplateError { line, reason }
}

/// A line, and what is wrong on it.
fn told(error: &Error) -> (usize, String) {
    let reason = match (error.kind(), error.detail()) {
        (ErrorKind::InvalidOperation | ErrorKind::SyntaxError, Some(detail)) => detail.to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    (error.line().unwrap_or(1), reason)
}

#[cfg(test)]
mod tests {
    use super::super::{Fields, Recipe, parse};
    use super::*;

    fn render(template: &str, record: &str) -> Result<String, RecordError> {
        let template = Template::new(template).unwrap();
        let fields = Fields { template: Some(template), ..Fields::default() };
        let recipe = Recipe::of_json(record.as_bytes(), &[], &fields)?;
        assert_eq!((recipe.wanted(), recipe.described().as_str()), (None, "a template"));
        parse(record.as_bytes(), &recipe).record.map(|record| record.text.into_owned())
    }

    #[test]
    fn a_chat_template_gives_what_it_gives_in_python() {
        let chat = "{{ bos_token }}{%- for message in messages %}
            {%- if message['role'] not in ['user', 'assistant', 'system'] -%}
                {{ raise_exception('no such role: ' + message.role) }}
            {%- endif %}
            {{- '<|im_start|>' + message['role'] + '\\n' + message['content'].strip() + '<|im_end|>' + '\\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ 'never' }}{% endif %}";
        let text = "<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n2<|im_end|>\n";
        for record in [
            r#"{"messages":[{"role":"user","content":" 1+1? "},{"role":"assistant","content":"2"}]}"#,
            r#"{"conversations":[{"from":"human","value":"1+1?"},{"from":"gpt","value":"2"}]}"#,
        ] {
            assert_eq!(render(chat, record).as_deref(), Ok(text));
        }
        let error = render(chat, r#"{"messages":[{"role":"tool","content":"x"}]}"#).unwrap_err();
        assert_eq!(error, RecordError::Template { line: 3, reason: "no such role: tool".into() });
    }

    #[test]
    fn values_are_written_as_python_writes_them() {
        let record = r#"{"a":null,"b":true,"c":1.50,"d":123456789012345678901234567890,"e":"<é'&>\\u003c","f":{"x":[1,null]}}"#;
        assert_eq!(
            render("{{ a }} {{ b }} {{ c }} {{ d }}", record).unwrap(),
            "None True 1.5 123456789012345678901234567890"
        );
        assert_eq!(render("{{ e|tojson }}", record).unwrap(), r#""<é'&>\\u003c""#);
        assert_eq!(render("{{ f|tojson }}", record).unwrap(), r#"{"x": [1, null]}"#);
        assert_eq!(
            render("{{ f|tojson(indent=2) }}", record).unwrap(),
            "{\n  \"x\": [\n    1,\n    null\n  ]\n}"
        );
        assert_eq!(render("[{{ none_such }}]{% if not none_such %}!{% endif %}", record).unwrap(), "[]!");
        assert_eq!(
            render("{% for i in range(9) %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", record)
                .unwrap(),
            "01"
        );
        assert_eq!(
            render("{% if true %}\n  {% if true %}\nx\n  {% endif %}\n{% endif %}\n", record).unwrap(),
            "x\n"
        );
        assert_eq!(
            render("a\n{%- generation -%}\n{{ c }}\n{%- endgeneration %}{% if a %}x{% endif %}!", record)
                .unwrap(),
            "a1.5!"
        );
        assert_eq!(render("{{ e.split('é')[0] }}{{ f.items()|list|length }}", record).unwrap(), "<1");
    }

    #[test]
    fn what_fails_makes_bad_records_and_what_cannot_be_read_names_its_line() {
        for failing in
            ["{{ none_such.deeper }}", "{{ strftime_now('%Y') }}", "{{ 1 / 0 }}", "{{ a|none_such }}"]
        {
            let error = render(failing, r#"{"a":"b"}"#);
            assert!(matches!(error, Err(RecordError::Template { line: 1, .. })), "{failing}: {error:?}");
        }
        let error = Template::new("a\n{% for x in y %}\n").unwrap_err();
        assert_eq!((error.kind(), error.line), (Kind::Usage, 2));
        assert!(error.to_string().starts_with("template is no template, by its line 2: "), "{error}");
    }

    #[test]
    fn hostile_templates_end() {
        for hostile in [
            "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
            "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
            "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
            "{{ 'x' * 99999999999 }}",
        ] {
            assert!(matches!(render(hostile, "{}"), Err(RecordError::Template { .. })), "{hostile}");
        }
    }
}
