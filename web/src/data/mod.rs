//! The module that a page begins with: documents, rows, clusters on the CPU, orders.

mod clustering;
mod documents;
mod embeddings;
mod lines;
mod npy;
mod ready;
mod sampler;
mod versions;
mod walk;
