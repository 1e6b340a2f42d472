//! Stages: what a shader says of itself, and what a device makes of it.

use wgpu::{BindGroupLayout, ComputePipeline};

/// A shader and what it binds, as read from its source when the crate was built.
#[derive(Debug)]
pub struct Stage {
    /// Its name.
    pub name: &'static str,
    /// WGSL; the entry point is `main`.
    pub source: &'static str,
    /// Its bindings, in order, all in group 0.
    pub bindings: &'static [Binding],
}

/// A buffer that a stage binds.
#[derive(Debug)]
pub struct Binding {
    /// Its name in WGSL.
    pub name: &'static str,
    /// How it is used.
    pub access: Access,
}

/// How a stage uses a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A small struct, at an offset given with each dispatch.
    Uniform,
    /// Storage that is read.
    Read,
    /// Storage that is read and written.
    ReadWrite,
}

/// A stage made ready for a device.
#[derive(Debug, Clone)]
pub struct Pipeline {
    pub(super) stage: &'static Stage,
    pub(super) raw: ComputePipeline,
    pub(super) layout: BindGroupLayout,
}

/// A pipeline, and what it was made of.
#[derive(Debug)]
pub(super) struct Made {
    pub stage: &'static Stage,
    pub constants: Vec<(String, f64)>,
    pub checks: bool,
    pub pipeline: Pipeline,
}
