//! Settings that do not go together, or not with what they name.

use std::fmt;
use std::path::PathBuf;

use clusterclip_core::error::{Explain, Kind, Names, Param, said};
use clusterclip_core::kmeans::RowError;
use clusterclip_core::sampler::WeightRule;

use crate::store::EMBEDDINGS;

/// Why what is asked for cannot be done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// An adapter is named, and the CPU is asked for.
    AdapterOfCpu {
        /// The name.
        adapter: String,
    },
    /// Results of a single file, and no folder for them.
    NoOut {
        /// The file.
        path: PathBuf,
        /// What goes nowhere.
        what: &'static str,
    },
    /// Something is said of given labels, and a folder is read, which has its own.
    OfLabels {
        /// What says it.
        param: Param,
        /// What it says.
        value: String,
        /// The folder.
        path: PathBuf,
    },
    /// A budget in tokens, and nothing that counts them.
    TokensUncounted {
        /// The budget.
        tokens: u64,
    },
    /// Weights that are even in tokens, and nothing that counts them.
    EvenInUncounted,
    /// Something of weights is asked for, and the strategy does not look at clusters.
    OfRandom {
        /// What asks for it.
        param: Param,
        /// What it says.
        value: String,
    },
    /// Something is said of weights that only others have.
    OfRule {
        /// What says it.
        param: Param,
        /// What it says.
        value: String,
        /// The weights that have it.
        rules: &'static str,
    },
    /// Weights that compare centroids, and there are none.
    NoCentroids {
        /// The weights.
        rule: WeightRule,
        /// The labels.
        path: PathBuf,
    },
    /// Rows are given, and nothing but embedding is asked for.
    NothingToEmbed {
        /// The file of rows.
        file: PathBuf,
    },
    /// Two things say how many tokens a document has.
    TwoCounts {
        /// The field that is named.
        field: String,
        /// The tokenizer that is named.
        tokenizer: String,
    },
    /// The file of first rows has not one for each cluster.
    InitRows {
        /// The file.
        init: String,
        /// Its rows.
        rows: u64,
        /// Clusters asked for.
        clusters: u64,
    },
    /// The first rows are of another width.
    InitFeatures {
        /// The file.
        init: String,
        /// Features of its rows.
        found: usize,
        /// Features of the rows to cluster.
        wanted: usize,
    },
    /// A first row cannot be used.
    InitRow {
        /// The file.
        init: String,
        /// The row, from 0.
        row: u64,
        /// What is wrong with it.
        error: RowError,
    },
    /// A variable of the environment names what there is not.
    Variable {
        /// The variable.
        variable: &'static str,
        /// What it names.
        value: String,
        /// Why that cannot be.
        reason: String,
    },
    /// Given rows and documents are not as many.
    GivenRows {
        /// The file of rows.
        file: PathBuf,
        /// Its rows.
        rows: u64,
        /// Documents of the input.
        documents: u64,
    },
    /// The folder's rows lie elsewhere.
    RowsElsewhere {
        /// The folder.
        path: PathBuf,
    },
}

impl Explain for SettingsError {
    fn kind(&self) -> Kind {
        match self {
            Self::AdapterOfCpu { .. }
            | Self::NoOut { .. }
            | Self::OfLabels { .. }
            | Self::TokensUncounted { .. }
            | Self::EvenInUncounted
            | Self::OfRandom { .. }
            | Self::OfRule { .. }
            | Self::NoCentroids { .. }
            | Self::NothingToEmbed { .. }
            | Self::TwoCounts { .. } => Kind::Usage,
            Self::InitRows { .. }
            | Self::InitFeatures { .. }
            | Self::InitRow { .. }
            | Self::Variable { .. }
            | Self::GivenRows { .. }
            | Self::RowsElsewhere { .. } => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AdapterOfCpu { adapter } => write!(
                f,
                "{} {adapter} names a GPU, but {} cpu asks for none: drop one of them",
                names(Param::Adapter),
                names(Param::Device)
            ),
            Self::NoOut { path, what } => {
                write!(f, "{} is a file: say with {} DIR where {what}", path.display(), names(Param::Out))
            }
            Self::OfLabels { param, value, path } => {
                let (option, path) = (names(*param), path.display());
                write!(
                    f,
                    "{option} {value}: {path} is a folder of results, which has its clusters and token counts in \
                     places of its own; {option} is for a file of labels: leave it out"
                )
            }
            Self::TokensUncounted { tokens } => write!(
                f,
                "{} {tokens}: the documents need token counts; name the field that holds them with {}, or a tokenizer \
                 to count with with {} (a model that is named with {} counts too), or use {} or {}",
                names(Param::Tokens),
                names(Param::TokenField),
                names(Param::Tokenizer),
                names(Param::Embedder),
                names(Param::Epochs),
                names(Param::Documents)
            ),
            Self::EvenInUncounted => write!(
                f,
                "{0} tokens: the documents need token counts; name the field that holds them with {1}, or a tokenizer to \
                 count with with {2} (a model that is named with {3} counts too), or use {0} documents",
                names(Param::EvenIn),
                names(Param::TokenField),
                names(Param::Tokenizer),
                names(Param::Embedder),
            ),
            Self::OfRandom { param, value } => write!(
                f,
                "{} {value}: does not go with {} random, which does not look at clusters",
                names(*param),
                names(Param::Strategy)
            ),
            Self::OfRule { param, value, rules } => {
                write!(
                    f,
                    "{} {value}: is for {} {rules} only; name the weights",
                    names(*param),
                    names(Param::Weights)
                )
            }
            Self::NoCentroids { rule, path } => write!(
                f,
                "{0} {rule}: compares the centroids of clusters, and {1} has none: sample a folder in which rows were \
                 clustered, or use {0} equal, size or a file that lists them",
                names(Param::Weights),
                path.display()
            ),
            Self::NothingToEmbed { file } => write!(
                f,
                "{} {} gives the rows: there is nothing to embed; cluster the file itself",
                names(Param::Embeddings),
                file.display()
            ),
            Self::TwoCounts { field, tokenizer } => write!(
                f,
                "{} {field} and {} {tokenizer} both say how many tokens a document has; leave out one of the two",
                names(Param::TokenField),
                names(Param::Tokenizer)
            ),
            Self::InitRows { init, rows, clusters } => write!(
                f,
                "{} {init}: the file has {rows} rows, but {} {clusters} needs one row for each cluster",
                names(Param::Init),
                names(Param::Clusters)
            ),
            Self::InitFeatures { init, found, wanted } => write!(
                f,
                "{} {init}: its rows have {found} features, those to cluster have {wanted}; both must come from one \
                 embedder",
                names(Param::Init)
            ),
            Self::InitRow { init, row, error } => {
                write!(f, "{} {init} row {row}: {}", names(Param::Init), said(error, names))
            }
            Self::Variable { variable, value, reason } => write!(f, "{variable}={value}: {reason}"),
            Self::GivenRows { file, rows, documents } => write!(
                f,
                "{} {}: the file has {rows} rows, but the input has {documents} documents; it must hold one row for \
                 each document, in reading order, also for those that are skipped or empty",
                names(Param::Embeddings),
                file.display()
            ),
            Self::RowsElsewhere { path } => write!(
                f,
                "{} holds documents but no {EMBEDDINGS}: its rows were given with {}; cluster that file itself",
                path.display(),
                names(Param::Embeddings)
            ),
        }
    }
}

clusterclip_core::explained!(SettingsError);
