//! A device with its queue, its buffers and its counters.

use std::sync::{Arc, Mutex, PoisonError};

use clusterclip_core::monitor::CancelFlag;
use wgpu::{
    BindGroup, Buffer, BufferDescriptor, BufferUsages, CommandEncoder, ComputePassDescriptor, Device,
    DeviceDescriptor, ErrorFilter, Features, Limits, MapMode, Queue,
};

use super::adapter::Adapter;
use super::error::GpuError;
use super::pipeline::Pipeline;
use super::timer::{StageTime, Timer};
use super::wait::{Signal, Submitted};

/// What has gone to and fro since the device was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Stages run.
    pub dispatches: u64,
    /// Batches of stages sent.
    pub submissions: u64,
    /// Times the host stood still for results.
    pub waits: u64,
    /// Bytes sent to the device.
    pub bytes_up: u64,
    /// Bytes that came back.
    pub bytes_down: u64,
}

/// An open device.
#[derive(Debug)]
pub struct Gpu {
    pub(super) device: Device,
    queue: Queue,
    adapter: Adapter,
    /// The first thing that went wrong outside of any scope.
    fault: Arc<Mutex<Option<GpuError>>>,
    /// Where results are copied to be read; grows.
    staging: Option<Buffer>,
    counters: Counters,
    timer: Option<Timer>,
}

impl Gpu {
    /// Opens the adapter with its own limits, and the features it has of those that are of use.
    ///
    /// # Errors
    /// [`GpuError::Refused`].
    pub async fn open(adapter: Adapter) -> Result<Self, GpuError> {
        let descriptor = DeviceDescriptor {
            label: Some("clusterclip"),
            required_features: adapter.features() & (Features::TIMESTAMP_QUERY | Features::SUBGROUP),
            required_limits: adapter.limits(),
            ..DeviceDescriptor::default()
        };
        let (device, queue) = adapter.raw.request_device(&descriptor).await.map_err(|error| {
            GpuError::Refused { adapter: adapter.info().name.clone(), reason: error.to_string() }
        })?;
        let fault = Arc::new(Mutex::new(None));
        let note = |fault: &Arc<Mutex<Option<GpuError>>>, error: GpuError| {
            fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        };
        let lost = Arc::clone(&fault);
        device.set_device_lost_callback(move |_, reason| note(&lost, GpuError::Lost(reason)));
        let failed = Arc::clone(&fault);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            note(&failed, GpuError::Failed(error.to_string()));
        }));
        Ok(Self { device, queue, adapter, fault, staging: None, counters: Counters::default(), timer: None })
    }

    /// The adapter it was opened on.
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// What the device can hold and bind.
    pub fn limits(&self) -> Limits {
        self.device.limits()
    }

    /// What has gone to and fro so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Begins to time every stage by the device's clock; gives false where it has none.
    pub fn time_stages(&mut self) -> bool {
        let can = self.device.features().contains(Features::TIMESTAMP_QUERY);
        self.timer = can.then(|| Timer::new(&self.device, &self.queue));
        can
    }

    /// What each stage took since [`time_stages`](Self::time_stages), up to the last [`read`](Self::read).
    pub fn stage_times(&self) -> &[StageTime] {
        self.timer.as_ref().map_or(&[], |timer| &timer.times)
    }

    /// Returns what went wrong outside of any call, a lost device for one.
    ///
    /// # Errors
    /// [`GpuError::Lost`] or [`GpuError::Failed`], from then on for good.
    pub fn check(&self) -> Result<(), GpuError> {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.clone().map_or(Ok(()), Err)
    }

    /// Makes a buffer of zeros that stages can use and that can be copied to and from.
    ///
    /// # Errors
    /// [`GpuError::Memory`] names what it was for, its size, the limit and `advice`.
    pub async fn buffer(
        &self,
        what: &'static str,
        bytes: u64,
        advice: &'static str,
    ) -> Result<Buffer, GpuError> {
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
        self.buffer_for(what, bytes, usage, advice).await
    }

    /// Makes a buffer of `n` structs for dispatches to choose from, and gives the distance between them.
    ///
    /// # Errors
    /// As [`buffer`](Self::buffer).
    pub async fn uniforms(&self, n: u64, bytes: u64) -> Result<(Buffer, u64), GpuError> {
        let stride = bytes.next_multiple_of(self.limits().min_uniform_buffer_offset_alignment.into());
        let usage = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
        Ok((self.buffer_for("parameters", n * stride, usage, "give fewer rows").await?, stride))
    }

    async fn buffer_for(
        &self,
        what: &'static str,
        bytes: u64,
        usage: BufferUsages,
        advice: &'static str,
    ) -> Result<Buffer, GpuError> {
        let limits = self.limits();
        let most = if usage.contains(BufferUsages::STORAGE) {
            // Shaders count bytes in 32 bits.
            limits.max_buffer_size.min(limits.max_storage_buffer_binding_size).min(u32::MAX.into())
        } else {
            limits.max_buffer_size
        };
        if bytes > most {
            let limit = format!("one buffer holds at most {most}");
            return Err(GpuError::Memory { what, bytes, limit, advice });
        }
        let scope = self.device.push_error_scope(ErrorFilter::OutOfMemory);
        // Sizes are whole words, and no binding may be empty.
        let size = bytes.max(16).next_multiple_of(16);
        let buffer = self.device.create_buffer(&BufferDescriptor {
            label: Some(what),
            size,
            usage,
            mapped_at_creation: false,
        });
        match scope.pop().await {
            None => Ok(buffer),
            Some(_) => {
                let limit = "its memory is full".into();
                Err(GpuError::Memory { what, bytes, limit, advice })
            }
        }
    }

    /// Sends bytes to a buffer; they are there for whatever is submitted next.
    pub fn write(&mut self, buffer: &Buffer, offset: u64, bytes: &[u8]) {
        self.counters.bytes_up += bytes.len() as u64;
        self.queue.write_buffer(buffer, offset, bytes);
    }

    /// Loses the device, as a reset would.
    #[cfg(test)]
    pub(crate) fn lose(&self) {
        self.device.destroy();
    }

    /// Begins a batch of stages.
    pub fn encoder(&self) -> CommandEncoder {
        self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None })
    }

    /// Adds a stage to a batch: `groups` workgroups, with the uniform struct at `uniform` where it has one.
    pub fn dispatch(
        &mut self,
        encoder: &mut CommandEncoder,
        pipeline: &Pipeline,
        bindings: &BindGroup,
        uniform: Option<u64>,
        groups: u32,
    ) {
        let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor {
            label: Some(pipeline.stage.name),
            timestamp_writes: self.timer.as_mut().and_then(|timer| timer.next(pipeline.stage.name)),
        });
        pass.set_pipeline(&pipeline.raw);
        // Uniform buffers are far smaller than 4 GiB.
        let offset = uniform.map(|offset| offset as u32);
        pass.set_bind_group(0, bindings, offset.as_slice());
        pass.dispatch_workgroups(groups, 1, 1);
        self.counters.dispatches += 1;
    }

    /// Sends a batch, and what was written before it.
    pub fn submit(&mut self, encoder: Option<CommandEncoder>) -> Submitted {
        self.counters.submissions += 1;
        let index = self.queue.submit(encoder.map(CommandEncoder::finish));
        let signal = Signal::default();
        let done = signal.clone();
        self.queue.on_submitted_work_done(move || done.set(Ok(())));
        Submitted::new(index, signal)
    }

    /// Sends a batch and reads parts of buffers once it is done, one after the other: the one place where the host
    /// stands still for the device. Offsets and lengths are in bytes, multiples of 4.
    ///
    /// # Errors
    /// When the work was stopped or the device fails.
    pub async fn read(
        &mut self,
        mut encoder: CommandEncoder,
        parts: &[(&Buffer, u64, u64)],
        cancel: &CancelFlag,
    ) -> Result<Vec<u8>, GpuError> {
        let wanted: u64 = parts.iter().map(|part| part.2).sum();
        let times = self.timer.as_ref().and_then(|timer| timer.resolve(&mut encoder));
        let times = times.as_ref().map(|(buffer, length)| (buffer, 0, *length));
        let bytes = wanted + times.map_or(0, |part| part.2);
        if self.staging.as_ref().is_none_or(|staging| staging.size() < bytes) {
            let usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
            let size = bytes.next_power_of_two().min(self.limits().max_buffer_size).max(bytes);
            self.staging = None;
            self.staging = Some(self.buffer_for("results", size, usage, "give fewer --clusters").await?);
        }
        // Taken out, so that a wait that is given up leaves no mapped buffer behind.
        let Some(staging) = self.staging.take() else { return Ok(Vec::new()) };
        let mut to = 0;
        for (buffer, offset, length) in parts.iter().copied().chain(times) {
            encoder.copy_buffer_to_buffer(buffer, offset, &staging, to, length);
            to += length;
        }
        self.counters.submissions += 1;
        self.counters.waits += 1;
        self.counters.bytes_down += bytes;
        let index = self.queue.submit([encoder.finish()]);
        let signal = Signal::default();
        let done = signal.clone();
        staging.map_async(MapMode::Read, 0..bytes, move |result| {
            done.set(result.map_err(|error| error.to_string()));
        });
        self.wait(&Submitted::new(index, signal), cancel).await?;
        let view = staging.get_mapped_range(0..bytes).map_err(|error| GpuError::Failed(error.to_string()))?;
        let read = view[..wanted as usize].to_vec();
        if let Some(timer) = &mut self.timer {
            timer.add(&view[wanted as usize..]);
        }
        drop(view);
        staging.unmap();
        self.staging = Some(staging);
        Ok(read)
    }
}
