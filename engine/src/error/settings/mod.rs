//! Settings that do not go together, or not with what they name.

mod message;

use std::fmt;
use std::path::PathBuf;

use clusterclip_core::error::{Explain, Kind, Names, Param};
use clusterclip_core::kmeans::RowError;
use clusterclip_core::sampler::WeightRule;

use crate::settings::Export;

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
    /// Weights that compare centroids, and there are none.
    NoCentroids {
        /// The weights.
        rule: WeightRule,
        /// The labels.
        path: PathBuf,
    },
    /// An order by scores, and nothing that has some.
    Unscored,
    /// A column of scores, and an order that looks at none.
    OfScores {
        /// The column.
        field: String,
    },
    /// The documents of a folder were embedded without their scores.
    NoScores {
        /// The folder.
        path: PathBuf,
    },
    /// A folder of clusters whose documents, and so their scores, are in another.
    ScoresElsewhere {
        /// The folder.
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
    /// The positions of all trainers are asked for, and not how many there are.
    RanksOfNone,
    /// The positions of all trainers are asked for, and an order of one of them.
    RanksOfRank {
        /// That one.
        rank: u64,
    },
    /// Texts are to be written in the order, and nothing that they can be read from is named.
    NoTexts {
        /// The form.
        kind: Export,
    },
    /// Something is to be written of documents that are not known: there are labels alone.
    LabelsHaveNone {
        /// The form.
        kind: Export,
        /// The file of labels.
        path: PathBuf,
    },
    /// The folder holds an order of documents that were not read.
    NoDocuments {
        /// The folder.
        path: PathBuf,
    },
    /// The input that is named again is not what was embedded.
    OtherInput {
        /// The folder.
        path: PathBuf,
    },
    /// Documents are to join the clusters of a folder that has those of another.
    ClustersElsewhere {
        /// The folder.
        path: PathBuf,
    },
    /// Documents are to join clusters, and the folder does not tell how to embed them.
    EmbeddedElsewhere {
        /// The folder.
        path: PathBuf,
    },
    /// Nothing is to join.
    NothingToJoin,
    /// Results would go into a folder that is read.
    IntoSource {
        /// The folder.
        path: PathBuf,
    },
    /// The clusters are of given rows, and none are given.
    RowsNeeded {
        /// The folder.
        path: PathBuf,
    },
    /// The clusters are of embedded rows, and rows are given.
    RowsNotNeeded {
        /// The folder.
        path: PathBuf,
        /// The file of rows.
        file: PathBuf,
    },
    /// The clusters are of a model's rows, and no model is named.
    ModelNeeded {
        /// The folder.
        path: PathBuf,
    },
    /// The rows would be of another embedder than those of the clusters.
    OtherEmbedder {
        /// The folder.
        path: PathBuf,
        /// What is named.
        embedder: String,
        /// In what it differs.
        why: String,
    },
    /// One order is asked for over folders whose clusters differ.
    OtherClustering {
        /// A folder.
        path: PathBuf,
        /// A folder of another clustering.
        other: PathBuf,
    },
    /// One order is asked for over files of labels.
    SeveralLabels {
        /// What is no folder.
        path: PathBuf,
    },
    /// One order is asked for over several folders, and no folder for it.
    NoOutOfSeveral,
    /// A form of an order over several folders is asked for.
    ExportOfSeveral {
        /// The form.
        kind: Export,
    },
    /// An order is to be cut into more files than their names can number.
    TooManyShards {
        /// The most there may be.
        limit: usize,
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
            | Self::NoCentroids { .. }
            | Self::Unscored
            | Self::OfScores { .. }
            | Self::NothingToEmbed { .. }
            | Self::TwoCounts { .. }
            | Self::RanksOfNone
            | Self::RanksOfRank { .. }
            | Self::NoTexts { .. }
            | Self::LabelsHaveNone { .. }
            | Self::NothingToJoin
            | Self::IntoSource { .. }
            | Self::SeveralLabels { .. }
            | Self::NoOutOfSeveral
            | Self::TooManyShards { .. }
            | Self::ExportOfSeveral { .. } => Kind::Usage,
            Self::InitRows { .. }
            | Self::InitFeatures { .. }
            | Self::InitRow { .. }
            | Self::Variable { .. }
            | Self::GivenRows { .. }
            | Self::NoDocuments { .. }
            | Self::OtherInput { .. }
            | Self::ClustersElsewhere { .. }
            | Self::EmbeddedElsewhere { .. }
            | Self::RowsNeeded { .. }
            | Self::RowsNotNeeded { .. }
            | Self::ModelNeeded { .. }
            | Self::OtherEmbedder { .. }
            | Self::OtherClustering { .. }
            | Self::RowsElsewhere { .. }
            | Self::NoScores { .. }
            | Self::ScoresElsewhere { .. } => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message(names, f)
    }
}

clusterclip_core::explained!(SettingsError);
