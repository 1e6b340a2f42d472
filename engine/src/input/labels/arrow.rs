//! Columns of Arrow, cell by cell.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, RecordBatch};
use arrow_schema::DataType;
use clusterclip_core::format::labels::Cell;

use super::Wrong;

/// Gives the cell of a row.
pub(super) type Get<'a> = Box<dyn Fn(usize) -> Result<Cell<'a>, Wrong> + 'a>;

/// A column of a batch, and the structs that it lies in: where one of these is null, so is its cell.
pub(super) struct Column {
    outer: Vec<ArrayRef>,
    values: ArrayRef,
}

impl Column {
    /// Finds a column by its path; `None` where there is none.
    pub fn of(batch: &RecordBatch, path: &[String]) -> Option<Self> {
        let (first, rest) = path.split_first()?;
        let mut values = batch.column_by_name(first)?.clone();
        let mut outer = Vec::new();
        for name in rest {
            let inner = values.as_struct_opt()?.column_by_name(name)?.clone();
            outer.push(std::mem::replace(&mut values, inner));
        }
        Some(Self { outer, values })
    }

    /// What gives its cells.
    ///
    /// # Errors
    /// For a column `field` of another type than numbers and strings.
    pub fn cells(&self, field: &str) -> Result<Get<'_>, Wrong> {
        let get = cells(&*self.values, field)?;
        if self.outer.is_empty() {
            return Ok(get);
        }
        Ok(Box::new(move |row| match self.outer.iter().any(|outer| outer.is_null(row)) {
            true => Ok(Cell::Null),
            false => get(row),
        }))
    }
}

fn cells<'a>(array: &'a dyn Array, field: &str) -> Result<Get<'a>, Wrong> {
    let field = || field.to_owned();
    Ok(match array.data_type() {
        DataType::Null => Box::new(|_| Ok(Cell::Null)),
        DataType::Int8 => integers::<Int8Type>(array),
        DataType::Int16 => integers::<Int16Type>(array),
        DataType::Int32 => integers::<Int32Type>(array),
        DataType::Int64 => integers::<Int64Type>(array),
        DataType::UInt8 => integers::<UInt8Type>(array),
        DataType::UInt16 => integers::<UInt16Type>(array),
        DataType::UInt32 => integers::<UInt32Type>(array),
        DataType::UInt64 => integers::<UInt64Type>(array),
        DataType::Float16 => floats::<Float16Type>(array),
        DataType::Float32 => floats::<Float32Type>(array),
        DataType::Float64 => floats::<Float64Type>(array),
        DataType::Utf8 => {
            let array = array.as_string::<i32>();
            valid(array, move |row| Ok(Cell::Text(array.value(row))))
        }
        DataType::LargeUtf8 => {
            let array = array.as_string::<i64>();
            valid(array, move |row| Ok(Cell::Text(array.value(row))))
        }
        DataType::Utf8View => {
            let array = array.as_string_view();
            valid(array, move |row| Ok(Cell::Text(array.value(row))))
        }
        // Strings that their writer has not marked as such.
        DataType::Binary => {
            let array = array.as_binary::<i32>();
            valid(array, move |row| text(array.value(row)))
        }
        DataType::LargeBinary => {
            let array = array.as_binary::<i64>();
            valid(array, move |row| text(array.value(row)))
        }
        DataType::BinaryView => {
            let array = array.as_binary_view();
            valid(array, move |row| text(array.value(row)))
        }
        DataType::Dictionary(..) => {
            let array = array.as_any_dictionary();
            let values = cells(&**array.values(), &field())?;
            let keys = cells(array.keys(), &field())?;
            Box::new(move |row| match keys(row)? {
                Cell::Integer(key) => values(key as usize),
                _ => Ok(Cell::Null),
            })
        }
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) | DataType::Map(..) => {
            return Err(Wrong::Lists { field: field() });
        }
        DataType::Struct(_) => return Err(Wrong::Column { field: field(), found: "records".to_owned() }),
        other => return Err(Wrong::Column { field: field(), found: format!("values of type {other}") }),
    })
}

fn integers<'a, T: ArrowPrimitiveType<Native: Into<i128>>>(array: &'a dyn Array) -> Get<'a> {
    let array = array.as_primitive::<T>();
    valid(array, move |row| Ok(Cell::Integer(array.value(row).into())))
}

fn floats<'a, T: ArrowPrimitiveType<Native: Into<f64>>>(array: &'a dyn Array) -> Get<'a> {
    let array = array.as_primitive::<T>();
    valid(array, move |row| Ok(Cell::Float(array.value(row).into())))
}

/// Cells of a column, null where it has none.
fn valid<'a>(array: &'a dyn Array, get: impl Fn(usize) -> Result<Cell<'a>, Wrong> + 'a) -> Get<'a> {
    Box::new(move |row| if array.is_null(row) { Ok(Cell::Null) } else { get(row) })
}

fn text(bytes: &[u8]) -> Result<Cell<'_>, Wrong> {
    std::str::from_utf8(bytes).map(Cell::Text).map_err(|_| Wrong::Utf8)
}
