//! The columns of a Parquet file that are wanted, as a schema of their own.
//!
//! Columns of bytes lose what they are said to hold (text, JSON, …): whether bytes are text is looked at value by value
//! later, so that a text that is none is a bad record and not the end of the file. They are read as views into pages,
//! which spares a copy.

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Fields};
use parquet::arrow::{FieldLevels, ProjectionMask, parquet_to_arrow_field_levels, parquet_to_arrow_schema};
use parquet::basic::{ConvertedType, LogicalType, Type as PhysicalType};
use parquet::errors::ParquetError;
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};

use super::Want;

/// Columns that are read.
#[derive(Debug)]
pub(super) struct Pruned {
    /// The top-level ones, in the order of the file.
    pub(super) fields: Fields,
    /// How they are put together.
    pub(super) levels: FieldLevels,
    /// Which columns of the file these are, in the order of the leaves.
    pub(super) leaves: Vec<usize>,
}

/// Takes the wanted columns out of `root`.
pub(super) fn pruned(root: &Type, wanted: &[Want]) -> Result<Pruned, ParquetError> {
    let mut fields = Vec::new();
    let mut leaves = Vec::new();
    let mut first = 0;
    for (index, field) in root.get_fields().iter().enumerate() {
        if let Some(want) = wanted.iter().find(|want| want.column == index) {
            let paths: Vec<&[String]> = want.paths.iter().map(Vec::as_slice).collect();
            fields.push(take(field, &paths, first, &mut leaves)?);
        }
        first += leaves_of(field);
    }
    let root = Type::group_type_builder(root.name()).with_fields(fields).build()?;
    let schema = SchemaDescriptor::new(Arc::new(root));
    let fields = views(parquet_to_arrow_schema(&schema, None)?.fields());
    let levels = parquet_to_arrow_field_levels(&schema, ProjectionMask::all(), Some(&fields))?;
    Ok(Pruned { fields, levels, leaves })
}

/// What a top-level column is said to hold.
pub(super) fn declared(root: &Type, column: usize) -> Result<DataType, ParquetError> {
    let field = root.get_fields()[column].clone();
    let root = Type::group_type_builder(root.name()).with_fields(vec![field]).build()?;
    let schema = parquet_to_arrow_schema(&SchemaDescriptor::new(Arc::new(root)), None)?;
    Ok(schema.field(0).data_type().clone())
}

/// Takes what `paths` lead to, all of it if there are none; the first leaf of `field` is column `first` of the file.
fn take(
    field: &TypePtr,
    paths: &[&[String]],
    first: usize,
    leaves: &mut Vec<usize>,
) -> Result<TypePtr, ParquetError> {
    let info = field.get_basic_info();
    if let Type::PrimitiveType { physical_type, .. } = **field {
        leaves.push(first);
        let kept = matches!(info.logical_type_ref(), Some(LogicalType::Decimal(_) | LogicalType::Unknown))
            || info.converted_type() == ConvertedType::DECIMAL;
        if physical_type != PhysicalType::BYTE_ARRAY || kept {
            return Ok(field.clone());
        }
        let bytes = Type::primitive_type_builder(field.name(), physical_type);
        return Ok(Arc::new(bytes.with_repetition(info.repetition()).build()?));
    }
    let is_struct = info.logical_type_ref().is_none() && info.converted_type() == ConvertedType::NONE;
    let leads = |child: &TypePtr| paths.iter().any(|path| path.first().is_some_and(|at| at == child.name()));
    let all = !is_struct || paths.iter().any(|path| path.is_empty()) || !field.get_fields().iter().any(leads);
    let mut fields = Vec::new();
    let mut at = first;
    for child in field.get_fields() {
        let below = paths.iter().filter(|path| path.first().is_some_and(|at| at == child.name()));
        let below: Vec<&[String]> = if all { Vec::new() } else { below.map(|path| &path[1..]).collect() };
        if all || !below.is_empty() {
            fields.push(take(child, &below, at, leaves)?);
        }
        at += leaves_of(child);
    }
    let group = Type::group_type_builder(field.name())
        .with_converted_type(info.converted_type())
        .with_logical_type(info.logical_type_ref().cloned())
        .with_repetition(info.repetition())
        .with_fields(fields);
    Ok(Arc::new(group.build()?))
}

fn leaves_of(field: &Type) -> usize {
    if field.is_primitive() { 1 } else { field.get_fields().iter().map(|child| leaves_of(child)).sum() }
}

/// The same fields, bytes as views.
fn views(fields: &Fields) -> Fields {
    fields.iter().map(view).collect()
}

fn view(field: &FieldRef) -> FieldRef {
    let data_type = match field.data_type() {
        DataType::Binary => DataType::BinaryView,
        DataType::List(item) => DataType::List(view(item)),
        DataType::Map(entry, sorted) => DataType::Map(view(entry), *sorted),
        DataType::Struct(fields) => DataType::Struct(views(fields)),
        _ => return field.clone(),
    };
    Arc::new(Field::new(field.name(), data_type, field.is_nullable()).with_metadata(field.metadata().clone()))
}
