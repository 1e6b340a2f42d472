//! The stages, ready for a device.

use super::plan::Plan;
use super::stages;
use crate::gpu::{Gpu, GpuError, Pipeline, Stage};

/// The stages, ready for the device.
pub(super) struct Pipelines {
    pub plan: Plan,
    /// Whether assign is made for rows that are added up in parts.
    splits: bool,
    pub assign: Pipeline,
    pub accumulate: Pipeline,
    pub changed: Pipeline,
    pub gather: Pipeline,
    pub seed_step: Pipeline,
    pub pick: Pipeline,
    pub relabel: Pipeline,
    pub worst: Pipeline,
    pub worst_settle: Pipeline,
    pub worst_collect: Pipeline,
}

impl Pipelines {
    pub async fn new(gpu: &Gpu, plan: Plan, checks: bool) -> Result<Self, GpuError> {
        let make = async |stage: &'static Stage| gpu.pipeline(stage, &[], checks).await;
        Ok(Self {
            plan,
            splits: false,
            assign: gpu.pipeline(plan.stage(), &plan.constants(0), checks).await?,
            accumulate: make(&stages::accumulate::STAGE).await?,
            changed: make(&stages::changed::STAGE).await?,
            gather: make(&stages::gather::STAGE).await?,
            seed_step: make(&stages::seed_step::STAGE).await?,
            pick: make(&stages::pick::STAGE).await?,
            relabel: make(&stages::relabel::STAGE).await?,
            worst: make(&stages::worst::STAGE).await?,
            worst_settle: make(&stages::worst_settle::STAGE).await?,
            worst_collect: make(&stages::worst_collect::STAGE).await?,
        })
    }

    /// Takes a plan, for rows of so many columns.
    pub async fn set_plan(
        &mut self,
        gpu: &Gpu,
        plan: Plan,
        columns: usize,
        checks: bool,
    ) -> Result<(), GpuError> {
        if (self.plan, self.splits) != (plan, plan.splits(columns)) {
            self.assign = gpu.pipeline(plan.stage(), &plan.constants(columns), checks).await?;
            (self.plan, self.splits) = (plan, plan.splits(columns));
        }
        Ok(())
    }
}
