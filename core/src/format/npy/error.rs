//! What can be wrong with a .npy file.

use super::Dtype;
use crate::error::Kind;

/// Why bytes are no header that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// The file does not begin as a .npy file.
    #[error("no .npy file: it does not begin with \\x93NUMPY; save the array with numpy.save")]
    Magic,
    /// A version of the format that does not exist yet.
    #[error("version {major}.{minor} of the .npy format is not known (1.0, 2.0 and 3.0 are)")]
    Version {
        /// Major version.
        major: u8,
        /// Minor version.
        minor: u8,
    },
    /// The file ends within its header.
    #[error(
        "the file ends after {found} bytes, within its header of {expected}; it was cut off: save it again"
    )]
    CutOff {
        /// Bytes the header needs.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The header is longer than any real one.
    #[error("a header of {length} bytes; the limit is 1048576: the file is damaged")]
    HeaderTooLong {
        /// What the file says.
        length: usize,
    },
    /// The header is not the dictionary it should be.
    #[error("the header cannot be read ({reason}): the file is damaged or was not written by numpy.save")]
    Header {
        /// What is wrong.
        reason: String,
    },
    /// Elements that are no plain numbers.
    #[error("elements of type {descr} cannot be read; save plain numbers, such as X.astype('float32')")]
    Dtype {
        /// The type as the header gives it.
        descr: String,
    },
    /// The array has more bytes than 64 bits can count.
    #[error("an array of shape {shape} is larger than any file: the header is damaged")]
    TooLarge {
        /// The shape.
        shape: String,
    },
    /// The file has another length than its header says.
    #[error(
        "an array of shape {shape} and type {dtype} makes a file of {expected} bytes, this one has {found}: it was cut off or appended to; save it again"
    )]
    Length {
        /// The shape.
        shape: String,
        /// The type.
        dtype: Dtype,
        /// Bytes the header promises.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// Elements that are no embeddings.
    #[error(
        "embeddings of type {dtype}; float32 or float16 are wanted: numpy.save(FILE, X.astype('float32'))"
    )]
    EmbeddingsDtype {
        /// The type.
        dtype: Dtype,
    },
    /// An array of other than two axes.
    #[error("an array of shape {shape}; embeddings have two axes, (n_samples, n_features)")]
    EmbeddingsShape {
        /// The shape.
        shape: String,
    },
    /// Rows without features, or with too many.
    #[error("an array of shape {shape}; rows have 1 to 4294967295 features")]
    EmbeddingsFeatures {
        /// The shape.
        shape: String,
    },
    /// More than may be held.
    #[error("more than the {limit} {unit} that can be held in memory here, in an array of shape {shape}")]
    Limit {
        /// The limit.
        limit: u64,
        /// Of what.
        unit: &'static str,
        /// The shape.
        shape: String,
    },
    /// The values do not fit memory.
    #[error("no memory for the {values} values of an array of shape {shape}")]
    Memory {
        /// How many there are.
        values: u64,
        /// The shape.
        shape: String,
    },
}

crate::nameless!(NpyError, |error| match error {
    NpyError::Limit { .. } | NpyError::Memory { .. } => Kind::Memory,
    _ => Kind::Input,
});
