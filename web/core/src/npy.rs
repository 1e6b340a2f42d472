//! Headers of .npy files.

use clusterclip_core::format::npy::{self, Dtype, Kind};
use clusterclip_web_border::error;
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    kind: &'static str,
    size: usize,
    big_endian: bool,
    fortran_order: bool,
    shape: Vec<u64>,
    data_offset: u64,
}

const KINDS: [(Kind, &str); 4] =
    [(Kind::Float, "float"), (Kind::Signed, "signed"), (Kind::Unsigned, "unsigned"), (Kind::Bool, "bool")];

/// Reads the header of a whole .npy file; gives JSON `{kind, size, bigEndian, fortranOrder, shape, dataOffset}`.
#[wasm_bindgen(js_name = parseNpy)]
pub fn parse_npy(bytes: &[u8]) -> Result<String, JsValue> {
    let header = npy::parse_header(bytes).map_err(error::js)?;
    header.check_length(bytes.len() as u64).map_err(error::js)?;
    let Dtype { kind, size, big_endian } = header.dtype;
    let told = Header {
        kind: KINDS.iter().find(|(other, _)| *other == kind).map_or("", |(_, name)| name),
        size,
        big_endian,
        fortran_order: header.fortran_order,
        shape: header.shape,
        data_offset: header.data_offset,
    };
    Ok(serde_json::to_string(&told).unwrap_or_default())
}

/// Gives the header of a little-endian array in C order.
#[wasm_bindgen(js_name = npyHeader)]
pub fn npy_header(kind: &str, size: usize, shape: &[f64]) -> Result<Vec<u8>, JsValue> {
    let known = KINDS.iter().find(|(_, name)| *name == kind);
    let (Some(&(kind, _)), 1 | 2 | 4 | 8, 0..=32) = (known, size, shape.len()) else {
        let said = format!("no .npy array of type {kind}, {size} bytes, {} axes", shape.len());
        return Err(error::input(&said));
    };
    let shape: Vec<u64> = shape.iter().map(|&axis| axis as u64).collect();
    Ok(npy::header(Dtype { kind, size, big_endian: false }, &shape))
}

/// The bytes of a whole file.
pub fn file(dtype: Dtype, shape: &[u64], data: &[u8]) -> Vec<u8> {
    let header = npy::header(dtype, shape);
    let mut file = Vec::with_capacity(header.len() + data.len());
    file.extend_from_slice(&header);
    // wasm is little-endian, as the files are.
    file.extend_from_slice(data);
    file
}
