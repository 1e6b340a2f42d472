//! The training order with its texts as JSON lines: one document a line, in the order in which it is drawn.

use serde::Serialize;

/// What names the shape of a line.
pub const VERSION: &str = "clusterclip-jsonl/1";

/// One line; its fields are written in this order.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct OrderLine<'a> {
    /// The document's row.
    pub document: u64,
    /// Its id.
    pub id: &'a str,
    /// What it was read from.
    pub source: &'a str,
    /// Its cluster.
    pub cluster: i32,
    /// How often it has been drawn so far, this time included.
    pub repetition: u64,
    /// Its text.
    pub text: &'a str,
}

impl OrderLine<'_> {
    /// Bytes that the line and its end take at least: those of its strings without escapes, and of the rest where its
    /// numbers have one digit. Counted, not written.
    ///
    /// ```
    /// use clusterclip_core::format::order::OrderLine;
    /// let line = OrderLine { document: 3, id: "a:4", source: "a", cluster: 1, repetition: 2, text: "so" };
    /// let mut out = Vec::new();
    /// line.write(&mut out);
    /// assert_eq!(line.least_len(), out.len() as u64);
    /// ```
    pub fn least_len(&self) -> u64 {
        let frame = r#"{"document":0,"id":"","source":"","cluster":0,"repetition":1,"text":""}"#.len() + 1;
        (frame + self.id.len() + self.source.len() + self.text.len()) as u64
    }

    /// Appends the line and its end to `out`.
    ///
    /// ```
    /// use clusterclip_core::format::order::OrderLine;
    /// let mut out = Vec::new();
    /// OrderLine { document: 3, id: "a:4", source: "a", cluster: 1, repetition: 2, text: "so \"x\"" }.write(&mut out);
    /// let line = r#"{"document":3,"id":"a:4","source":"a","cluster":1,"repetition":2,"text":"so \"x\""}"#;
    /// assert_eq!(out, format!("{line}\n").as_bytes());
    /// ```
    ///
    /// # Panics
    /// Never: neither numbers nor strings can fail to be JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(&mut *out, self).expect("numbers and strings are JSON");
        out.push(b'\n');
    }
}

/// A document of a cluster; its fields are written in this order.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ClusterLine<'a> {
    /// The document's row.
    pub document: u64,
    /// Its id.
    pub id: &'a str,
    /// What it was read from.
    pub source: &'a str,
    /// Its cluster.
    pub cluster: i32,
    /// Its text.
    pub text: &'a str,
}

impl ClusterLine<'_> {
    /// Appends the line and its end to `out`.
    ///
    /// ```
    /// use clusterclip_core::format::order::ClusterLine;
    /// let mut out = Vec::new();
    /// ClusterLine { document: 3, id: "a:4", source: "a", cluster: 1, text: "so" }.write(&mut out);
    /// assert_eq!(out, b"{\"document\":3,\"id\":\"a:4\",\"source\":\"a\",\"cluster\":1,\"text\":\"so\"}\n");
    /// ```
    ///
    /// # Panics
    /// Never: neither numbers nor strings can fail to be JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(&mut *out, self).expect("numbers and strings are JSON");
        out.push(b'\n');
    }
}
