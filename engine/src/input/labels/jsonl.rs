//! Columns from JSON lines: an object a line.

use std::io::{BufRead, BufReader, Read};

use clusterclip_core::format::cut::BOM;
use clusterclip_core::format::json::Scanner;
use clusterclip_core::format::labels::{Cell, Number, number};
use clusterclip_core::format::value::Value;
use clusterclip_core::monitor::Monitor;

use super::Wrong;
use super::columns::Columns;
use super::error::At;
use crate::error::Result;
use crate::input::MAX_DOCUMENT;
use crate::input::given::Given;
use crate::input::packing::Compression;

/// Lines between two looks at the cancel flag.
const PATIENCE: u64 = 1 << 12;

/// Bytes of the file read at a time.
const BUFFER: usize = 1 << 18;

pub(super) fn read<C: Columns>(
    given: &Given,
    compression: Option<Compression>,
    columns: &mut C,
    monitor: &Monitor<'_>,
) -> Result<()> {
    let path = given.path();
    let mut lines = BufReader::with_capacity(BUFFER, given.reader(compression)?);
    let wanted = columns.wanted();
    let (mut bytes, mut number, mut begun, mut blank) = (Vec::new(), 0, false, 0u64);
    loop {
        bytes.clear();
        let read = lines.by_ref().take(MAX_DOCUMENT).read_until(b'\n', &mut bytes);
        let read = read.map_err(|cause| lines.get_ref().failed(path.display().to_string(), cause))?;
        number += 1;
        if number % PATIENCE == 1 {
            monitor.check()?;
        }
        if read == 0 {
            break;
        }
        let on = |wrong: Wrong| wrong.at(path, At::Line(number));
        if read as u64 == MAX_DOCUMENT {
            return Err(on(Wrong::TooLong).into());
        }
        let line = bytes.strip_prefix(BOM).filter(|_| number == 1).unwrap_or(&bytes).trim_ascii();
        if line.is_empty() {
            blank += 1;
            continue;
        }
        if line.starts_with(BOM) {
            return Err(on(Wrong::Mark).into());
        }
        if line.starts_with(b"[") {
            return Err(on(Wrong::Array(C::WHAT)).into());
        }
        let found = fields(line, &wanted).map_err(on)?;
        if !begun {
            let there: Vec<bool> = found.iter().map(Option::is_some).collect();
            columns.begin(&there, &names(line), At::Line).map_err(on)?;
            begun = true;
        }
        for (column, (value, field)) in found.iter().zip(&wanted).enumerate() {
            let taken = match cell(value.as_ref(), field) {
                Ok(cell) => columns.cell(column, cell, number),
                Err(wrong) => columns.unusable(column, wrong),
            };
            taken.map_err(on)?;
        }
    }
    if blank > 0 {
        let (lines, are) = if blank == 1 { ("line", "is no row") } else { ("lines", "are no rows") };
        columns.warn(format!("{blank} empty {lines} {are}"));
    }
    Ok(())
}

/// The values of the fields that are looked for, each by its name, else by its path.
fn fields<'l>(line: &'l [u8], wanted: &[String]) -> Result<Vec<Option<Value<'l>>>, Wrong> {
    let (mut found, mut by_path) = (vec![None; wanted.len()], vec![None; wanted.len()]);
    let mut scanner = Scanner::new(line);
    while let Some(key) = scanner.key().map_err(Wrong::Json)? {
        let begins = |field: &String| field.split_once('.').is_some_and(|(head, _)| key.is(head));
        if !wanted.iter().any(|field| key.is(field) || begins(field)) {
            scanner.skip().map_err(Wrong::Json)?;
            continue;
        }
        let value = scanner.value().map_err(Wrong::Json)?;
        for (place, field) in wanted.iter().enumerate() {
            if key.is(field) {
                found[place] = Some(value.clone());
            } else if let Some((_, rest)) = field.split_once('.').filter(|(head, _)| key.is(head)) {
                by_path[place] = inner(&value, rest).cloned();
            }
        }
    }
    for (found, by_path) in found.iter_mut().zip(by_path) {
        *found = found.take().or(by_path);
    }
    Ok(found)
}

/// The value at a path within another.
fn inner<'v, 'l>(value: &'v Value<'l>, path: &str) -> Option<&'v Value<'l>> {
    let Value::Object(fields) = value else { return None };
    let of = |name: &str| fields.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value);
    of(path).or_else(|| path.split_once('.').and_then(|(head, rest)| inner(of(head)?, rest)))
}

/// What a value is as a cell.
fn cell<'v>(value: Option<&'v Value<'_>>, field: &str) -> Result<Cell<'v>, Wrong> {
    let other = |found: &str| Err(Wrong::Column { field: field.to_owned(), found: found.to_owned() });
    match value {
        None | Some(Value::Null) => Ok(Cell::Null),
        Some(Value::Text(text)) => Ok(Cell::Text(text)),
        Some(Value::Number(text)) => Ok(match number(text) {
            Some(Number::Whole(whole)) => Cell::Integer(whole),
            // NaN and Infinity are read as Python writes them.
            _ => Cell::Float(text.parse().unwrap_or(f64::INFINITY)),
        }),
        Some(Value::Bool(_)) => other("true or false"),
        Some(Value::List(_)) => Err(Wrong::Lists { field: field.to_owned() }),
        Some(Value::Object(_)) => other("objects"),
    }
}

/// The names of the fields of a line, for a message.
fn names(line: &[u8]) -> Vec<String> {
    const SHOWN: usize = 50;
    let mut scanner = Scanner::new(line);
    let mut names = Vec::new();
    while let (Ok(Some(key)), true) = (scanner.key(), names.len() < SHOWN) {
        names.push(key.text().into_owned());
        if scanner.skip().is_err() {
            break;
        }
    }
    names
}
