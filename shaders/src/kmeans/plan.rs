//! How assign is cut up: which inner loop, and how large a tile.

use std::fmt;
use std::str::FromStr;

use clusterclip_core::error::Kind;
use clusterclip_core::named;
use wgpu::Limits;

use super::stages;
use crate::gpu::{Adapter, Stage};

/// The inner loop of assign. All give the same integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Inner {
    /// Four byte products an instruction, where the device has it.
    Packed,
    /// f32 on small integers.
    Float,
    /// f32 on small integers that invocations of a subgroup pass on to one another, without a tile in workgroup
    /// memory: for software, where every load costs as much as many products.
    Broadcast,
}

/// Invocations of the subgroups that [`Inner::Broadcast`] is written for.
const BROADCAST_LANES: u32 = 8;

/// Invocations of a workgroup, and the scores that each keeps in registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tile {
    /// Invocations across centroids.
    pub lanes_x: u32,
    /// Invocations across rows.
    pub lanes_y: u32,
    /// Rows of an invocation, in fours: 1 or 2.
    pub row_vectors: u32,
    /// Centroids of an invocation, in fours: 1 or 2.
    pub centroid_vectors: u32,
    /// Sixteens of columns that workgroup memory holds at a time: 1, 2 or 4.
    pub step: u32,
}

/// How to assign on a device: changes the speed and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Plan {
    /// The inner loop.
    pub inner: Inner,
    /// The tile.
    pub tile: Tile,
}

const fn tile(lanes: u32, vectors: u32, step: u32) -> Tile {
    Tile { lanes_x: lanes, lanes_y: lanes, row_vectors: vectors, centroid_vectors: vectors, step }
}

const fn plan(inner: Inner, tile: Tile) -> Plan {
    Plan { inner, tile }
}

impl Plan {
    /// What a quick timing chooses from; the first fits every device that WebGPU allows.
    pub const ALL: [Self; 9] = [
        plan(Inner::Float, tile(8, 2, 1)),
        plan(Inner::Packed, tile(8, 2, 4)),
        plan(Inner::Float, tile(16, 1, 1)),
        plan(Inner::Packed, tile(16, 1, 4)),
        plan(Inner::Float, tile(16, 2, 1)),
        plan(Inner::Packed, tile(16, 2, 2)),
        plan(Inner::Float, tile(8, 1, 2)),
        plan(Inner::Packed, tile(8, 1, 4)),
        plan(
            Inner::Broadcast,
            Tile { lanes_x: BROADCAST_LANES, lanes_y: 1, row_vectors: 2, centroid_vectors: 1, step: 1 },
        ),
    ];

    /// Rows of a tile: it divides 128, to which rows and centroids are padded.
    pub fn rows(&self) -> u32 {
        4 * self.tile.lanes_y * self.tile.row_vectors
    }

    /// Whether an adapter can run it.
    pub fn fits(&self, adapter: &Adapter) -> bool {
        let subgroups = self.inner != Inner::Broadcast || adapter.subgroups() == Some(BROADCAST_LANES);
        subgroups && self.fits_limits(&adapter.limits())
    }

    fn fits_limits(&self, limits: &Limits) -> bool {
        let Tile { lanes_x, lanes_y, .. } = self.tile;
        self.workgroup_bytes() <= limits.max_compute_workgroup_storage_size
            && self.lanes() <= limits.max_compute_invocations_per_workgroup
            && lanes_x <= limits.max_compute_workgroup_size_x
            && lanes_y <= limits.max_compute_workgroup_size_y
    }

    /// Invocations of a workgroup.
    pub fn lanes(&self) -> u32 {
        self.tile.lanes_x * self.tile.lanes_y
    }

    /// Bytes of workgroup memory.
    pub fn workgroup_bytes(&self) -> u32 {
        // Besides the tiles: the best of each lane, and the objective, the count and the place of moves.
        self.tile_bytes() + 8 * self.lanes() + 16
    }

    /// Bytes of workgroup memory that hold rows and centroids.
    pub fn tile_bytes(&self) -> u32 {
        let slots = match self.inner {
            Inner::Packed => stages::assign_packed::SLOTS,
            Inner::Float => stages::assign_float::SLOTS,
            Inner::Broadcast => 0,
        };
        // A slot holds a vec4 of words of each four rows and each four centroids, and one more of either.
        16 * self.tile.step * slots * ((self.rows() + self.centroids()) / 4 + 2)
    }

    /// Centroids of a tile: it divides 128, to which rows and centroids are padded.
    pub fn centroids(&self) -> u32 {
        4 * self.tile.lanes_x * self.tile.centroid_vectors
    }

    /// The most turns of loops that an invocation makes for one tile of centroids; a step of the tile is written out.
    pub(super) fn turns(&self, columns: usize) -> u64 {
        // Each step; each split, and the end of its steps; and the end of splits.
        let vectors = columns as u64 / 16;
        vectors / u64::from(self.tile.step) + 2 * vectors.div_ceil(stages::assign_float::EXACT.into()) + 2
    }

    /// The stage that it runs.
    pub fn stage(&self) -> &'static Stage {
        match self.inner {
            Inner::Packed => &stages::assign_packed::STAGE,
            Inner::Float => &stages::assign_float::STAGE,
            Inner::Broadcast => &stages::assign_broadcast::STAGE,
        }
    }

    /// Whether rows of so many columns have sums that may be inexact in f32, and so are added up in parts.
    pub fn splits(&self, columns: usize) -> bool {
        self.inner != Inner::Packed && columns > 16 * stages::assign_float::EXACT as usize
    }

    /// Values of the stage's pipeline-overridable constants, for rows of so many columns.
    pub fn constants(&self, columns: usize) -> [(&'static str, f64); 6] {
        [
            ("LANES_X", self.tile.lanes_x.into()),
            ("LANES_Y", self.tile.lanes_y.into()),
            ("ROW_VECTORS", self.tile.row_vectors.into()),
            ("CENTROID_VECTORS", self.tile.centroid_vectors.into()),
            ("STEP", self.tile.step.into()),
            ("SPLIT", self.splits(columns).into()),
        ]
    }
}

/// Rows and centroids are padded to this many: whole tiles of every plan.
pub(super) const PAD: u32 = 128;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.inner, self.tile)
    }
}

named!(Inner: Packed = "packed", Float = "float", Broadcast = "broadcast");

/// Invocations of a workgroup, rows and centroids of an invocation, columns at a time.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lanes_x, lanes_y, row_vectors, centroid_vectors, step } = self;
        write!(f, "{lanes_x}x{lanes_y}-{}x{}-{}", 4 * row_vectors, 4 * centroid_vectors, 16 * step)
    }
}

impl FromStr for Plan {
    type Err = UnknownPlan;

    fn from_str(name: &str) -> Result<Self, UnknownPlan> {
        let named = Self::ALL.into_iter().find(|plan| plan.to_string() == name);
        named.ok_or_else(|| UnknownPlan { name: name.to_owned() })
    }
}

/// There is no plan of a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no plan {name}; there are {}", Plan::ALL.map(|plan| plan.to_string()).join(", "))]
pub struct UnknownPlan {
    /// What was asked for.
    pub name: String,
}

clusterclip_core::nameless!(UnknownPlan, Kind::Usage);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plan_has_its_name_and_divides_the_padding() {
        for plan in Plan::ALL {
            assert_eq!(plan.to_string().parse(), Ok(plan));
            assert!(PAD.is_multiple_of(plan.rows()) && PAD.is_multiple_of(plan.centroids()), "{plan}");
            // Every lane loads once a step, where there is a tile.
            let fours = plan.rows().max(plan.centroids()) / 4;
            let parts = match plan.inner {
                Inner::Packed => stages::assign_packed::PARTS,
                Inner::Float => stages::assign_float::PARTS,
                Inner::Broadcast => 0,
            };
            assert!(parts * plan.tile.step * fours <= plan.lanes(), "{plan}");
            assert!([1, 2, 4].contains(&plan.tile.step), "{plan}: a row has a multiple of four vectors");
        }
        assert!(Plan::ALL[0].fits_limits(&Limits::default()), "the first fits the least of WebGPU's limits");
    }
}
