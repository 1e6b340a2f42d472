//! What the process says and returns when it fails.

use std::process::ExitCode;

use clusterclip_core::error::{Kind, dashed};
use clusterclip_core::monitor::{CancelFlag, Cancelled};
use clusterclip_engine::error::{Error, SettingsError};

use crate::names::spoken;
use crate::signal::INTERRUPTED;
use crate::terminal;

/// The command line asks for something that cannot be meant: exit code 2, before anything is read or written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(String);

impl UsageError {
    /// A mistake, named with the option, the value and what to do.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Standard output was closed by its reader (`| head`): nothing is wrong, and nobody is left to tell.
#[derive(Debug, thiserror::Error)]
#[error("standard output was closed")]
pub struct OutputClosed;

/// Tells a failure on standard error and says which exit code it has.
pub fn tell(error: &anyhow::Error, cancel: &CancelFlag) -> ExitCode {
    if error.is::<OutputClosed>() {
        return ExitCode::SUCCESS;
    }
    let kind = error.downcast_ref().map(Error::kind);
    // A worker that was stopped may report what it was doing instead of why: the flag is the truth.
    if cancel.is_cancelled() || kind == Some(Kind::Cancelled) || error.is::<Cancelled>() {
        eprintln!("interrupted: finished stages are kept; the same command goes on from there");
        return ExitCode::from(INTERRUPTED);
    }
    eprintln!("error: {}", terminal::line(&sentence(error)));
    if kind == Some(Kind::Usage) || error.is::<UsageError>() {
        eprintln!("\nFor more information, try '--help'.");
        return ExitCode::from(2);
    }
    ExitCode::FAILURE
}

/// What an error says, in the words of the command line: the engine's own sentence, else the chain of causes.
pub fn sentence(error: &anyhow::Error) -> String {
    match error.downcast_ref::<Error>() {
        Some(error) => {
            let said = spoken(&error.said(dashed));
            match error.downcast_ref() {
                Some(SettingsError::RowsElsewhere { .. }) => {
                    said + ": clusterclip cluster FILE.npy --out DIR"
                }
                _ => said,
            }
        }
        None => format!("{error:#}"),
    }
}

#[cfg(test)]
mod tests {
    use clusterclip_core::error::Param;
    use clusterclip_engine::error::Within as _;

    use super::*;

    #[test]
    fn errors_of_the_engine_speak_of_options() {
        let error: Result<(), _> = Err(SettingsError::TokensUncounted { tokens: 9 });
        let error = anyhow::Error::from(error.within(|| Param::Epochs).unwrap_err());
        assert!(sentence(&error).starts_with("--epochs: --tokens 9: "), "{error}");
        let elsewhere = Error::from(SettingsError::RowsElsewhere { path: "out".into() });
        let advice = "cluster that file itself: clusterclip cluster FILE.npy --out DIR";
        assert!(sentence(&elsewhere.into()).ends_with(advice));
        assert_eq!(sentence(&anyhow::anyhow!("why").context("what")), "what: why");
    }
}
