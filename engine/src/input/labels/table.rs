//! Columns from CSV or TSV: a header line, then a row a line.

use std::io::Read;
use std::path::Path;

use clusterclip_core::format::cut::BOM;
use clusterclip_core::format::labels::{Cell, Quotes, Records, Row};
use clusterclip_core::monitor::Monitor;

use super::Wrong;
use super::columns::Columns;
use super::error::At;
use crate::error::{Error, Result};
use crate::input::given::Given;
use crate::input::packing::Compression;
use crate::input::reader::Reader;

/// Bytes read at a time, and between two looks at the cancel flag.
const CHUNK: u64 = 1 << 20;

pub(super) fn read(
    given: &Given,
    compression: Option<Compression>,
    delimiter: u8,
    columns: &mut impl Columns,
    monitor: &Monitor<'_>,
) -> Result<()> {
    // CSV has quotes; whether TSV has them, only its cells can tell.
    let mut quotes = Quotes::new(delimiter);
    if delimiter == b'\t' {
        pieces(given.reader(compression)?, given.path(), monitor, &mut |bytes| {
            quotes.push(bytes);
            Ok(())
        })?;
    }
    let mut records = Records::new(delimiter, quotes.are_used());
    let mut table = Table { given, columns, places: None, header: Vec::new(), empty: 0 };
    pieces(given.reader(compression)?, given.path(), monitor, &mut |bytes| {
        records.push(bytes, &mut |row| table.row(row)).map_err(|error: Fault| error.on(given))
    })?;
    records.finish(&mut |row| table.row(row)).map_err(|error: Fault| error.on(given))?;
    table.end()
}

/// Hands the bytes of the file to `take`, after its byte order mark.
fn pieces(
    mut reader: Reader,
    path: &Path,
    monitor: &Monitor<'_>,
    take: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let mut chunk = Vec::new();
    let mut first = true;
    loop {
        monitor.check()?;
        chunk.clear();
        let read = reader.by_ref().take(CHUNK).read_to_end(&mut chunk);
        let read = read.map_err(|cause| reader.failed(path.display().to_string(), cause))?;
        let bytes = chunk.strip_prefix(BOM).filter(|_| first).unwrap_or(&chunk);
        take(bytes)?;
        first = false;
        if read < CHUNK as usize {
            return Ok(());
        }
    }
}

/// What goes wrong in a row.
enum Fault {
    Cut(clusterclip_core::format::labels::TableError),
    Other(Error),
}

impl From<clusterclip_core::format::labels::TableError> for Fault {
    fn from(error: clusterclip_core::format::labels::TableError) -> Self {
        Self::Cut(error)
    }
}

impl Fault {
    fn on(self, given: &Given) -> Error {
        match self {
            Self::Cut(error) => Wrong::Table(error).at(given.path(), At::Line(error.line())).into(),
            Self::Other(error) => error,
        }
    }
}

/// A table that is read.
struct Table<'a, C> {
    given: &'a Given,
    columns: &'a mut C,
    /// Which cells hold the columns that are looked for.
    places: Option<Vec<Option<usize>>>,
    /// The header's cells.
    header: Vec<String>,
    /// Empty lines that are no rows.
    empty: u64,
}

impl<C: Columns> Table<'_, C> {
    fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
        self.take(row).map_err(Fault::Other)
    }

    fn take(&mut self, row: Row<'_>) -> Result<()> {
        let path = self.given.path();
        let text = |cell: usize| {
            std::str::from_utf8(row.cell(cell)).map_err(|_| Wrong::Utf8.at(path, At::Line(row.line)))
        };
        let Some(places) = &self.places else {
            let header: Vec<String> =
                (0..row.len()).map(|cell| Ok(text(cell)?.to_owned())).collect::<Result<_>>()?;
            return self.header(header, row.line);
        };
        if row.is_empty() && self.header.len() > 1 {
            self.empty += 1;
            return Ok(());
        }
        // Rows are as long as the header. Taken for a label it would shift all that follow.
        let unmarked = |cell: usize| row.cell(cell).strip_prefix(BOM).unwrap_or(row.cell(cell));
        if !row.is_empty() && (0..row.len()).all(|cell| unmarked(cell) == self.header[cell].as_bytes()) {
            return Err(Wrong::HeaderAgain.at(path, At::Line(row.line)).into());
        }
        let cell = |place: Option<usize>| match place.filter(|_| !row.is_empty()) {
            Some(place) => text(place).map(Cell::Text),
            None => Ok(Cell::Null),
        };
        let cells = places.iter().map(|&place| cell(place)).collect::<Result<Vec<_>, _>>()?;
        if let Cell::Text(label) = cells[0]
            && label.contains(['\n', '\r'])
        {
            return Err(Wrong::LineEnd.at(path, At::Line(row.line)).into());
        }
        self.columns.row(&cells, row.line).map_err(|wrong| wrong.at(path, At::Line(row.line)))?;
        Ok(())
    }

    fn header(&mut self, header: Vec<String>, line: u64) -> Result<()> {
        let path = self.given.path();
        let mut places = Vec::new();
        for field in self.columns.wanted() {
            let mut found = (0..header.len()).filter(|&cell| header[cell] == field);
            places.push(found.next());
            if found.next().is_some() {
                return Err(Wrong::TwoColumns { field }.at(path, At::Line(line)).into());
            }
        }
        let there: Vec<bool> = places.iter().map(Option::is_some).collect();
        self.columns.begin(&there, &header, At::Line).map_err(|wrong| wrong.of(path))?;
        (self.places, self.header) = (Some(places), header);
        Ok(())
    }

    fn end(self) -> Result<()> {
        let path = self.given.path();
        if self.places.is_none() {
            let none = vec![false; self.columns.wanted().len()];
            self.columns.begin(&none, &[], At::Line).map_err(|wrong| wrong.of(path))?;
        }
        if self.empty > 0 {
            let (lines, are) = if self.empty == 1 { ("line", "is no row") } else { ("lines", "are no rows") };
            self.columns.warn(format!("{} empty {lines} between rows of several columns {are}", self.empty));
        }
        Ok(())
    }
}
