//! Columns of numbers or strings from Parquet, read by Arrow; no others are decoded.

use std::sync::Arc;

use clusterclip_core::format::labels::Cell;
use clusterclip_core::monitor::Monitor;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::schema::types::SchemaDescriptor;

use super::Wrong;
use super::arrow::{Column, Get};
use super::columns::Columns;
use super::error::At;
use crate::error::{FileError, Result};
use crate::fence::fenced;
use crate::input::columnar;
use crate::input::given::Given;

/// Rows read at a time.
const BATCH: usize = 1 << 13;

pub(super) fn read(given: &Given, columns: &mut impl Columns, monitor: &Monitor<'_>) -> Result<()> {
    // A library that panics on a damaged file has said that it is damaged.
    let read = fenced(|| read_columns(given, columns, monitor));
    read.unwrap_or_else(|panic| Err(Wrong::Damaged(panic).of(given.path()).into()))
}

fn read_columns(given: &Given, columns: &mut impl Columns, monitor: &Monitor<'_>) -> Result<()> {
    let path = given.path();
    let file = given.file().try_clone().map_err(FileError::read(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|error| Wrong::Parquet(error.to_string()).of(path))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let schema = builder.parquet_schema();
    let mut paths: Vec<Option<Vec<String>>> = Vec::new();
    let wanted = columns.wanted();
    for field in &wanted {
        if names.iter().filter(|name| *name == field).count() > 1 {
            return Err(Wrong::TwoColumns { field: field.to_owned() }.of(path).into());
        }
        paths.push(path_of(schema, field));
    }
    let there: Vec<bool> = paths.iter().map(Option::is_some).collect();
    columns.begin(&there, &names, At::Row).map_err(|wrong| wrong.of(path))?;
    let is_wanted = |leaf: &[String]| paths.iter().flatten().any(|path| leaf.starts_with(path));
    let leaves = schema.columns().iter().enumerate().filter(|(_, leaf)| is_wanted(leaf.path().parts()));
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

    let mut first = 0;
    for batch in reader.map_err(|error| damaged(&error))? {
        monitor.check()?;
        let batch = batch.map_err(|error| damaged(&error))?;
        let of = |path: &Option<Vec<String>>| path.as_ref().and_then(|path| Column::of(&batch, path));
        let found: Vec<Option<Column>> = paths.iter().map(of).collect();
        let mut gets: Vec<Option<Get<'_>>> = Vec::new();
        for (place, column) in found.iter().enumerate() {
            match column.as_ref().map(|column| column.cells(&wanted[place])).transpose() {
                Ok(get) => gets.push(get),
                Err(wrong) => {
                    columns.unusable(place, wrong).map_err(|wrong| wrong.of(path))?;
                    gets.push(None);
                }
            }
        }
        let mut cells = Vec::new();
        for (row, place) in (first..).zip(0..batch.num_rows()) {
            cells.clear();
            let read = gets.iter().try_for_each(|get| {
                cells.push(cell(get, place)?);
                Ok(())
            });
            let added = read.and_then(|()| columns.row(&cells, row));
            added.map_err(|wrong: Wrong| wrong.at(path, At::Row(row)))?;
        }
        first += batch.num_rows() as u64;
    }
    Ok(())
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
