use clusterclip::input::Place;

use super::*;

/// Sources of every shape and packing, with their documents.
fn everything(folder: &Folder) -> (Corpus, Vec<Document>) {
    let lines: String = (0..500).map(|i| format!("{{\"id\":{i},\"text\":\"record {i}\"}}\r\n")).collect();
    let inputs = [
        folder.write("a.jsonl", &lines),
        folder.write("b.jsonl.gz", gzip(lines.as_bytes())),
        folder.write("c.jsonl.zst", zstd(lines.as_bytes())),
        folder.write("d.txt", b"\xEF\xBB\xBFwhole \xFF file\n"),
        folder.write("e.txt.gz", gzip(b"packed file")),
        folder.path("d.txt"),
    ];
    let mut corpus = Corpus::open(&inputs, Options::default(), &Monitor::silent()).unwrap();
    let documents = scan(&mut corpus).unwrap().0;
    assert_eq!(documents.len(), 1503);
    (corpus, documents)
}

#[test]
fn chosen_documents_come_back_in_reading_order() {
    let folder = Folder::new();
    let (corpus, documents) = everything(&folder);
    let rows = [1502, 3, 3, 999, 500, 1000, 1501, 0, 1499, 1500];
    let places: Vec<Place> = rows.iter().map(|&row: &usize| documents[row].place).collect();
    let mut seen = Vec::new();
    corpus
        .fetch(&places, &Monitor::silent(), &mut |index, fetched| {
            let document = &documents[rows[index]];
            assert_eq!(fetched.text, document.text);
            assert_eq!(fetched.is_json, rows[index] < 1500);
            assert_eq!(fetched.raw.len() as u64, document.place.length);
            seen.push(rows[index]);
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, [0, 3, 3, 500, 999, 1000, 1499, 1500, 1501, 1502]);
}

#[test]
fn documents_come_back_in_any_order() {
    let folder = Folder::new();
    let (corpus, documents) = everything(&folder);
    let mut access = corpus.random_access();
    for row in (0..1503).map(|i| i * 1000 % 1503) {
        let fetched = access.get(&documents[row].place, &Monitor::silent()).unwrap();
        assert_eq!(fetched.text, documents[row].text);
    }
}

#[test]
fn places_are_found_again_from_what_is_written_of_them() {
    let folder = Folder::new();
    let (corpus, documents) = everything(&folder);
    let mut locator = corpus.locator();
    for Document { source, place, .. } in &documents {
        let found = locator.place(source, place.offset, place.length, place.hash).unwrap();
        assert_eq!(&found, place);
    }
    assert!(corpus.locator().place("other.txt", 0, 1, 0).unwrap_err().to_string().contains("other.txt"));
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
        let fetched = corpus.random_access().get(&place, &Monitor::silent());
        assert!(failure(fetched).contains("changed since it was read"));
    }
}
