//! Small Parquet files, written column by column.

use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

/// The values of a column, null where there is none.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// Strings.
    Texts(&'a [Option<&'a str>]),
    /// Integers of 64 bits.
    Wholes(&'a [Option<i64>]),
    /// Floats of 64 bits.
    Reals(&'a [Option<f64>]),
}

/// A Parquet file of one row group.
///
/// # Panics
/// If the columns have not as many values each.
pub fn parquet(columns: &[(&str, Column<'_>)]) -> Vec<u8> {
    let fields = columns.iter().map(|(name, column)| match column {
        Column::Texts(_) => format!("optional binary {name} (STRING);"),
        Column::Wholes(_) => format!("optional int64 {name};"),
        Column::Reals(_) => format!("optional double {name};"),
    });
    let schema = format!("message m {{ {} }}", fields.collect::<String>());
    let schema = Arc::new(parse_message_type(&schema).expect("a schema"));
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("a file");
    let mut group = writer.next_row_group().expect("a row group");
    for (_, column) in columns {
        let mut writer = group.next_column().expect("a column").expect("as many as in the schema");
        match column {
            Column::Texts(texts) => {
                write::<ByteArrayType>(&mut writer, texts.iter().map(|text| text.map(ByteArray::from)))
            }
            Column::Wholes(wholes) => write::<Int64Type>(&mut writer, wholes.iter().copied()),
            Column::Reals(reals) => write::<DoubleType>(&mut writer, reals.iter().copied()),
        }
        writer.close().expect("a whole column");
    }
    group.close().expect("columns of one length");
    writer.into_inner().expect("a whole file")
}

fn write<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    values: impl Iterator<Item = Option<T::T>> + Clone,
) {
    let levels: Vec<i16> = values.clone().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = values.flatten().collect();
    writer.typed::<T>().write_batch(&values, Some(&levels), None).expect("writing to memory");
}
