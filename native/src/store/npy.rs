//! Arrays as .npy files, streamed.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use bytemuck::Pod;

use super::error::StoreError;
use super::file::{FileWriter, FinishedFile};

/// A number that arrays are made of.
pub trait NpyValue: Pod {
    /// NumPy's name of the type.
    const DESCR: &'static str;
}

impl NpyValue for f32 {
    const DESCR: &'static str = "<f4";
}
impl NpyValue for half::f16 {
    const DESCR: &'static str = "<f2";
}
impl NpyValue for i32 {
    const DESCR: &'static str = "<i4";
}
impl NpyValue for u64 {
    const DESCR: &'static str = "<u8";
}

fn header(descr: &str, shape: &[u64]) -> Vec<u8> {
    let dims: String = shape.iter().map(|d| format!("{d}, ")).collect();
    let dims = if shape.len() == 1 { dims.trim_end() } else { dims.trim_end_matches(", ") };
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({dims}), }}");
    let length = (10 + text.len() + 1).next_multiple_of(64);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(((length - 10) as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.resize(length - 1, b' ');
    bytes.push(b'\n');
    bytes
}

/// Streams an array in C order. Its shape is known beforehand, so that bytes are hashed as they pass.
#[derive(Debug)]
pub struct NpyWriter<T> {
    file: FileWriter,
    expected: u64,
    written: u64,
    values: std::marker::PhantomData<T>,
}

impl<T: NpyValue> NpyWriter<T> {
    /// Begins an array of `shape`, such as (n_samples, n_features).
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn new(mut file: FileWriter, shape: &[u64]) -> Result<Self, StoreError> {
        let header = header(T::DESCR, shape);
        file.write_all(&header).map_err(|cause| StoreError::io("write", file.target(), cause))?;
        let expected = shape.iter().product();
        Ok(Self { file, expected, written: 0, values: std::marker::PhantomData })
    }

    /// Adds values in C order.
    ///
    /// # Errors
    /// [`StoreError::Count`] when they exceed the shape, [`StoreError::Io`].
    pub fn write(&mut self, values: &[T]) -> Result<(), StoreError> {
        self.written += values.len() as u64;
        if self.written > self.expected {
            return Err(self.count());
        }
        let written = if cfg!(target_endian = "little") {
            self.file.write_all(bytemuck::cast_slice(values))
        } else {
            values.iter().try_for_each(|value| {
                let mut bytes = *value;
                let bytes = bytemuck::bytes_of_mut(&mut bytes);
                bytes.reverse();
                self.file.write_all(bytes)
            })
        };
        written.map_err(|cause| StoreError::io("write", self.file.target(), cause))
    }

    /// Ends the array.
    ///
    /// # Errors
    /// [`StoreError::Count`] when values are missing, [`StoreError::Io`].
    pub fn finish(self) -> Result<FinishedFile, StoreError> {
        if self.written != self.expected {
            return Err(self.count());
        }
        self.file.finish()
    }

    fn count(&self) -> StoreError {
        StoreError::Count {
            path: self.file.target().to_path_buf(),
            expected: self.expected,
            got: self.written,
            unit: "values",
        }
    }
}

/// Reads a labels.npy that this program wrote: int32, (n_samples,).
///
/// # Errors
/// [`StoreError::Io`]; [`StoreError::Damaged`] when the header is not the one written for its length.
pub fn read_labels(path: &Path) -> Result<Vec<i32>, StoreError> {
    let bytes = fs::read(path).map_err(|cause| StoreError::io("read", path, cause))?;
    let damaged = |why: &str| StoreError::Damaged {
        path: path.to_path_buf(),
        why: why.to_owned(),
        remedy: "run `clusterclip cluster` again",
    };
    let _ = (bytes, damaged);
    unimplemented!()
}
