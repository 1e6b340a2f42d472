//! Documents as lines of files.

use std::collections::HashMap;
use std::fmt;

use clusterclip_core::error::{Explain, Kind, Names, Param};
use clusterclip_core::format::cut::At;
use clusterclip_core::format::order::{ClusterLine, OrderLine};

use super::Order;
use super::arrange::Found;
use super::names::Named;
use crate::error::Result;
use crate::input::KeptRows;

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

/// Makes lines of documents.
#[derive(Clone, Copy)]
pub struct Records<'a> {
    /// The order.
    pub order: Order<'a>,
    /// The rows of columnar sources, where records are made of them.
    pub kept: &'a HashMap<u32, KeptRows>,
    /// What a line says.
    pub form: Form,
}

impl Records<'_> {
    /// Appends the line of a document and its end to `out`.
    pub fn write(&self, found: &Found<'_>, repetition: u64, out: &mut Vec<u8>) -> Result<()> {
        let Found { named: Named { document, id, source, .. }, text, .. } = *found;
        let cluster = self.order.cluster(document);
        match self.form {
            Form::Order => OrderLine { document, id, source, cluster, repetition, text }.write(out),
            Form::Cluster => ClusterLine { document, id, source, cluster, text }.write(out),
            Form::Record => {
                self.record(found, out)?;
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

    /// Appends the record of a document, as JSON on one line: the bytes of a JSON line as they are, and JSON made of the
    /// row of a table.
    fn record(&self, found: &Found<'_>, out: &mut Vec<u8>) -> Result<()> {
        let json = match (found.named.place.at, self.order.corpus) {
            (At::Row(row), _) => self.kept.get(&found.named.place.source).and_then(|rows| rows.json(row)),
            (At::Bytes { .. }, Some(corpus)) => Some(corpus.json(&found.named.place, found.raw)?),
            (At::Bytes { .. }, None) => None,
        };
        // A source without a column that can be kept has empty records.
        out.extend_from_slice(json.as_deref().unwrap_or(b"{}"));
        Ok(())
    }
}
