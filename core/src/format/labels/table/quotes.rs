//! Whether a table uses quotes.

/// Finds whether a table uses quotes, where that is not sure: it does if every cell that begins with one ends with one.
#[derive(Debug, Clone)]
pub struct Quotes {
    delimiter: u8,
    /// Bytes of the cell so far, whether it begins with a quote, and whether its last byte is one.
    length: usize,
    begins: bool,
    ends: bool,
    open: bool,
}

impl Quotes {
    /// Starts at the beginning of a table.
    ///
    /// ```
    /// use clusterclip_core::format::labels::Quotes;
    /// let used = |table: &[u8]| {
    ///     let mut quotes = Quotes::new(b'\t');
    ///     quotes.push(table);
    ///     quotes.are_used()
    /// };
    /// assert!(used(b"a\t\"b c\"\n\"d\"\te"));
    /// assert!(!used(b"a\t\"b c\nd\te\n"));
    /// ```
    pub fn new(delimiter: u8) -> Self {
        Self { delimiter, length: 0, begins: false, ends: false, open: false }
    }

    /// Looks at the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == self.delimiter || matches!(byte, b'\n' | b'\r') {
                self.end();
                continue;
            }
            self.begins |= self.length == 0 && byte == b'"';
            self.ends = byte == b'"';
            self.length += 1;
        }
    }

    /// Whether quotes are used, as far as was looked.
    pub fn are_used(mut self) -> bool {
        self.end();
        !self.open
    }

    fn end(&mut self) {
        self.open |= self.begins && !(self.ends && self.length > 1);
        (self.length, self.begins, self.ends) = (0, false, false);
    }
}
