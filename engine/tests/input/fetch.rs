use clusterclip_core::format::cut::At;
use clusterclip_engine::input::{OnBadRecord, Place};

use super::*;

/// Sources of every shape and packing, with their documents.
fn everything(folder: &Folder) -> (Corpus, Vec<Document>) {
    let lines: String = (0..500).map(|i| format!("{{\"id\":{i},\"text\":\"record {i}\"}}\r\n")).collect();
    let rows = (0..500).map(|i| format!("{i},\"table\r\n\"\"{i}\"\"\"\r\n\r\n"));
    let table = std::iter::once("\u{FEFF}id,text\r\n".to_owned()).chain(rows).collect::<String>();
    let lines_of_tabs = table.replace(',', "\t").replace("table\r\n", "table ");
    let inputs = [
        folder.write("a.jsonl", &lines),
        folder.write("b.jsonl.gz", gzip(lines.as_bytes())),
        folder.write("c.jsonl.zst", zstd(lines.as_bytes())),
        folder.write("d.txt", b"\xEF\xBB\xBFwhole \xFF file\n"),
        folder.write("e.txt.gz", gzip(b"packed file")),
        folder.path("d.txt"),
        folder.write("f.csv", &table),
        folder.write("g.csv.gz", gzip(table.as_bytes())),
        folder.write("h.tsv.zst", zstd(lines_of_tabs.as_bytes())),
    ];
    let mut corpus = Corpus::open(&inputs, Options::default(), &Monitor::silent()).unwrap();
    let documents = scan(&mut corpus).unwrap().0;
    assert_eq!(documents.len(), 3003);
    assert_eq!(documents[1503].text, "table\r\n\"0\"");
    (corpus, documents)
}

#[test]
fn chosen_documents_come_back_in_reading_order() {
    let folder = Folder::new();
    let (corpus, documents) = everything(&folder);
    let rows = [1502, 3, 3, 999, 3002, 500, 1000, 1503, 1501, 2250, 0, 1499, 1500];
    let places: Vec<Place> = rows.iter().map(|&row: &usize| documents[row].place).collect();
    let mut seen = Vec::new();
    corpus
        .fetch(&places, &Monitor::silent(), &mut |index, text| {
            let document = &documents[rows[index]];
            assert_eq!(text, document.text);
            seen.push(rows[index]);
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, [0, 3, 3, 500, 999, 1000, 1499, 1500, 1501, 1502, 1503, 2250, 3002]);
}

#[test]
fn a_table_that_was_not_scanned_gives_its_documents_too() {
    let folder = Folder::new();
    let (_, documents) = everything(&folder);
    let inputs: Vec<PathBuf> = ["f.csv", "g.csv.gz"].iter().map(|name| folder.path(name)).collect();
    let unread = Corpus::open(&inputs, Options::default(), &Monitor::silent()).unwrap();
    let place = |row: usize, source| Place { source, ..documents[row].place };
    let places = [place(1600, 0), place(2100, 1)];
    let mut seen = 0;
    let fetched = unread.fetch(&places, &Monitor::silent(), &mut |index, text| {
        assert_eq!(text, documents[[1600, 2100][index]].text);
        seen += 1;
        Ok(())
    });
    fetched.unwrap();
    assert_eq!(seen, 2);
}

#[test]
fn places_are_found_again_from_what_is_written_of_them() {
    let folder = Folder::new();
    let (corpus, documents) = everything(&folder);
    let mut locator = corpus.locator();
    for Document { source, place, .. } in &documents {
        let found = locator.place(source, place.at, place.hash).unwrap();
        assert_eq!(&found, place);
    }
    assert!(
        corpus.locator().place("other.txt", At::Row(0), 0).unwrap_err().to_string().contains("other.txt")
    );
}

/// Reads folders named by number, each with a file of the same name, and brings every document back from what
/// is written of it.
fn all_come_back(name: &str, files: &[&[u8]]) -> (Folder, Corpus, Vec<Place>) {
    let folder = Folder::new();
    let of_file = |number: usize| folder.write(&format!("{number}/{name}"), files[number]);
    let inputs: Vec<PathBuf> =
        (0..files.len()).map(|number| of_file(number).parent().unwrap().to_owned()).collect();
    let options = Options { on_bad_record: OnBadRecord::Skip, ..Options::default() };
    let mut corpus = Corpus::open(&inputs, options, &Monitor::silent()).unwrap();
    // Skipped records are never asked for. That they are located too makes it easier: it is done without them here.
    let mut documents = scan(&mut corpus).unwrap().0;
    documents.retain(|document| !document.skipped);
    let mut locator = corpus.locator();
    let located = documents
        .iter()
        .map(|Document { source, place, .. }| locator.place(source, place.at, place.hash).unwrap());
    let places: Vec<Place> = located.collect();
    let mut seen = Vec::new();
    corpus
        .fetch(&places, &Monitor::silent(), &mut |index, text| {
            assert_eq!(text, documents[index].text);
            seen.push(index);
            Ok(())
        })
        .unwrap();
    seen.sort_unstable();
    assert!(seen.iter().copied().eq(0..documents.len()), "each once");
    (folder, corpus, places)
}

#[test]
fn a_source_whose_first_bytes_give_no_document_is_not_taken_for_an_earlier_one_of_its_name() {
    let record = |text: &str| format!("{{\"text\":\"{text}\"}}\n");
    let bad = |length: usize| format!("{{{}\n", "-".repeat(length));
    let many = |name: &str| (0..200).map(|i| record(&format!("{name} {i}"))).collect::<String>();
    let cases = [
        vec![record("one"), bad(100) + &record("two")],
        vec!["\n".repeat(10), record("one") + &record("two")],
        // The third begins where the second does not yet, so that its documents are looked for in both before it,
        // between and across documents that are there.
        vec![record("one"), bad(50) + &many("two"), record("three") + &many("three, longer")],
        vec!["\n".repeat(1000), bad(5000), many("one"), bad(70) + &many("two"), many("one")],
    ];
    for files in cases {
        let plain: Vec<&[u8]> = files.iter().map(String::as_bytes).collect();
        let (_folder, _corpus, places) = all_come_back("a.jsonl", &plain);
        let (number, place) = (files.len() as u32 - 1, places.last().unwrap());
        assert_ne!(place.source, number, "no place is mistaken, so that the case shows nothing");
        for pack in [gzip, zstd] {
            let packed: Vec<Vec<u8>> = plain.iter().map(|bytes| pack(bytes)).collect();
            let packed: Vec<&[u8]> = packed.iter().map(Vec::as_slice).collect();
            all_come_back(if packed[0].starts_with(b"\x1F") { "a.jsonl.gz" } else { "a.jsonl.zst" }, &packed);
        }
    }
}

#[test]
fn a_change_among_sources_of_one_name_is_told_by_that_name() {
    let (folder, corpus, places) = all_come_back("a.jsonl", &[b"\n\n", b"{\"text\":\"a\"}"]);
    folder.write("1/a.jsonl", "{\"text\":\"b\"}");
    let expected = "one of the inputs called a.jsonl changed since it was read";
    let fetched = corpus.fetch(&places, &Monitor::silent(), &mut |_, _| Ok(()));
    assert!(failure(fetched).contains(expected));
}

/// Other tests of this program open files too, but not hundreds.
#[cfg(target_os = "linux")]
#[test]
fn a_thousand_sources_need_no_thousand_open_files() {
    const N: usize = 1000;
    let folder = Folder::new();
    for number in 0..N {
        let line = format!("{{\"text\":\"record {number}\"}}");
        folder.write(&format!("packed/{number:04}.jsonl.gz"), gzip(line.as_bytes()));
        folder.write(&format!("plain/{number:04}.jsonl"), line);
    }
    let inputs = [folder.path("packed"), folder.path("plain")];
    let mut corpus = Corpus::open(&inputs, Options::default(), &Monitor::silent()).unwrap();
    let documents = scan(&mut corpus).unwrap().0;
    let open = || fs::read_dir("/proc/self/fd").unwrap().count();
    let before = open();
    let places: Vec<Place> = (0..2 * N).map(|i| documents[i * 7 % (2 * N)].place).collect();
    let (mut seen, mut most) = (0, before);
    let fetched = corpus.fetch(&places, &Monitor::silent(), &mut |_, _| {
        (seen, most) = (seen + 1, most.max(open()));
        Ok(())
    });
    fetched.unwrap();
    assert_eq!(seen, 2 * N);
    assert!(most < before + 100, "{before} files were open, then {most}");
}

#[test]
fn a_document_that_changed_is_never_handed_out() {
    let folder = Folder::new();
    let (corpus, documents) = everything(&folder);
    folder.write("a.jsonl", "{\"id\":0,\"text\":\"another\"}");
    folder.write("c.jsonl.zst", zstd(b"{}"));
    for row in [0, 7, 1003] {
        let place = documents[row].place;
        let fetched = corpus.fetch(&[place], &Monitor::silent(), &mut |_, _| Ok(()));
        assert!(failure(fetched).contains("changed since it was read"));
    }
}

#[test]
fn a_row_of_a_source_that_is_read_as_bytes_is_an_error_that_names_it() {
    let folder = Folder::new();
    let (corpus, documents) = everything(&folder);
    for (row, name) in [(0, "a.jsonl"), (500, "b.jsonl.gz"), (1500, "d.txt"), (1503, "f.csv")] {
        let place = Place { at: At::Row(7), ..documents[row].place };
        let expected = format!("{name} is read as bytes: there is no row 7 in it; start again");
        let fetched = failure(corpus.fetch(&[place], &Monitor::silent(), &mut |_, _| Ok(())));
        assert!(fetched.ends_with(&expected), "{fetched}");
    }
    // Its place among sources is found all the same, since rows ascend as bytes do.
    let mut locator = corpus.locator();
    let numbers = [("a.jsonl", 3), ("d.txt", 0), ("d.txt", 1), ("d.txt", 0)];
    let found = numbers.map(|(name, row)| locator.place(name, At::Row(row), 0).unwrap().source);
    assert_eq!(found, [0, 3, 3, 5]);
}
