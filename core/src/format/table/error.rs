//! What can be wrong with a header.

/// Why the first record of a table does not name the columns. It stops the reading of the table: no record can be
/// understood without.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// There is no record at all.
    #[error("no header: the first record must name the columns")]
    Missing,
    /// A quote of the header is not closed.
    #[error("a quote in the header is not closed: the first record must name the columns")]
    Unclosed,
    /// The header is not UTF-8.
    #[error("the header is not UTF-8; convert the file: iconv -f LATIN1 -t UTF-8")]
    Utf8,
    /// Two columns that are wanted have one name.
    #[error("two columns are called `{name}`; rename one of them")]
    Twice {
        /// The name.
        name: String,
    },
    /// No column is known to hold the text.
    #[error(
        "no column `text`, `content` or `prompt` with `output`; the header (the first record, which names the columns) has {columns}; name the column of the text with --text-field; cells are separated by commas (--format csv) or tabs (--format tsv)"
    )]
    NoText {
        /// The columns there are.
        columns: String,
    },
    /// A column that was asked for is not there.
    #[error("no column `{name}` ({option}); the header (the first record) has {columns}")]
    NoColumn {
        /// The column that was asked for.
        name: String,
        /// The option that asked for it.
        option: &'static str,
        /// The columns there are.
        columns: String,
    },
}
