//! Reads and writes .npy files by the letter of the format, without the code under test.

use std::fs;
use std::path::Path;

/// An array of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Npy {
    /// Its type, such as `<f4`.
    pub descr: String,
    /// Its lengths.
    pub shape: Vec<usize>,
    /// Where the data begin.
    pub offset: usize,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// Reads a file of version 1.0 in C order.
///
/// # Panics
/// If it is none, or its length is not that of its shape.
pub fn read(path: &Path) -> Npy {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00", "{}: magic and version", path.display());
    let offset = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..offset]).expect("a header of ASCII");
    assert!(header.contains("'fortran_order': False"), "{header}");
    let descr = between(header, "'descr': '", "'").to_owned();
    let shape: Vec<usize> = between(header, "'shape': (", ")")
        .split(',')
        .filter(|part| !part.trim().is_empty())
        .map(|part| part.trim().parse().expect("a length"))
        .collect();
    let size: usize = descr[2..].parse().expect("a size");
    let data = bytes[offset..].to_vec();
    assert_eq!(data.len(), size * shape.iter().product::<usize>(), "{}: length and shape", path.display());
    Npy { descr, shape, offset, data }
}

impl Npy {
    /// The values of an `<i4` array.
    ///
    /// # Panics
    /// If it is of another type; as all of these.
    pub fn i32(&self) -> Vec<i32> {
        self.values("<i4", i32::from_le_bytes)
    }

    /// The values of a `<u8` array.
    ///
    /// # Panics
    /// If it is of another type.
    pub fn u64(&self) -> Vec<u64> {
        self.values("<u8", u64::from_le_bytes)
    }

    /// The values of a `<f4` array.
    ///
    /// # Panics
    /// If it is of another type.
    pub fn f32(&self) -> Vec<f32> {
        self.values("<f4", f32::from_le_bytes)
    }

    fn values<T, const N: usize>(&self, descr: &str, value: fn([u8; N]) -> T) -> Vec<T> {
        assert_eq!(self.descr, descr);
        self.data.chunks_exact(N).map(|bytes| value(bytes.try_into().expect("N bytes"))).collect()
    }
}

/// The bytes of a file with any header and data, right or wrong.
pub fn bytes(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// The bytes of a file of float32 in C order, shape `(values.len() / columns, columns)`.
pub fn f32_bytes(values: &[f32], columns: usize) -> Vec<u8> {
    let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    bytes("<f4", false, &format!("({}, {columns})", values.len() / columns), &data)
}

/// The bytes of a file of int32, shape `(values.len(),)`.
pub fn i32_bytes(values: &[i32]) -> Vec<u8> {
    let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    bytes("<i4", false, &format!("({},)", values.len()), &data)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let start = text.find(before).unwrap_or_else(|| panic!("no {before} in {text}")) + before.len();
    let length = text[start..].find(after).unwrap_or_else(|| panic!("no {after} in {text}"));
    &text[start..start + length]
}
