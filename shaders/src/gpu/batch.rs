//! Batches of stages: what goes to the device, and what comes back.

use clusterclip_core::error::Param;
use clusterclip_core::monitor::CancelFlag;
use wgpu::{BindGroup, Buffer, BufferUsages, CommandEncoder, ComputePassDescriptor, MapMode};

use super::device::Gpu;
use super::error::{Advice, GpuError};
use super::stage::Pipeline;
use super::wait::{Signal, Submitted};

impl Gpu {
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
        let mut encoder = encoder.unwrap_or_else(|| self.encoder());
        self.stamps.stamp(&self.queue, &mut encoder);
        let index = self.queue.submit([encoder.finish()]);
        let signal = Signal::default();
        let done = signal.clone();
        self.queue.on_submitted_work_done(move || done.set(Ok(())));
        Submitted::new(index, signal)
    }

    /// Sends a batch and reads parts of buffers once it is done, one after the other: the one place where the host
    /// stands still for results. Offsets and lengths are in bytes, multiples of 4.
    ///
    /// # Errors
    /// When the work was stopped, the device fails, or it left out a batch.
    pub async fn read(
        &mut self,
        mut encoder: CommandEncoder,
        parts: &[(&Buffer, u64, u64)],
        cancel: &CancelFlag,
    ) -> Result<Vec<u8>, GpuError> {
        let wanted: u64 = parts.iter().map(|part| part.2).sum();
        let times = self.timer.as_ref().and_then(|timer| timer.resolve(&mut encoder));
        let times = times.as_ref().map(|(buffer, length)| (buffer, 0, *length));
        self.stamps.stamp(&self.queue, &mut encoder);
        let (stamps, stamped) = self.stamps.all();
        let stamps = (&stamps, 0, stamped);
        let timed = times.map_or(0, |part| part.2);
        let bytes = wanted + timed + stamped;
        if self.staging.as_ref().is_none_or(|staging| staging.size() < bytes) {
            let usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
            let size = bytes.next_power_of_two().min(self.limits().max_buffer_size).max(bytes);
            self.staging = None;
            self.staging =
                Some(self.buffer_for("results", size, usage, Advice::Fewer(Param::Clusters)).await?);
        }
        // Taken out, so that a wait that is given up leaves no mapped buffer behind.
        let Some(staging) = self.staging.take() else { return Ok(Vec::new()) };
        let mut to = 0;
        for (buffer, offset, length) in parts.iter().copied().chain(times).chain([stamps]) {
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
        if let Err(error) = self.wait(&Submitted::new(index, signal), cancel).await {
            // Their queries may never be run.
            if let Some(timer) = &mut self.timer {
                timer.forget();
            }
            return Err(error);
        }
        let view = staging.get_mapped_range(0..bytes).map_err(GpuError::failed)?;
        let (read, rest) = view.split_at(wanted as usize);
        let (times, stamps) = rest.split_at(timed as usize);
        let read = read.to_vec();
        if let Some(timer) = &mut self.timer {
            timer.add(times);
        }
        let whole = self.stamps.check(stamps);
        drop(view);
        staging.unmap();
        self.staging = Some(staging);
        if !whole {
            self.note(GpuError::LeftOut);
            return Err(GpuError::LeftOut);
        }
        Ok(read)
    }
}
