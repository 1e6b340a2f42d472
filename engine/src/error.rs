//! What may go wrong between files and the core.

/// What is asked for cannot be meant, whatever the data.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(String);

impl UsageError {
    /// A mistake, named with the value and what to do.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}
