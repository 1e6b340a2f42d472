//! Labels from Parquet: columns of numbers or strings, read by Arrow; no others are decoded.

use std::sync::Arc;

use clusterclip_core::format::labels::Cell;
use clusterclip_core::monitor::Monitor;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::schema::types::SchemaDescriptor;

use super::arrow::{Column, Get};
use super::columns::Columns;
use super::error::At;
use super::{LabelOptions, Wrong};
use crate::error::{FileError, Result};
use crate::fence::fenced;
use crate::input::columnar;
use crate::input::given::Given;

/// Rows read at a time.
const BATCH: usize = 1 << 13;

pub(super) fn read<'a>(
    given: &Given,
    options: &'a LabelOptions,
    monitor: &Monitor<'_>,
) -> Result<Columns<'a>> {
    // A library that panics on a damaged file has said that it is damaged.
    let read = fenced(|| read_columns(given, options, monitor));
    read.unwrap_or_else(|panic| Err(Wrong::Damaged(panic).of(given.path()).into()))
}

fn read_columns<'a>(given: &Given, options: &'a LabelOptions, monitor: &Monitor<'_>) -> Result<Columns<'a>> {
    let path = given.path();
    let file = given.file().try_clone().map_err(FileError::read(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|error| Wrong::Parquet(error.to_string()).of(path))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let schema = builder.parquet_schema();
    let mut paths: [Option<Vec<String>>; 3] = [const { None }; 3];
    for (found, field) in paths.iter_mut().zip(options.wanted()) {
        if names.iter().filter(|name| *name == field).count() > 1 {
            return Err(Wrong::TwoColumns { field: field.to_owned() }.of(path).into());
        }
        *found = path_of(schema, field);
    }
    let there = paths.each_ref().map(Option::is_some);
    options.check(there, path, &names)?;
    let wanted = |leaf: &[String]| paths.iter().flatten().any(|path| leaf.starts_with(path));
    let leaves = schema.columns().iter().enumerate().filter(|(_, leaf)| wanted(leaf.path().parts()));
    let mask = ProjectionMask::leaves(schema, leaves.map(|(place, _)| place));
    let damaged = |error: &dyn std::fmt::Display| Wrong::Damaged(error.to_string()).of(path);
    let pages = Arc::new(given.file().try_clone().map_err(FileError::read(path))?);
    for group in builder.metadata().row_groups() {
        for (leaf, column) in group.columns().iter().enumerate() {
            monitor.check()?;
            if mask.leaf_included(leaf) {
                let checked = columnar::check(&pages, column, group.num_rows().max(0) as usize);
                checked.map_err(|error| damaged(&error))?;
            }
        }
    }
    let reader = builder.with_projection(mask).with_batch_size(BATCH).build();

    let mut columns = Columns::new(options, there, At::Row);
    let mut first = 0;
    for batch in reader.map_err(|error| damaged(&error))? {
        monitor.check()?;
        let batch = batch.map_err(|error| damaged(&error))?;
        let found = paths.each_ref().map(|path| path.as_ref().and_then(|path| Column::of(&batch, path)));
        let [clusters, tokens, documents] = options.wanted().map(|field| field.to_owned());
        let of = |wrong: Wrong| wrong.of(path);
        let clusters = found[0].as_ref().map(|column| column.cells(&clusters)).transpose().map_err(of)?;
        // Without these one can do; why they are of no use is told once.
        let tokens = match found[1].as_ref().map(|column| column.cells(&tokens)) {
            Some(Err(wrong)) => {
                columns.without_counts(wrong.holds()).map_err(of)?;
                None
            }
            found => found.and_then(Result::ok),
        };
        let documents = match found[2].as_ref().map(|column| column.cells(&documents)) {
            Some(Err(wrong)) => {
                columns.without_documents(format!("it {}", wrong.holds()));
                None
            }
            found => found.and_then(Result::ok),
        };
        for (row, place) in (first..).zip(0..batch.num_rows()) {
            let cells = || Ok([cell(&clusters, place)?, cell(&tokens, place)?, cell(&documents, place)?]);
            let added = cells().and_then(|cells| columns.row(cells, row));
            added.map_err(|wrong: Wrong| wrong.at(path, At::Row(row)))?;
        }
        first += batch.num_rows() as u64;
    }
    Ok(columns)
}

/// The cell of a column, null where there is no such column.
fn cell<'a>(column: &Option<Get<'a>>, place: usize) -> Result<Cell<'a>, Wrong> {
    column.as_ref().map_or(Ok(Cell::Null), |get| get(place))
}

/// Where a field lies: under its own name, else where its path leads.
fn path_of(schema: &SchemaDescriptor, field: &str) -> Option<Vec<String>> {
    let whole = vec![field.to_owned()];
    let parts = field.split('.').map(str::to_owned).collect();
    let leads =
        |path: &Vec<String>| schema.columns().iter().any(|leaf| leaf.path().parts().starts_with(path));
    [whole, parts].into_iter().find(leads)
}
