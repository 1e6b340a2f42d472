//! Clusters of documents as CSV: the columns of assignments.parquet, for where there is no Parquet.

use csv_core::{WriteResult, Writer};

/// The columns. The last three are empty where they are not known, or there is no cluster.
const COLUMNS: [&str; 6] = ["document", "id", "source", "tokens", "cluster", "similarity"];

/// One document.
#[derive(Debug, Clone, Copy)]
pub struct Assignment<'a> {
    /// Its row.
    pub document: u64,
    /// Its id.
    pub id: &'a str,
    /// What it was read from.
    pub source: &'a str,
    /// Its token count, where that is known.
    pub tokens: Option<u32>,
    /// Its cluster; −1 for none.
    pub cluster: i32,
    /// Its similarity to the cluster's centroid.
    pub similarity: f32,
}

/// Writes a header and assignments as CSV, with line feeds.
///
/// ```
/// use clusterclip_core::format::assignments::{Assignment, Table};
/// let mut table = Table::new();
/// table.push(&Assignment { document: 0, id: "a,b", source: "x", tokens: None, cluster: 2, similarity: 0.5 });
/// table.push(&Assignment { document: 1, id: "c", source: "x", tokens: Some(7), cluster: -1, similarity: 0.0 });
/// let text = "document,id,source,tokens,cluster,similarity\n0,\"a,b\",x,,2,0.5\n1,c,x,7,,\n";
/// assert_eq!(table.into_bytes(), text.as_bytes());
/// ```
#[derive(Debug)]
pub struct Table {
    writer: Writer,
    out: Vec<u8>,
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl Table {
    /// Begins with the header.
    pub fn new() -> Self {
        let mut table = Self { writer: Writer::new(), out: Vec::new() };
        table.record(COLUMNS);
        table
    }

    /// Adds a document.
    pub fn push(&mut self, assignment: &Assignment<'_>) {
        let &Assignment { document, id, source, tokens, cluster, similarity } = assignment;
        let tokens = tokens.map_or(String::new(), |tokens| tokens.to_string());
        let clustered = cluster >= 0;
        let filled = |text: String| if clustered { text } else { String::new() };
        let (cluster, similarity) = (filled(cluster.to_string()), filled(similarity.to_string()));
        self.record([&document.to_string(), id, source, &tokens, &cluster, &similarity]);
    }

    /// The bytes of the file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn record(&mut self, cells: [&str; COLUMNS.len()]) {
        for (i, cell) in cells.into_iter().enumerate() {
            if i > 0 {
                self.written(1, |writer, out| {
                    let (result, written) = writer.delimiter(out);
                    (result, 0, written)
                });
            }
            let mut left = cell.as_bytes();
            while !left.is_empty() {
                // A quote is doubled, and quotes come before and after.
                let read = self.written(2 * left.len() + 2, |writer, out| writer.field(left, out));
                left = &left[read..];
            }
        }
        self.written(4, |writer, out| {
            let (result, written) = writer.terminator(out);
            (result, 0, written)
        });
    }

    /// Lets the writer write at most `room` bytes; gives how many bytes it read.
    fn written(
        &mut self,
        room: usize,
        write: impl FnOnce(&mut Writer, &mut [u8]) -> (WriteResult, usize, usize),
    ) -> usize {
        let before = self.out.len();
        self.out.resize(before + room + 2, 0);
        let (result, read, written) = write(&mut self.writer, &mut self.out[before..]);
        debug_assert!(matches!(result, WriteResult::InputEmpty), "there is room for all that is written");
        self.out.truncate(before + written);
        read
    }
}
