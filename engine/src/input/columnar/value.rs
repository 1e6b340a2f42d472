//! Values of columns as values of records.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, StructArray};
use arrow_schema::{DataType, TimeUnit};
use clusterclip_core::format::json::VALUES;
use clusterclip_core::format::value::Value;
use jiff::tz::TimeZone;

/// Bytes that should be text and are none; the first wrong one, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoText(pub(super) usize);

/// Takes one value of a column.
///
/// Integers, decimals and finite floats are numbers; a float that is none (NaN, as data frames write what is missing)
/// is null. Bytes are text. Times are strings by ISO 8601, and spans of time are numbers of their unit.
///
/// # Panics
/// If the column is of a type that is not [read](unread).
pub(super) fn value(array: &dyn Array, row: usize) -> Result<Value<'_>, NoText> {
    if array.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Utf8 => text(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => text(array.as_string::<i64>().value(row)),
        DataType::Utf8View => text(array.as_string_view().value(row)),
        DataType::Binary => bytes(array.as_binary::<i32>().value(row))?,
        DataType::LargeBinary => bytes(array.as_binary::<i64>().value(row))?,
        DataType::BinaryView => bytes(array.as_binary_view().value(row))?,
        DataType::FixedSizeBinary(_) => bytes(array.as_fixed_size_binary().value(row))?,
        DataType::Int8 => number(of::<Int8Type>(array, row)),
        DataType::Int16 => number(of::<Int16Type>(array, row)),
        DataType::Int32 => number(of::<Int32Type>(array, row)),
        DataType::Int64 => number(of::<Int64Type>(array, row)),
        DataType::UInt8 => number(of::<UInt8Type>(array, row)),
        DataType::UInt16 => number(of::<UInt16Type>(array, row)),
        DataType::UInt32 => number(of::<UInt32Type>(array, row)),
        DataType::UInt64 => number(of::<UInt64Type>(array, row)),
        DataType::Float16 => float(f64::from(of::<Float16Type>(array, row)), None),
        DataType::Float32 => {
            let value = of::<Float32Type>(array, row);
            float(f64::from(value), Some(format!("{value:?}")))
        }
        DataType::Float64 => float(of::<Float64Type>(array, row), None),
        DataType::Decimal32(..) => number(array.as_primitive::<Decimal32Type>().value_as_string(row)),
        DataType::Decimal64(..) => number(array.as_primitive::<Decimal64Type>().value_as_string(row)),
        DataType::Decimal128(..) => number(array.as_primitive::<Decimal128Type>().value_as_string(row)),
        DataType::Decimal256(..) => number(array.as_primitive::<Decimal256Type>().value_as_string(row)),
        DataType::Timestamp(unit, zone) => {
            let count = match unit {
                TimeUnit::Second => of::<TimestampSecondType>(array, row),
                TimeUnit::Millisecond => of::<TimestampMillisecondType>(array, row),
                TimeUnit::Microsecond => of::<TimestampMicrosecondType>(array, row),
                TimeUnit::Nanosecond => of::<TimestampNanosecondType>(array, row),
            };
            instant(count, nanoseconds(*unit), if zone.is_some() { Shown::Instant } else { Shown::Civil })
        }
        DataType::Date32 => instant(of::<Date32Type>(array, row).into(), 86_400_000_000_000, Shown::Date),
        DataType::Date64 => instant(of::<Date64Type>(array, row), 1_000_000, Shown::Date),
        DataType::Time32(TimeUnit::Second) => {
            instant(of::<Time32SecondType>(array, row).into(), 1_000_000_000, Shown::Time)
        }
        DataType::Time32(_) => {
            instant(of::<Time32MillisecondType>(array, row).into(), 1_000_000, Shown::Time)
        }
        DataType::Time64(TimeUnit::Microsecond) => {
            instant(of::<Time64MicrosecondType>(array, row), 1000, Shown::Time)
        }
        DataType::Time64(_) => instant(of::<Time64NanosecondType>(array, row), 1, Shown::Time),
        DataType::Duration(TimeUnit::Second) => number(of::<DurationSecondType>(array, row)),
        DataType::Duration(TimeUnit::Millisecond) => number(of::<DurationMillisecondType>(array, row)),
        DataType::Duration(TimeUnit::Microsecond) => number(of::<DurationMicrosecondType>(array, row)),
        DataType::Duration(TimeUnit::Nanosecond) => number(of::<DurationNanosecondType>(array, row)),
        DataType::Struct(_) => object(array.as_struct(), row)?,
        DataType::Map(..) => {
            let map = array.as_map();
            let range = place(map.value_offsets()[row])..place(map.value_offsets()[row + 1]);
            let entries = range.map(|entry| Ok((key(map.keys(), entry)?, value(map.values(), entry)?)));
            Value::Object(entries.collect::<Result<_, _>>()?)
        }
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            value(dictionary.values(), index(dictionary.keys(), row))?
        }
        _ => {
            let (values, from, to) = items(array, row);
            Value::List((from..to).map(|item| value(values, item)).collect::<Result<_, _>>()?)
        }
    })
}

/// How many bytes the values of a row take, in round numbers.
pub(crate) fn size(array: &dyn Array, row: usize) -> u64 {
    let mut weight = Weight::default();
    weight.add(array, row);
    weight.bytes
}

/// What of a row is counted before its values are made.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Weight {
    /// Bytes that they take, in round numbers.
    pub(super) bytes: u64,
    /// How many they are, whatever they hold.
    pub(super) values: usize,
}

impl Weight {
    /// Whether more values are in it than are made of a row.
    pub(super) fn is_too_much(self) -> bool {
        self.values > VALUES
    }

    /// Adds a value; beyond [`VALUES`] no further ones.
    pub(super) fn add(&mut self, array: &dyn Array, row: usize) {
        self.values += 1;
        if self.is_too_much() || array.is_null(row) {
            return;
        }
        self.bytes += match array.data_type() {
            DataType::Utf8 => array.as_string::<i32>().value_length(row).cast_unsigned().into(),
            DataType::LargeUtf8 => array.as_string::<i64>().value_length(row).cast_unsigned(),
            DataType::Binary => array.as_binary::<i32>().value_length(row).cast_unsigned().into(),
            DataType::LargeBinary => array.as_binary::<i64>().value_length(row).cast_unsigned(),
            // The lower half of a view is the length.
            DataType::Utf8View => u64::from(array.as_string_view().views()[row] as u32),
            DataType::BinaryView => u64::from(array.as_binary_view().views()[row] as u32),
            DataType::FixedSizeBinary(length) => length.cast_unsigned().into(),
            DataType::Struct(_) => {
                return array.as_struct().columns().iter().for_each(|column| self.add(column, row));
            }
            DataType::Map(..) => {
                let map = array.as_map();
                let (from, to) = (place(map.value_offsets()[row]), place(map.value_offsets()[row + 1]));
                self.add_items(map.keys(), from, to);
                return self.add_items(map.values(), from, to);
            }
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                return self.add(dictionary.values(), index(dictionary.keys(), row));
            }
            DataType::List(_)
            | DataType::LargeList(_)
            | DataType::FixedSizeList(..)
            | DataType::ListView(_)
            | DataType::LargeListView(_) => {
                let (values, from, to) = items(array, row);
                return self.add_items(values, from, to);
            }
            _ => 8,
        };
    }

    /// Adds items, each of which takes room even if it is null.
    fn add_items(&mut self, values: &ArrayRef, from: usize, to: usize) {
        for item in from..to {
            self.bytes += size_of::<Value<'_>>() as u64;
            self.add(values, item);
            if self.is_too_much() {
                return;
            }
        }
    }
}

/// What a column holds, by an example: records are judged by the kinds of their values before any is decoded. `None`
/// for what is not read.
pub(super) fn example(data_type: &DataType) -> Option<Value<'static>> {
    Some(match data_type {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(false),
        DataType::Interval(_) | DataType::Union(..) | DataType::RunEndEncoded(..) => return None,
        DataType::Struct(fields) => {
            let example =
                |(name, data_type): (&String, _)| Some((Cow::Owned(name.clone()), example(data_type)?));
            let fields = fields.iter().map(|field| example((field.name(), field.data_type())));
            Value::Object(fields.collect::<Option<_>>()?)
        }
        DataType::Map(entry, _) => {
            example(entry.data_type())?;
            Value::Object(Vec::new())
        }
        DataType::Dictionary(_, values) => example(values)?,
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => Value::List(vec![example(item.data_type())?]),
        data_type if data_type.is_numeric() || matches!(data_type, DataType::Duration(_)) => number(0),
        _ => text(""),
    })
}

/// The values of lists, and where among them those of a row are.
fn items(array: &dyn Array, row: usize) -> (&ArrayRef, usize, usize) {
    match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            (list.values(), place(list.value_offsets()[row]), place(list.value_offsets()[row + 1]))
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            (list.values(), place(list.value_offsets()[row]), place(list.value_offsets()[row + 1]))
        }
        DataType::ListView(_) => {
            let list = array.as_list_view::<i32>();
            let from = place(list.value_offsets()[row]);
            (list.values(), from, from + place(list.value_sizes()[row]))
        }
        DataType::LargeListView(_) => {
            let list = array.as_list_view::<i64>();
            let from = place(list.value_offsets()[row]);
            (list.values(), from, from + place(list.value_sizes()[row]))
        }
        _ => {
            let list = array.as_fixed_size_list();
            let from = place(list.value_offset_at(row));
            (list.values(), from, from + place(list.value_length()))
        }
    }
}

/// An offset, which decoders have checked to be none below zero.
fn place(offset: impl TryInto<usize>) -> usize {
    offset.try_into().unwrap_or(0)
}

/// Where in a dictionary a key points.
fn index(keys: &dyn Array, row: usize) -> usize {
    match keys.data_type() {
        DataType::Int8 => place(of::<Int8Type>(keys, row)),
        DataType::Int16 => place(of::<Int16Type>(keys, row)),
        DataType::Int32 => place(of::<Int32Type>(keys, row)),
        DataType::Int64 => place(of::<Int64Type>(keys, row)),
        DataType::UInt8 => place(of::<UInt8Type>(keys, row)),
        DataType::UInt16 => place(of::<UInt16Type>(keys, row)),
        DataType::UInt32 => place(of::<UInt32Type>(keys, row)),
        _ => place(of::<UInt64Type>(keys, row)),
    }
}

fn of<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

fn object(array: &StructArray, row: usize) -> Result<Value<'_>, NoText> {
    let fields = array.fields().iter().zip(array.columns());
    let fields =
        fields.map(|(field, column)| Ok((Cow::Borrowed(field.name().as_str()), value(column, row)?)));
    Ok(Value::Object(fields.collect::<Result<_, _>>()?))
}

/// The key of an entry of a map, which is a name whatever its type.
fn key(keys: &ArrayRef, entry: usize) -> Result<Cow<'_, str>, NoText> {
    Ok(value(keys, entry)?.spelled())
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(text))
}

fn bytes(bytes: &[u8]) -> Result<Value<'_>, NoText> {
    match simdutf8::compat::from_utf8(bytes) {
        Ok(found) => Ok(text(found)),
        Err(error) => Err(NoText(error.valid_up_to() + 1)),
    }
}

fn number(number: impl ToString) -> Value<'static> {
    Value::Number(Cow::Owned(number.to_string()))
}

/// A float by its shortest spelling, which keeps `.0`; that of a narrower type is given.
fn float(value: f64, spelled: Option<String>) -> Value<'static> {
    if value.is_nan() {
        return Value::Null;
    }
    number(spelled.unwrap_or_else(|| format!("{value:?}")))
}

fn nanoseconds(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1000,
        TimeUnit::Nanosecond => 1,
    }
}

/// What of an instant is said.
#[derive(Debug, Clone, Copy)]
enum Shown {
    Instant,
    Civil,
    Date,
    Time,
}

/// So many units after 1970 began, by ISO 8601; beyond the calendar the number itself.
fn instant(count: i64, unit: i64, shown: Shown) -> Value<'static> {
    let Ok(instant) = jiff::Timestamp::from_nanosecond(i128::from(count) * i128::from(unit)) else {
        return number(count);
    };
    let civil = || instant.to_zoned(TimeZone::UTC).datetime();
    Value::Text(Cow::Owned(match shown {
        Shown::Instant => instant.to_string(),
        Shown::Civil => civil().to_string(),
        Shown::Date => civil().date().to_string(),
        Shown::Time => civil().time().to_string(),
    }))
}
