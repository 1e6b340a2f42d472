//! What other programs write is read as they wrote it, and counted as they count it.

mod counting;
mod exports;
mod reading;
mod shapes;
mod writers;

/// Built by cargo before these tests, from the sources of the `clusterclip` binary.
const PROGRAM: &str = env!("CARGO_BIN_EXE_clusterclip-under-test");

/// Prints the rows of a table, which `--nocapture` shows, and asserts that none has failed.
#[track_caller]
fn told(title: &str, rows: &[(String, Result<String, String>)]) {
    let mut failed = 0;
    let mut table = format!("\n== {title}\n");
    for (name, outcome) in rows {
        let words = outcome.as_ref().unwrap_or_else(|why| {
            failed += 1;
            why
        });
        table += &format!("{} {name} | {words}\n", if outcome.is_ok() { " " } else { "✗" });
    }
    // At once: other tests print theirs.
    println!("{table}");
    assert!(failed == 0 && !rows.is_empty(), "{title}: {failed} of {} are not as they should be", rows.len());
}
