//! Everything of clusterclip that lies between files and the portable core, and is no terminal.
//!
//! Documents stream in through [`input`], [`tasks`] join it with `clusterclip-core`, results appear in a
//! folder through [`store`]. What to do comes as plain settings ([`settings`]), what happens goes out as the events of
//! [`clusterclip_core::monitor`]; whoever calls renders them, and stops the work through its cancel flag.

mod check;
pub mod device;
pub mod error;
mod fence;
mod hub;
pub mod human;
pub mod input;
mod models;
mod pipeline;
pub mod settings;
pub mod store;
pub mod tasks;
