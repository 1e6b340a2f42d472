//! The saved model: safetensors with `vocabulary` (u32) and `projection` (f16), the same bytes everywhere.

use std::collections::HashMap;

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};

use super::{CharTable, FORMAT, Lexical, LexicalError, fit, tokens};
use crate::monitor::{CancelFlag, Cancelled};

/// The largest magnitude after scaling is under this, so that f16 (up to 65 504) holds it with room.
const LARGEST: f32 = 32_768.0;

/// Scales by the largest power of two that keeps every magnitude under [`LARGEST`] and rounds to f16.
///
/// Small components then lose nothing to f16's narrow range: 2^29 lies between the largest and the subnormal ones.
///
/// # Errors
/// [`Cancelled`] once the flag is set.
pub fn round_to_half(values: &mut [f32], cancel: &CancelFlag) -> Result<(), Cancelled> {
    let largest = values.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let mut scale = 1.0f32;
    while largest > 0.0 && largest * scale < LARGEST / 2.0 {
        scale *= 2.0;
    }
    while largest * scale >= LARGEST {
        scale /= 2.0;
    }
    // Without instructions for f16, as in browsers, a stretch takes some ten milliseconds.
    for stretch in values.chunks_mut(1 << 20) {
        cancel.check()?;
        for x in stretch {
            *x = f16::from_f32(*x * scale).to_f32();
        }
    }
    Ok(())
}

impl Lexical {
    /// The model as safetensors bytes, the same bytes on every machine.
    ///
    /// # Panics
    /// Never: the shapes are those of the data.
    pub fn to_bytes(&self) -> Vec<u8> {
        let vocabulary: Vec<u8> = self.vocabulary.iter().flat_map(|feature| feature.to_le_bytes()).collect();
        let projection: Vec<u8> =
            self.projection.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect();
        let n = self.vocabulary.len();
        let tensors = [
            ("vocabulary", TensorView::new(Dtype::U32, vec![n], &vocabulary)),
            ("projection", TensorView::new(Dtype::F16, vec![n, self.n_features], &projection)),
        ]
        .map(|(name, view)| (name, view.expect("the shape is that of the data")));
        // One key only: a hash map of more would be written in a random order.
        let metadata = HashMap::from([("format".to_owned(), FORMAT.to_owned())]);
        serialize(tensors, Some(metadata)).expect("shapes and offsets are consistent")
    }

    /// Loads what [`Lexical::to_bytes`] gave.
    ///
    /// # Errors
    /// [`LexicalError::Model`] when the bytes are cut short, damaged or of another format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LexicalError> {
        let wrong = |what: String| LexicalError::Model(what);
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| wrong(error.to_string()))?;
        match metadata.metadata().as_ref().and_then(|entries| entries.get("format")) {
            Some(format) if format == FORMAT => {}
            Some(format) => return Err(wrong(format!("its format is {format:?}"))),
            None => return Err(wrong("it names no format".to_owned())),
        }
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| wrong(error.to_string()))?;
        let tensor =
            |name: &str| tensors.tensor(name).map_err(|_| wrong(format!("it has no tensor {name:?}")));
        let (vocabulary, projection) = (tensor("vocabulary")?, tensor("projection")?);
        let n_features =
            match (vocabulary.dtype(), projection.dtype(), vocabulary.shape(), projection.shape()) {
                (Dtype::U32, Dtype::F16, &[n], &[rows, n_features])
                    if n == rows && (1..=1024).contains(&n_features) && n <= fit::MAX_VOCABULARY =>
                {
                    n_features
                }
                (a, b, c, d) => return Err(wrong(format!("its tensors are {a:?} {c:?} and {b:?} {d:?}"))),
            };
        let vocabulary: Vec<u32> =
            vocabulary.data().as_chunks().0.iter().map(|&four| u32::from_le_bytes(four)).collect();
        if !vocabulary.is_sorted_by(|a, b| a < b)
            || vocabulary.first().is_some_and(|&f| f != tokens::ANY_WORD)
        {
            return Err(wrong("its vocabulary is not in ascending order from 0".to_owned()));
        }
        let projection: Vec<f32> =
            projection.data().as_chunks().0.iter().map(|&two| f16::from_le_bytes(two).to_f32()).collect();
        if let Some(place) = projection.iter().position(|x| !x.is_finite()) {
            return Err(wrong(format!("value {place} of its projection is not finite")));
        }
        Ok(Self::new(CharTable::new(), vocabulary, projection, n_features))
    }
}
