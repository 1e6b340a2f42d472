//! Stages become pipelines; their layouts come from the shaders themselves.

use std::borrow::Cow;
use std::sync::PoisonError;

use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindGroupLayoutDescriptor, BindGroupLayoutEntry,
    BindingResource, BindingType, Buffer, BufferBinding, BufferBindingType, BufferSize,
    ComputePipelineDescriptor, ErrorFilter, PipelineCompilationOptions, PipelineLayoutDescriptor,
    ShaderModuleDescriptor, ShaderRuntimeChecks, ShaderSource, ShaderStages,
};

use super::device::Gpu;
use super::error::GpuError;
use super::stage::{Access, Binding, Made, Pipeline, Stage};

impl Gpu {
    /// Makes a stage ready, with values for its pipeline-overridable constants.
    ///
    /// With `checks` off the shader runs without bounds checks: every index is shown to be in range in its source.
    ///
    /// # Errors
    /// When the device refuses the shader.
    pub async fn pipeline(
        &self,
        stage: &'static Stage,
        constants: &[(&str, f64)],
        checks: bool,
    ) -> Result<Pipeline, GpuError> {
        let constants_owned: Vec<(String, f64)> =
            constants.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
        let is_it = |made: &&Made| {
            std::ptr::eq(made.stage, stage) && made.constants == constants_owned && made.checks == checks
        };
        if let Some(made) = self.made.lock().unwrap_or_else(PoisonError::into_inner).iter().find(is_it) {
            return Ok(made.pipeline.clone());
        }
        let pipeline = self.new_pipeline(stage, constants, checks).await?;
        let made = Made { stage, constants: constants_owned, checks, pipeline: pipeline.clone() };
        self.made.lock().unwrap_or_else(PoisonError::into_inner).push(made);
        Ok(pipeline)
    }

    async fn new_pipeline(
        &self,
        stage: &'static Stage,
        constants: &[(&str, f64)],
        checks: bool,
    ) -> Result<Pipeline, GpuError> {
        // A driver's compiler that gives up is an internal error.
        let scopes = [ErrorFilter::Validation, ErrorFilter::OutOfMemory, ErrorFilter::Internal]
            .map(|filter| self.device.push_error_scope(filter));
        let descriptor = ShaderModuleDescriptor {
            label: Some(stage.name),
            source: ShaderSource::Wgsl(Cow::Borrowed(stage.source)),
        };
        let module = if checks {
            self.device.create_shader_module(descriptor)
        } else {
            // SAFETY: the stages keep every index in range and every loop ends, as their sources show; the tests
            // run them with checks too.
            unsafe { self.device.create_shader_module_trusted(descriptor, ShaderRuntimeChecks::unchecked()) }
        };
        let entries: Vec<BindGroupLayoutEntry> = (0..)
            .zip(stage.bindings)
            .map(|(binding, Binding { access, .. })| BindGroupLayoutEntry {
                binding,
                visibility: ShaderStages::COMPUTE,
                ty: BindingType::Buffer {
                    ty: match access {
                        Access::Uniform => BufferBindingType::Uniform,
                        Access::Read => BufferBindingType::Storage { read_only: true },
                        Access::ReadWrite => BufferBindingType::Storage { read_only: false },
                    },
                    has_dynamic_offset: *access == Access::Uniform,
                    min_binding_size: None,
                },
                count: None,
            })
            .collect();
        let layout = self.device.create_bind_group_layout(&BindGroupLayoutDescriptor {
            label: Some(stage.name),
            entries: &entries,
        });
        let pipeline_layout = self.device.create_pipeline_layout(&PipelineLayoutDescriptor {
            label: Some(stage.name),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let raw = self.device.create_compute_pipeline(&ComputePipelineDescriptor {
            label: Some(stage.name),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some("main"),
            // The stages write workgroup memory before they read it.
            compilation_options: PipelineCompilationOptions {
                constants,
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        });
        let mut failed = None;
        for scope in scopes.into_iter().rev() {
            failed = scope.pop().await.or(failed);
        }
        match failed {
            None => Ok(Pipeline { stage, raw, layout }),
            Some(error) => Err(GpuError::Stage { stage: stage.name, reason: error.to_string() }),
        }
    }

    /// Binds buffers to a pipeline, in the order of its stage's bindings; of a uniform one, `uniform` bytes.
    ///
    /// # Panics
    /// If there are more or fewer buffers than bindings.
    pub fn bind(&self, pipeline: &Pipeline, uniform: u64, buffers: &[&Buffer]) -> BindGroup {
        let bindings = pipeline.stage.bindings;
        assert_eq!(buffers.len(), bindings.len(), "stage {} binds so many buffers", pipeline.stage.name);
        let entries: Vec<BindGroupEntry<'_>> = (0..)
            .zip(bindings.iter().zip(buffers))
            .map(|(binding, (Binding { access, .. }, buffer))| BindGroupEntry {
                binding,
                resource: match access {
                    Access::Uniform => BindingResource::Buffer(BufferBinding {
                        buffer,
                        offset: 0,
                        size: BufferSize::new(uniform),
                    }),
                    _ => buffer.as_entire_binding(),
                },
            })
            .collect();
        self.device.create_bind_group(&BindGroupDescriptor {
            label: Some(pipeline.stage.name),
            layout: &pipeline.layout,
            entries: &entries,
        })
    }
}
