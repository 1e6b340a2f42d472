use proptest::prelude::*;

use super::*;

type Rows = Vec<(u64, Vec<String>)>;

fn cut(pieces: &[&[u8]]) -> Result<Rows, TableError> {
    let mut records = Records::new(b',', true);
    let mut rows = Vec::new();
    let mut take = |row: Row<'_>| {
        let cells = (0..row.len()).map(|cell| String::from_utf8_lossy(row.cell(cell)).into_owned());
        rows.push((row.line, cells.collect()));
        Ok(())
    };
    pieces.iter().try_for_each(|piece| records.push(piece, &mut take))?;
    records.finish(&mut take)?;
    Ok(rows)
}

fn rows(rows: &[(u64, &[&str])]) -> Result<Rows, TableError> {
    Ok(rows
        .iter()
        .map(|(line, cells)| (*line, cells.iter().map(|&cell| cell.to_owned()).collect()))
        .collect())
}

#[test]
fn an_empty_line_is_a_row_without_cells() {
    let expected = rows(&[(1, &["c"]), (2, &["a"]), (3, &[]), (4, &["b"]), (5, &[""]), (6, &["x"])]);
    assert_eq!(cut(&[b"c\na\n\nb\n\"\"\nx"]), expected);
    assert_eq!(cut(&[b"c\r\na\r\n\r\nb\r\n\"\"\r\nx\r\n"]), expected);
    assert_eq!(cut(&[b"c\ra\r\rb\r\"\"\rx\r"]), expected);
    assert_eq!(cut(&[b"\n\nc,d\n,\n"]), rows(&[(3, &["c", "d"]), (4, &["", ""])]));
    assert_eq!(cut(&[b"c\n\n\n"]), rows(&[(1, &["c"]), (2, &[]), (3, &[])]));
    assert_eq!(cut(&[b""]), Ok(vec![]));
}

#[test]
fn quotes_that_merge_rows_or_lose_letters_are_errors_with_their_line() {
    assert_eq!(
        cut(&[b"c,d\na,\"x\ny\"\nb,1"]),
        rows(&[(1, &["c", "d"]), (2, &["a", "x\ny"]), (4, &["b", "1"])])
    );
    assert_eq!(cut(&[b"c,d\na,5\" disk\n"]), rows(&[(1, &["c", "d"]), (2, &["a", "5\" disk"])]));
    assert_eq!(cut(&[b"c,d\na,\"x\" y\n"]), Err(TableError::AfterQuote { line: 2, cell: 2 }));
    assert_eq!(cut(&[b"c\n\"a\nb\n"]), Err(TableError::Unclosed { line: 2, cell: 1 }));
    // The next quote closes it, on a later line.
    assert_eq!(cut(&[b"c\n\"a\nb\n\"d\"\n"]), Err(TableError::AfterQuote { line: 4, cell: 1 }));
    assert_eq!(cut(&[b"c\n\"\"\""]), Err(TableError::Unclosed { line: 2, cell: 1 }));
    assert_eq!(cut(&[b"c,d\n1\n"]), Err(TableError::Cells { line: 2, found: 1, wanted: 2 }));
    assert_eq!(cut(&[b"c,d\n1,2,3,4\n"]), Err(TableError::Cells { line: 2, found: 3, wanted: 2 }));
    assert_eq!(cut(&[&b",".repeat(MAX_COLUMNS)]), Err(TableError::Columns { line: 1 }));
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_the_same_rows(
        bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'"'), Just(b','), Just(b'a')], 0..40),
        at in 0usize..40,
    ) {
        let (left, right) = bytes.split_at(at.min(bytes.len()));
        prop_assert_eq!(cut(&[left, right]), cut(&[&bytes]));
    }
}
