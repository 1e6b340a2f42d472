//! Tensors of a safetensors file as f32.

use std::cell::RefCell;
use std::collections::BTreeSet;

use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::error::ModelError;

/// The tensors of a model, and which of them nobody has asked for yet.
pub(crate) struct Weights<'a> {
    tensors: SafeTensors<'a>,
    /// What stands before every name: `bert.` or nothing.
    prefix: &'static str,
    unused: RefCell<BTreeSet<String>>,
    /// Told of the bytes of a tensor that is not read again.
    release: &'a dyn Fn(&[u8]),
}

impl<'a> Weights<'a> {
    /// Reads the header; the file must have the length it promises.
    pub fn parse(bytes: &'a [u8], release: &'a dyn Fn(&[u8])) -> Result<Self, ModelError> {
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| {
            let reason = format!("no whole safetensors file ({error}); fetch or copy it again");
            ModelError::file("model.safetensors", reason)
        })?;
        let names: BTreeSet<String> = tensors.names().into_iter().map(str::to_owned).collect();
        let prefixed = names.iter().any(|name| name.starts_with("bert."));
        let prefix = if prefixed { "bert." } else { "" };
        Ok(Self { tensors, prefix, unused: RefCell::new(names), release })
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.tensor(&self.full(name)).is_ok()
    }

    /// The shape of a tensor.
    pub fn shape(&self, name: &str) -> Result<Vec<usize>, ModelError> {
        Ok(self.view(name)?.shape().to_vec())
    }

    /// The values of a tensor, row-major; they must be numbers, and of this shape.
    pub fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let view = self.view(name)?;
        if view.shape() != shape {
            let reason = format!("its shape is {:?}; config.json asks for {shape:?}", view.shape());
            return Err(ModelError::tensor(name, reason));
        }
        let values = floats(name, &view)?;
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            let reason = format!("value {place} is {}; the weights are damaged", values[place]);
            return Err(ModelError::tensor(name, reason));
        }
        self.unused.borrow_mut().remove(&self.full(name));
        (self.release)(view.data());
        Ok(values)
    }

    /// The values of a vector of integers.
    pub fn integers(&self, name: &str) -> Result<Vec<i64>, ModelError> {
        let view = self.view(name)?;
        let read = |size: usize, read: fn(&[u8]) -> i64| view.data().chunks_exact(size).map(read).collect();
        match view.dtype() {
            Dtype::I64 => Ok(read(8, |b| i64::from_le_bytes(b.try_into().unwrap_or_default()))),
            Dtype::I32 => Ok(read(4, |b| i32::from_le_bytes(b.try_into().unwrap_or_default()).into())),
            other => Err(ModelError::tensor(name, format!("its type is {other:?}; integers are wanted"))),
        }
    }

    /// Refuses tensors of an encoder that nobody has asked for: a variant with one more step is another model.
    pub fn refuse_unused(&self) -> Result<(), ModelError> {
        let unused = self.unused.borrow();
        let known = |name: &str| name == "embeddings.position_ids" || name == "embeddings.token_type_ids";
        let step = |name: &str| name.starts_with("encoder.") || name.starts_with("embeddings.");
        let found = unused.iter().find(|name| {
            let name = name.strip_prefix(self.prefix).unwrap_or(name);
            step(name) && !known(name)
        });
        match found {
            Some(name) => Err(ModelError::tensor(
                name,
                "the architecture that config.json names has no such tensor: a variant that this version does not know",
            )),
            None => Ok(()),
        }
    }

    fn full(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn view(&self, name: &str) -> Result<TensorView<'_>, ModelError> {
        let found = self.tensors.tensor(&self.full(name));
        found.map_err(|_| ModelError::tensor(name, "the file has no such tensor"))
    }
}

fn floats(name: &str, view: &TensorView<'_>) -> Result<Vec<f32>, ModelError> {
    let data = view.data();
    // Tensors may begin at any byte: read value by value.
    Ok(match view.dtype() {
        Dtype::F32 => pairs(data, f32::from_le_bytes),
        Dtype::F16 => pairs(data, |b| f16::from_le_bytes(b).to_f32()),
        Dtype::BF16 => pairs(data, |b| bf16::from_le_bytes(b).to_f32()),
        Dtype::F64 => pairs(data, |b| f64::from_le_bytes(b) as f32),
        Dtype::I8 => pairs(data, |b: [u8; 1]| f32::from(i8::from_le_bytes(b))),
        other => {
            let reason = format!("its type is {other:?}; f32, f16 and bf16 are known");
            return Err(ModelError::tensor(name, reason));
        }
    })
}

fn pairs<const N: usize>(data: &[u8], read: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    data.as_chunks::<N>().0.iter().map(|&bytes| read(bytes)).collect()
}
