//! Columns as they are said to be: text that was read as bytes, in lists and structs too.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryArray, ListArray, MapArray, StringArray, StructArray};
use arrow_schema::{ArrowError, DataType};

/// Gives an array the type that its column is said to have. Bytes that are no text are null.
///
/// # Errors
/// Where it cannot have that type.
pub(crate) fn restored(array: &ArrayRef, target: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == target {
        return Ok(array.clone());
    }
    Ok(match (array.data_type(), target) {
        (DataType::BinaryView, DataType::Utf8) => {
            let bytes = array.as_binary_view().iter();
            Arc::new(bytes.map(|bytes| bytes.and_then(text)).collect::<StringArray>())
        }
        (DataType::BinaryView, DataType::Binary) => {
            Arc::new(array.as_binary_view().iter().collect::<BinaryArray>())
        }
        (DataType::List(_), DataType::List(field)) => {
            let list = array.as_list::<i32>();
            let values = restored(list.values(), field.data_type())?;
            let offsets = list.offsets().clone();
            Arc::new(ListArray::try_new(field.clone(), offsets, values, list.nulls().cloned())?)
        }
        (DataType::Struct(_), DataType::Struct(fields)) => {
            let group = array.as_struct();
            let columns = group.columns().iter().zip(fields);
            let columns = columns.map(|(column, field)| restored(column, field.data_type()));
            let columns = columns.collect::<Result<_, _>>()?;
            Arc::new(StructArray::try_new(fields.clone(), columns, group.nulls().cloned())?)
        }
        (DataType::Map(..), DataType::Map(entry, sorted)) => {
            let map = array.as_map();
            let entries: ArrayRef = Arc::new(map.entries().clone());
            let entries = restored(&entries, entry.data_type())?.as_struct().clone();
            let offsets = map.offsets().clone();
            Arc::new(MapArray::try_new(entry.clone(), offsets, entries, map.nulls().cloned(), *sorted)?)
        }
        (DataType::Null, _) => arrow_array::new_null_array(target, array.len()),
        (is, _) => {
            let why = format!("values of {is} do not become {target}");
            return Err(ArrowError::CastError(why));
        }
    })
}

fn text(bytes: &[u8]) -> Option<&str> {
    simdutf8::basic::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use arrow_array::{BinaryViewArray, new_null_array};
    use arrow_schema::Field;

    use super::*;

    #[test]
    fn bytes_become_text_again_however_deep_and_null_where_they_are_none() {
        let bytes = BinaryViewArray::from(vec![Some(&b"moon"[..]), Some(&b"\xFF"[..]), None]);
        let bytes: ArrayRef = Arc::new(bytes);
        let text: ArrayRef = Arc::new(StringArray::from(vec![Some("moon"), None, None]));
        assert_eq!(&restored(&bytes, &DataType::Utf8).unwrap(), &text);
        let of = |array: &ArrayRef| -> ArrayRef {
            let field = Arc::new(Field::new("a", array.data_type().clone(), true));
            Arc::new(StructArray::try_new(vec![field].into(), vec![array.clone()], None).unwrap())
        };
        assert_eq!(&restored(&of(&bytes), of(&text).data_type()).unwrap(), &of(&text));
        let nothing = new_null_array(&DataType::Null, 2);
        assert_eq!(restored(&nothing, &DataType::Utf8).unwrap().null_count(), 2);
        assert!(restored(&text, &DataType::Int32).is_err());
    }
}
