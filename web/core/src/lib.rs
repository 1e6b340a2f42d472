//! clusterclip in the browser: the module that a page begins with. Documents, rows, clusters on the CPU, orders.

#![cfg(target_arch = "wasm32")]

mod clustering;
mod documents;
mod embeddings;
mod lines;
mod npy;
mod sampler;
mod versions;
mod walk;
