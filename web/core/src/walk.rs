//! Walking an order, with a state to go on from.

use std::rc::Rc;

use clusterclip_core::sampler::{Draw, Members, Rank, Sampler as Order, State};
use clusterclip_web_border::{error, params};
use wasm_bindgen::prelude::*;

use crate::sampler::fours;

/// A walk along an order, or along one rank's share of it.
#[wasm_bindgen]
pub struct Walk {
    order: Rc<Order>,
    members: Option<Rc<Members>>,
    rank: Rank,
    /// Where the walk is. Walks of the core borrow their order, which JavaScript cannot: each is resumed from here.
    state: State,
    done: u64,
}

impl Walk {
    /// Begins at the beginning, or where a state was saved; `ranks` are rank, world size and whether the last are dropped.
    pub fn new(
        order: Rc<Order>,
        members: Option<Rc<Members>>,
        state: Option<String>,
        (rank, world_size, drop_last): (u64, u64, bool),
    ) -> Result<Self, JsValue> {
        let rank = Rank::new(rank, world_size, drop_last).map_err(error::js)?;
        let state = match state {
            None => order.iter().state(),
            Some(json) => params::read(&json)?,
        };
        order.resume(&state).map_err(error::js)?;
        Ok(Self { order, members, rank, state, done: 0 })
    }

    /// The next draws, at most `count`.
    pub fn draws(&mut self, count: usize) -> Result<Vec<Draw>, JsValue> {
        let mut walk = self.order.resume(&self.state).map_err(error::js)?.rank(self.rank);
        let left = usize::try_from(walk.remaining()).unwrap_or(usize::MAX);
        let mut draws = vec![Draw::default(); count.min(left)];
        let filled = walk.fill(&mut draws);
        self.state = walk.state();
        self.done += filled as u64;
        draws.truncate(filled);
        Ok(draws)
    }

    /// How many draws were taken.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// The document row of a draw.
    ///
    /// # Panics
    /// If the walk has no members.
    pub fn row(&self, draw: &Draw) -> u64 {
        self.members.as_ref().map_or_else(|| unreachable!("a walk with members"), |members| members.row(draw))
    }
}

#[wasm_bindgen]
impl Walk {
    /// How many draws are left.
    #[wasm_bindgen(getter)]
    pub fn remaining(&self) -> Result<f64, JsValue> {
        let walk = self.order.resume(&self.state).map_err(error::js)?;
        Ok(walk.rank(self.rank).remaining() as f64)
    }

    /// The next draws, four numbers each; fewer than `count` at the end only.
    pub fn next(&mut self, count: usize) -> Result<Vec<f64>, JsValue> {
        let draws = self.draws(count)?;
        Ok(fours(&draws, self.members.as_deref()))
    }

    /// Where the walk is, as JSON: one state resumes any number of ranks.
    pub fn state(&self) -> String {
        serde_json::to_string(&self.state).unwrap_or_default()
    }
}
