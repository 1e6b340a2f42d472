//! What the errors of all library crates have in common: a [`Kind`], and messages that speak of parameters by
//! whatever names the caller's users know.
//!
//! A library says what went wrong and which parameter is concerned; only a shell knows that a person typed
//! `--world-size`, `worldSize` or `world_size`. So each error writes its message once, through [`Explain`], and a
//! shell brings the [`Names`]. `Display` uses those of this library: [`Param::name`].

use std::error::Error;
use std::fmt;

/// What a caller makes of an error: an exit code, a class of exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Parameters are wrong whatever the data.
    Usage,
    /// The data are wrong, or do not go with the parameters.
    Input,
    /// A file or a network failed.
    Io,
    /// More than memory holds, or than a limit on what is held allows.
    Memory,
    /// A device failed or cannot be used.
    Device,
    /// The work was asked to stop.
    Cancelled,
}

// Names that cross borders between languages.
crate::named!(
    Kind:
    Usage = "usage",
    Input = "input",
    Io = "io",
    Memory = "memory",
    Device = "device",
    Cancelled = "cancelled",
);

macro_rules! params {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// A parameter that errors speak of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Param {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Param {
            /// Every parameter.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in this library and in Python: words joined by `_`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The parameter of that name, its words joined by `_` or `-`.
            pub fn of_name(name: &str) -> Option<Self> {
                let name = name.replace('-', "_");
                Self::ALL.iter().copied().find(|param| param.name() == name)
            }
        }
    };
}

params! {
    Adapter = "adapter",
    Choice = "choice",
    Clip = "clip",
    ClusterField = "cluster_field",
    Clusters = "clusters",
    Config = "config",
    Delimiter = "delimiter",
    Device = "device",
    Documents = "documents",
    DropLast = "drop_last",
    Dtype = "dtype",
    Embedder = "embedder",
    Embeddings = "embeddings",
    Epochs = "epochs",
    EvenIn = "even_in",
    Export = "export",
    Force = "force",
    Format = "format",
    Groups = "groups",
    Hidden = "hidden",
    IdField = "id_field",
    Init = "init",
    Input = "input",
    Lines = "lines",
    MaxIterations = "max_iterations",
    MaxTokens = "max_tokens",
    NoHeader = "no_header",
    Noise = "noise",
    NoiseLabel = "noise_label",
    OnBadRecord = "on_bad_record",
    Out = "out",
    Pooling = "pooling",
    Prefix = "prefix",
    Quote = "quote",
    Rank = "rank",
    Revision = "revision",
    ScoreField = "score_field",
    Seed = "seed",
    ShardSize = "shard_size",
    Shards = "shards",
    Split = "split",
    Strategy = "strategy",
    Temperature = "temperature",
    Template = "template",
    TextField = "text_field",
    Threads = "threads",
    TokenField = "token_field",
    Tokenizer = "tokenizer",
    Tokens = "tokens",
    Tolerance = "tolerance",
    Weights = "weights",
    WhenExhausted = "when_exhausted",
    Within = "within",
    WorldSize = "world_size",
}

/// What a shell's users call a parameter.
pub type Names = fn(Param) -> String;

/// The names of this library.
pub fn plain(param: Param) -> String {
    param.name().to_owned()
}

/// The names on command lines: `--world-size`.
pub fn dashed(param: Param) -> String {
    format!("--{}", param.name().replace('_', "-"))
}

/// The names in warnings that are kept: sentences that read well everywhere, and that [`renamed`] knows again.
pub fn described(param: Param) -> String {
    format!("the parameter `{}`", param.name())
}

/// A kept warning, with a shell's names in place of [`described`] ones.
///
/// ```
/// use clusterclip_core::error::{Param, dashed, described, renamed};
///
/// let kept = format!("{} 5 never acts", described(Param::Clip));
/// assert_eq!(kept, "the parameter `clip` 5 never acts");
/// assert_eq!(renamed(&kept, dashed), "--clip 5 never acts");
/// ```
pub fn renamed(warning: &str, names: Names) -> String {
    Param::ALL.iter().fold(warning.to_owned(), |text, &param| text.replace(&described(param), &names(param)))
}

/// An error that says what it has to say with the names that it is given.
pub trait Explain: Error {
    /// What a caller makes of it.
    fn kind(&self) -> Kind;

    /// Writes the whole message: what, where, and what to do.
    ///
    /// # Errors
    /// Those of the formatter.
    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// Lets the `Display` of an error say its message with the names of this library.
#[macro_export]
macro_rules! explained {
    ($($error:ty),+ $(,)?) => {$(
        impl std::fmt::Display for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::error::Explain::explain(self, $crate::error::plain, f)
            }
        }
    )+};
}

/// Lets an error be explained that speaks of no parameter: its `Display` is the message, and it is of this kind.
#[macro_export]
macro_rules! nameless {
    ($error:ty, |$this:ident| $kind:expr) => {
        impl $crate::error::Explain for $error {
            fn kind(&self) -> $crate::error::Kind {
                let $this = self;
                $kind
            }

            fn explain(&self, _: $crate::error::Names, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    };
    ($error:ty, $kind:expr) => {
        $crate::nameless!($error, |_this| $kind);
    };
}

/// The message of `error` with these names.
pub fn said<'a>(error: &'a dyn Explain, names: Names) -> impl fmt::Display + 'a {
    fmt::from_fn(move |f| error.explain(names, f))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_dashes() {
        assert_eq!(dashed(Param::WorldSize), "--world-size");
    }

    #[test]
    fn names_are_all_different_and_in_order() {
        let names: Vec<&str> = Param::ALL.iter().map(|param| param.name()).collect();
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    }
}
