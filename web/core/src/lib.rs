//! clusterclip in the browser: the module that a page begins with. Documents, rows, clusters on the CPU, orders.

#![cfg(target_arch = "wasm32")]

mod asked;
mod clustering;
mod documents;
mod embeddings;
mod exposed;
mod lines;
mod npy;
mod order;
mod sampler;
mod versions;
mod walk;
