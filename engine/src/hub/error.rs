//! Why the hub gave nothing.

/// Why the hub did not give a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The cache alone is to be used.
    #[error("{variable} is set")]
    Offline {
        /// The variable that says so.
        variable: &'static str,
    },
    /// The hub took too long.
    #[error("no answer in time ({variable} sets it)")]
    NoAnswer {
        /// The variable that says how long.
        variable: &'static str,
    },
    /// The thread that downloads has ended.
    #[error("the download ended without a word")]
    Ended,
    /// The client cannot be set up.
    #[error("{0}")]
    Client(String),
    /// A file cannot be fetched.
    #[error("cannot fetch {url}: {reason}")]
    Fetch {
        /// Where it should be.
        url: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The hub cannot be asked.
    #[error("cannot ask for {url}: {reason}")]
    Ask {
        /// For what.
        url: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The hub has been asked, and refuses.
    #[error("{reason} ({url})")]
    Refused {
        /// What was asked for.
        url: String,
        /// Why, and what to do.
        reason: String,
    },
}

impl HubError {
    /// Whether the cache may stand for the hub: it did not answer, or has failed itself.
    pub(crate) fn is_of_network(&self) -> bool {
        !matches!(self, Self::Refused { .. })
    }
}
