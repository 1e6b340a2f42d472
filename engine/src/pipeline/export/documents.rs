//! Documents as lines of files.

use clusterclip_core::error::{Explain, Kind, Names, Param};
use clusterclip_core::format::order::{ClusterLine, OrderLine};
use clusterclip_core::monitor::CancelFlag;

use std::fmt;

use super::blocks::Item;
use super::shards::Lines;
use super::table::{Entry, Table};
use crate::error::Result;
use crate::input::RandomAccess;

/// An id that cannot stand on a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct IdOfLines {
    /// The document's row.
    pub document: u64,
    /// Its id.
    pub id: String,
}

impl Explain for IdOfLines {
    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let export = names(Param::Export);
        write!(
            f,
            "{export} ids: the id of row {} holds a line break ({:?}); {export} table writes ids of any kind",
            self.document, self.id
        )
    }
}

clusterclip_core::explained!(IdOfLines);

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The document at its place in the order.
    Order,
    /// The document, in its cluster's file.
    Cluster,
    /// The record that it was read from.
    Record,
    /// Its id.
    Id,
}

/// The documents, as they are read again.
pub struct Documents<'a> {
    /// What is known of them.
    pub table: &'a Table,
    /// Their labels.
    pub labels: &'a [i32],
    /// Their texts, where an input is read.
    pub access: Option<&'a RandomAccess<'a>>,
}

impl Documents<'_> {
    /// The label of a document; one that is drawn has a cluster.
    pub fn cluster(&self, document: u64) -> i32 {
        self.labels[document as usize]
    }

    /// The text of a document.
    pub fn text(&self, entry: &Entry, cancel: &CancelFlag) -> Result<String> {
        self.access.map_or_else(|| Ok(String::new()), |access| access.get(&entry.place, cancel))
    }

    /// Makes lines of items.
    pub fn lines(&self, items: &[Item], form: Form, cancel: &CancelFlag) -> Result<Lines> {
        let mut lines = Lines::default();
        for item in items {
            self.line(item, form, &mut lines.bytes, cancel)?;
            lines.ends.push(lines.bytes.len());
        }
        Ok(lines)
    }

    fn line(&self, item: &Item, form: Form, out: &mut Vec<u8>, cancel: &CancelFlag) -> Result<()> {
        let Item { document, repetition } = *item;
        let entry = self.table.get(document)?;
        let (id, source, cluster) = (&*entry.id, &*entry.source, self.cluster(document));
        match form {
            Form::Order => {
                let text = &self.text(&entry, cancel)?;
                OrderLine { document, id, source, cluster, repetition, text }.write(out);
            }
            Form::Cluster => {
                let text = &self.text(&entry, cancel)?;
                ClusterLine { document, id, source, cluster, text }.write(out);
            }
            Form::Record => {
                if let Some(access) = self.access {
                    out.extend_from_slice(&access.record(&entry.place, cancel)?);
                }
                out.push(b'\n');
            }
            Form::Id if id.contains(['\n', '\r']) => {
                return Err(IdOfLines { document, id: id.to_owned() }.into());
            }
            Form::Id => {
                out.extend_from_slice(id.as_bytes());
                out.push(b'\n');
            }
        }
        Ok(())
    }
}
