//! What becomes the text, by the shape of the records, as JSON lines and as Parquet.

use std::ffi::OsStr;
use std::fs;

use clusterclip_tests::python;

use crate::reading;
use crate::told;

/// Records of one shape, and what their texts must be.
struct Shape {
    name: &'static str,
    records: &'static [&'static str],
    words: &'static [&'static str],
    texts: &'static [Option<&'static str>],
    /// Whether columns can hold it.
    columns: bool,
}

/// A table of shapes: the name, options, then a line a record and its text.
macro_rules! shapes {
    ($table:ident, $columns:expr; $($name:literal, $words:expr, { $($record:literal => $text:expr,)+ })+) => {
        const $table: &[Shape] = &[$(Shape {
            name: $name,
            records: &[$($record),+],
            words: &$words,
            texts: &[$($text),+],
            columns: $columns,
        }),+];
    };
}

/// As OpenAI's chat format was first written down for others.
const CHATML: &str = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + \
                      '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}\
                      {% endif %}";

/// As Llama 3 has it.
const LLAMA: &str = "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = \
                     '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + \
                     '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ \
                     content }}{% endfor %}{% if add_generation_prompt %}{{ \
                     '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";

/// As Mistral has it, with its checks.
const MISTRAL: &str = "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % \
                       2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant\
                       /...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' \
                       [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}\
                       {% endif %}{% endfor %}";

shapes! { SHAPES, true;
    "OpenOrca: system_prompt, question, response", [], {
        r#"{"id": "niv.1", "system_prompt": "", "question": "Q one?", "response": "R one."}"# => Some("Q one?\nR one."),
        r#"{"id": "niv.2", "system_prompt": "Be brief.", "question": "Q?", "response": "R."}"# => Some("Be brief.\nQ?\nR."),
        r#"{"id": "niv.3", "system_prompt": null, "question": "Q?", "response": ""}"# => Some("Q?"),
    }
    "Alpaca: instruction, input, output", [], {
        r#"{"instruction": "Add.", "input": "2 3", "output": "5"}"# => Some("Add.\n2 3\n5"),
        r#"{"instruction": "Say hello.", "input": "", "output": "Hello"}"# => Some("Say hello.\nHello"),
        r#"{"instruction": "Say ü.", "input": null, "output": "ü"}"# => Some("Say ü.\nü"),
        r#"{"instruction": "Nothing more.", "input": null, "output": null}"# => Some("Nothing more."),
        r#"{"instruction": null, "input": null, "output": null}"# => None,
    }
    "Alpaca, the first input null", [], {
        r#"{"instruction": "Say hello.", "input": null, "output": "Hello"}"# => Some("Say hello.\nHello"),
        r#"{"instruction": "Add.", "input": "2 3", "output": "5"}"# => Some("Add.\n2 3\n5"),
    }
    "Alpaca with its rendered text", [], {
        r#"{"instruction": "Add.", "input": "2 3", "output": "5", "text": "Below is an instruction"}"# => Some("Add.\n2 3\n5"),
    }
    "Dolly: instruction, context, response", [], {
        r#"{"instruction": "When?", "context": "It was 1931.", "response": "In 1931.", "category": "qa"}"# => Some("When?\nIt was 1931.\nIn 1931."),
        r#"{"instruction": "When?", "context": "", "response": "In 1931.", "category": "qa"}"# => Some("When?\nIn 1931."),
    }
    "ShareGPT: conversations of from, value", [], {
        r#"{"id": "a", "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}"# => Some("Hi\nHello"),
        r#"{"id": "b", "conversations": [{"from": "system", "value": ""}, {"from": "gpt", "value": "Hello"}]}"# => Some("Hello"),
    }
    "messages of role, content", [], {
        r#"{"prompt": "Hi", "messages": [{"content": "Hi", "role": "user"}, {"content": "Ho\n", "role": "assistant"}]}"# => Some("Hi\nHo\n"),
        r#"{"prompt": "Hi", "messages": [{"content": null, "role": "user"}, {"content": "Ho", "role": "assistant"}]}"# => Some("Ho"),
        r#"{"prompt": "Hi", "messages": null}"# => None,
    }
    "messages before text", [], {
        r#"{"text": "rendered", "messages": [{"role": "user", "content": "Hi"}]}"# => Some("Hi"),
    }
    "conversation", [], {
        r#"{"conversation": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}], "turn": 1}"# => Some("Hi\nHo"),
    }
    "dialog of role, content", [], {
        r#"{"dialog": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}"# => Some("Hi\nHo"),
    }
    "text beside content", [], {
        r#"{"content": "c", "text": "the text"}"# => Some("the text"),
        r#"{"content": "c", "text": ""}"# => Some(""),
        r#"{"content": "c", "text": null}"# => None,
    }
    "the first text null", [], {
        r#"{"text": null, "content": "c"}"# => None,
        r#"{"text": "the text", "content": "c"}"# => Some("the text"),
    }
    "content", [], { r#"{"content": "a file", "path": "a.rs"}"# => Some("a file"), }
    "raw_content", [], { r#"{"raw_content": "a page", "url": "u"}"# => Some("a page"), }
    "document", [], { r#"{"document": "a report", "summary": "s"}"# => Some("a report"), }
    "body", [], { r#"{"title": "t", "body": "a post"}"# => Some("a post"), }
    "code", [], { r#"{"code": "fn main() {}", "repo": "r"}"# => Some("fn main() {}"), }
    "GSM8K: question, answer", [], { r##"{"question": "2 + 2?", "answer": "4\n#### 4"}"## => Some("2 + 2?\n4\n#### 4"), }
    "system, question, response", [], { r#"{"system": "Be brief.", "question": "Q?", "response": "R."}"# => Some("Be brief.\nQ?\nR."), }
    "prompt, completion", [], { r#"{"prompt": "Once", "completion": " upon"}"# => Some("Once\n upon"), }
    "prompt, response", [], { r#"{"prompt": "Once", "response": "upon"}"# => Some("Once\nupon"), }
    "prompt, output", [], { r#"{"prompt": "Once", "output": "upon"}"# => Some("Once\nupon"), }
    "preferences: prompt, chosen, rejected", [], {
        r#"{"prompt": "Q?", "chosen": "good", "rejected": "bad"}"# => Some("Q?\ngood"),
        r#"{"prompt": "", "chosen": "good", "rejected": "bad"}"# => Some("good"),
    }
    "preferences of turns", [], {
        r#"{"prompt": "Q?", "chosen": [{"role": "user", "content": "Q?"}, {"role": "assistant", "content": "A"}], "rejected": []}"# => Some("Q?\nQ?\nA"),
    }
    "a path", ["--text-field", "meta.doc.text"], {
        r#"{"text": "not this", "meta": {"doc": {"text": "this"}}}"# => Some("this"),
        r#"{"text": "not this", "meta": {"doc": {"text": null}}}"# => None,
        r#"{"text": "not this", "meta": {"doc": {"text": ""}}}"# => Some(""),
    }
    "an exact name before a path", ["--text-field", "meta.text"], {
        r#"{"meta": {"text": "not this"}, "meta.text": "this"}"# => Some("this"),
    }
    "several fields", ["--text-field", "title", "--text-field", "meta.body"], {
        r#"{"title": "T", "meta": {"body": "B"}}"# => Some("T\nB"),
        r#"{"title": null, "meta": {"body": "B"}}"# => Some("B"),
        r#"{"title": "T", "meta": {"body": ""}}"# => Some("T"),
        r#"{"title": "", "meta": {"body": ""}}"# => Some(""),
        r#"{"title": null, "meta": {"body": null}}"# => None,
    }
    "a template of fields", ["--template", "# {{ title }}\n{{ text | upper }}{% if tags %} ({{ tags | join(', ') }}){% endif %}"], {
        r#"{"title": "T", "text": "abc", "tags": ["x", "y"]}"# => Some("# T\nABC (x, y)"),
        r#"{"title": "ü", "text": "ß", "tags": []}"# => Some("# ü\nSS"),
    }
    "ChatML", ["--template", CHATML], {
        r#"{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}"# =>
            Some("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n"),
    }
    "ChatML of another conversation", ["--template", CHATML], {
        r#"{"conversation": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}"# =>
            Some("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n"),
    }
    "Llama 3's template", ["--template", LLAMA], {
        r#"{"messages": [{"role": "user", "content": " Hi \n"}, {"role": "assistant", "content": "Ho"}], "bos_token": "<s>"}"# =>
            Some("<s><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHo<|eot_id|>"),
    }
    "Mistral's template, which refuses", ["--template", MISTRAL], {
        r#"{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}], "bos_token": "<s>", "eos_token": "</s>"}"# =>
            Some("<s>[INST] Hi [/INST]Ho</s>"),
        r#"{"messages": [{"role": "assistant", "content": "Ho"}], "bos_token": "<s>", "eos_token": "</s>"}"# => None,
    }
}

shapes! { JSON_ONLY, false;
    "messages of parts", [], {
        r#"{"messages": [{"role": "user", "content": [{"type": "text", "text": "Look."}, {"type": "image", "url": "x"}, {"type": "text", "text": "What?"}]}, {"role": "assistant", "content": "A cat."}]}"# =>
            Some("Look.\nWhat?\nA cat."),
        r#"{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [{"type": "text", "text": "Ho"}]}]}"# => Some("Hi\nHo"),
    }
    "messages with calls of tools", [], {
        r#"{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": null, "tool_calls": [{"id": 1}]}, {"role": "tool", "content": "42"}]}"# => Some("Hi\n42"),
    }
    "records without the shape of the first", [], {
        r#"{"text": "a"}"# => Some("a"),
        r#"{"content": "b"}"# => None,
        r#"{"text": 5}"# => None,
        r#"{"text": ["c"]}"# => None,
        r#"{"text": "d", "content": "e"}"# => Some("d"),
        "[1, 2]" => None,
        "{\"text\": \"cut" => None,
        r#"{"text": "f"}"# => Some("f"),
    }
    "Alpaca whose input comes and goes", [], {
        r#"{"instruction": "Add.", "input": "2 3", "output": "5"}"# => Some("Add.\n2 3\n5"),
        r#"{"instruction": "Say hello.", "output": "Hello"}"# => Some("Say hello.\nHello"),
    }
    "what nobody reads stops nothing", [], {
        r#"{"text": "a", "x": NaN, "y": -Infinity, "z": 1e999, "n": 123456789012345678901234567890, "s": "\ud800"}"# => Some("a"),
        r#"{"x": [{"deep": [[[NaN]]]}], "text": "b\ud83d\ude42"}"# => Some("b🙂"),
        r#"{"text": "half \ud83d of a pair"}"# => Some("half \u{fffd} of a pair"),
        r#"{"text": "\udc00\ud83d\ud83d\ude42"}"# => Some("\u{fffd}\u{fffd}🙂"),
        r#"{"text": "first", "text": "last"}"# => Some("last"),
    }
}

/// The outcome of one shape read from one file.
fn outcome(folder: &std::path::Path, shape: &Shape, input: &str, what: &str) -> Result<String, String> {
    let read = reading::read(folder, OsStr::new(input), &format!("out-{input}"), shape.words)?;
    if read.len() != shape.texts.len() {
        return Err(format!("{what}: {} records where there are {}", read.len(), shape.texts.len()));
    }
    for (number, (document, text)) in read.iter().zip(shape.texts).enumerate() {
        reading::hold(document, *text).map_err(|why| format!("{what}: record {number}: {why}"))?;
    }
    Ok(what.to_owned())
}

#[test]
fn the_shape_of_the_first_record_settles_the_text() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shapes: Vec<&Shape> = SHAPES.iter().chain(JSON_ONLY).collect();
    for (number, shape) in shapes.iter().enumerate() {
        let lines: String = shape.records.iter().map(|record| format!("{record}\n")).collect();
        fs::write(folder.path().join(format!("{number}.jsonl")), lines).expect("a file");
    }
    python::run("to_parquet.py", [folder.path().as_os_str(), OsStr::new(&SHAPES.len().to_string())]);
    let mut rows = Vec::new();
    for (number, shape) in shapes.iter().enumerate() {
        let mut read = outcome(folder.path(), shape, &format!("{number}.jsonl"), "JSON lines");
        if shape.columns {
            let columns = outcome(folder.path(), shape, &format!("{number}.parquet"), "Parquet");
            read = read.and_then(|json| columns.map(|columns| format!("{json}, {columns}")));
        }
        let text = shape.texts.iter().flatten().next().expect("a text");
        rows.push((format!("{:45} | {text:?}", shape.name), read.map_err(|why| why.replace('\n', " / "))));
    }
    told("shape | the first text | read from", &rows);
}
