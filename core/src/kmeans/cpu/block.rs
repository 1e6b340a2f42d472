//! Blocks of rows that are assigned together.

use super::row::Row;
use super::scoring::Scoring;
use super::update::Move;
use crate::monitor::{CancelFlag, Cancelled};

/// Rows that a thread assigns together.
pub(super) struct Block<'a> {
    /// The first row, counted in the wave.
    pub first: usize,
    pub rows: &'a [u8],
    pub states: &'a mut [Row],
    pub bounds: &'a mut [i32],
}

/// What one row block found.
pub(super) struct BlockStep {
    pub objective: i64,
    pub moves: Vec<Move>,
}

impl Block<'_> {
    /// Gives every row its best cluster.
    ///
    /// # Errors
    /// When the work is stopped.
    pub fn assign(&mut self, scoring: &Scoring<'_>, cancel: &CancelFlag) -> Result<BlockStep, Cancelled> {
        cancel.check()?;
        let best = scoring.assign(self.rows, self.states, self.bounds, cancel);
        // The flag is never taken back, so a kernel that returned early is noticed here.
        cancel.check()?;
        let mut step = BlockStep { objective: 0, moves: Vec::new() };
        for (i, (state, best)) in self.states.iter_mut().zip(best).enumerate() {
            step.objective += i64::from(best.score);
            state.score = best.score;
            if state.label != best.cluster {
                // Waves hold at most 2^24 rows.
                let row = (self.first + i) as u32;
                step.moves.push(Move { row, from: state.label, to: best.cluster });
                state.label = best.cluster;
            }
        }
        Ok(step)
    }
}
