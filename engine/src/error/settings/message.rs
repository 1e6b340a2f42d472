//! What is said of settings that do not go together.

use std::fmt;

use clusterclip_core::error::{Names, Param, said};

use super::SettingsError;
use crate::store::EMBEDDINGS;

impl SettingsError {
    /// Writes the message.
    pub(super) fn message(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
            Self::NoCentroids { rule, path } => write!(
                f,
                "{0} {rule}: compares the centroids of clusters, and {1} has none: sample a folder in which rows were \
                 clustered, or use {0} equal, size or a file that lists them",
                names(Param::Weights),
                path.display()
            ),
            Self::Unscored => write!(
                f,
                "{} score: the documents need scores: name the field that holds them with {}",
                names(Param::Within),
                names(Param::ScoreField)
            ),
            Self::OfScores { field } => {
                let (field_of, within) = (names(Param::ScoreField), names(Param::Within));
                write!(f, "{field_of} {field}: is for {within} score only; leave it out, or add that")
            }
            Self::NoScores { path } => write!(
                f,
                "{} score: the documents in {} were embedded without scores; embed them with {} and the field that \
                 holds them",
                names(Param::Within),
                path.display(),
                names(Param::ScoreField)
            ),
            Self::ScoresElsewhere { path } => write!(
                f,
                "{} score: {} holds clusters alone, and scores are kept where the documents were embedded: cluster in \
                 that folder, without another for the results",
                names(Param::Within),
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
            Self::RanksOfNone => write!(
                f,
                "{} ranks: how many trainers share the order? Say it with {}",
                names(Param::Export),
                names(Param::WorldSize)
            ),
            Self::RanksOfRank { rank } => write!(
                f,
                "{} ranks writes the positions of all trainers, but {} {rank} asks for an order of one: drop one of them",
                names(Param::Export),
                names(Param::Rank)
            ),
            Self::NoTexts { kind } => write!(
                f,
                "{} {kind} writes documents, which a folder of results does not hold: name with {} what was embedded",
                names(Param::Export),
                names(Param::Input)
            ),
            Self::LabelsHaveNone { kind, path } => write!(
                f,
                "{} {kind}: {} holds labels, and nothing says which documents they are of; embed and cluster these \
                 first, or use the forms without texts: ids, table, ranks",
                names(Param::Export),
                path.display()
            ),
            Self::NoDocuments { path } => write!(
                f,
                "{}: {} holds no documents.parquet, which says where its documents are; export from the folder that they were \
                 embedded into",
                names(Param::Input),
                path.display()
            ),
            Self::OtherInput { path } => write!(
                f,
                "{}: this is not what was embedded in {}: files were changed, added or removed, or other ones are named; \
                 name the same again",
                names(Param::Input),
                path.display()
            ),
            Self::ClustersElsewhere { path } => write!(
                f,
                "{} holds documents that joined the clusters of another folder: name that folder",
                path.display()
            ),
            Self::EmbeddedElsewhere { path } => write!(
                f,
                "{} holds clusters but not what its documents were embedded with: cluster in the folder that they were \
                 embedded into, and name that",
                path.display()
            ),
            Self::NothingToJoin => write!(
                f,
                "there is nothing to join: name documents, or rows with {}",
                names(Param::Embeddings)
            ),
            Self::IntoSource { path } => write!(
                f,
                "{} {}: that folder is read; name another one for the results",
                names(Param::Out),
                path.display()
            ),
            Self::RowsNeeded { path } => write!(
                f,
                "{} was clustered by rows that were given: give those of the later documents with {}, from the same \
                 embedder",
                path.display(),
                names(Param::Embeddings)
            ),
            Self::RowsNotNeeded { path, file } => write!(
                f,
                "{} {}: {} was clustered by rows that were embedded here, and so must later documents be: leave {} out",
                names(Param::Embeddings),
                file.display(),
                path.display(),
                names(Param::Embeddings)
            ),
            Self::ModelNeeded { path } => write!(
                f,
                "{} was clustered by rows of a model: name that model with {}",
                path.display(),
                names(Param::Embedder)
            ),
            Self::OtherEmbedder { path, embedder, why } => write!(
                f,
                "{} {embedder} is not what {} was embedded with ({why}): its rows would mean something else",
                names(Param::Embedder),
                path.display()
            ),
            Self::OtherClustering { path, other } => write!(
                f,
                "{} and {} are of different clusters: one order is drawn over a folder and those whose documents joined \
                 its clusters",
                path.display(),
                other.display()
            ),
            Self::SeveralLabels { path } => write!(
                f,
                "{} is a file: one order is drawn over one file of labels, or over several folders",
                path.display()
            ),
            Self::ExportOfSeveral { kind } => write!(
                f,
                "{} {kind}: an order over several folders is written as order.npy alone",
                names(Param::Export)
            ),
            Self::TooManyShards { limit } => write!(
                f,
                "{}: the order comes to more than {limit} files, the most there may be; take a larger size",
                names(Param::ShardSize)
            ),
            Self::NoOutOfSeveral => write!(
                f,
                "one order over several folders lies in none of them: say with {} DIR where it goes",
                names(Param::Out)
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
