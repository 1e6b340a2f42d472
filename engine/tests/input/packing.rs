//! Packed files: members, frames, padding, and what may follow them.

use super::*;

const ONE: &[u8] = b"{\"text\":\"one\"}\n";
const TWO: &[u8] = b"{\"text\":\"two\"}\n";

/// A frame of zstd that is to be passed over, as parallel compressors write them.
fn skippable() -> Vec<u8> {
    [&b"\x5E\x2A\x4D\x18\x05\0\0\0"[..], b"words"].concat()
}

/// A packing: its ending, one member of both records, and where there is an encoder one member of each.
fn packings() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let both = [ONE, TWO].concat();
    vec![
        ("gz", vec![gzip(&both), [gzip(ONE), gzip(b""), gzip(TWO)].concat()]),
        ("zst", vec![zstd(&both), [zstd(ONE), skippable(), zstd(TWO)].concat()]),
        ("bz2", vec![bzip2(&both), [bzip2(ONE), bzip2(b""), bzip2(TWO)].concat()]),
        ("xz", vec![XZ.to_vec()]),
    ]
}

#[test]
fn members_frames_and_padding_change_nothing() {
    let folder = Folder::new();
    for (ending, packed) in packings() {
        let mut files = packed.clone();
        files.extend(packed.iter().map(|bytes| [&bytes[..], &[0; 12]].concat()));
        files.extend(packed.iter().map(|bytes| [&bytes[..], &[0; 300_000]].concat()));
        if ending == "zst" {
            files.push([skippable(), packed[1].clone(), skippable(), skippable()].concat());
        }
        for bytes in files {
            let path = folder.write(&format!("a.jsonl.{ending}"), &bytes);
            let (documents, summary) = read(&path, Options::default()).unwrap();
            assert_eq!(texts(&documents), ["one", "two"], "{ending}");
            assert_eq!(summary.source_bytes, bytes.len() as u64);
            let mut corpus = open(&path, Options::default()).unwrap();
            assert_eq!(corpus.hash_inputs(&Monitor::silent()).unwrap(), summary.input_hash);
        }
        let twice = [&packed[0][..], &[0; 8], &packed[0]].concat();
        let path = folder.write(&format!("b.jsonl.{ending}"), twice);
        let (documents, _) = read(&path, Options::default()).unwrap();
        assert_eq!(texts(&documents), ["one", "two", "one", "two"], "{ending}");
    }
}

#[test]
fn what_follows_the_packed_data_is_an_error_that_says_where() {
    let folder = Folder::new();
    for (ending, packed) in packings() {
        for rest in [&b"\0\0{\"text\":\"three\"}\n"[..], b"Words that were appended", b"x"] {
            let zeros = rest.iter().take_while(|&&byte| byte == 0).count();
            let path = folder.write(&format!("a.jsonl.{ending}"), [&packed[0], rest].concat());
            let message = failure(read(&path, Options::default()));
            let at = packed[0].len() + zeros;
            assert!(message.contains(&format!("a.jsonl.{ending}: after 30 bytes of text")), "{message}");
            assert!(message.contains(&format!("follow from byte {at} of the file on")), "{message}");
            assert!(message.contains(&format!("(head -c {at})")), "{message}");
        }
    }
}

#[test]
fn cut_and_damaged_files_name_file_packing_and_place() {
    let folder = Folder::new();
    for (ending, packed) in packings() {
        let whole = &packed[0];
        let name = format!("a.jsonl.{ending}");
        let message = |bytes: &[u8]| failure(read(&folder.write(&name, bytes), Options::default()));
        for left in [whole.len() / 2, whole.len() - 1] {
            let cut = message(&whole[..left]);
            assert!(cut.contains(&name) && cut.contains("bytes of text"), "{cut}");
            assert!(cut.contains("is cut off"), "{cut}");
        }
        // A short frame of zstd holds its bytes as they are, and no sum of them.
        if ending != "zst" {
            let mut damaged = whole.clone();
            let middle = damaged.len() / 2;
            damaged[middle..middle + 4].fill(0xAA);
            let damaged = message(&damaged);
            assert!(damaged.contains(&name) && damaged.contains("bytes of text"), "{damaged}");
        }
        assert!(message(ONE).contains("does not begin as such"));
    }
}

#[test]
fn packed_bytes_under_a_plain_name_are_told() {
    let folder = Folder::new();
    for (ending, packed) in packings() {
        let path = folder.write("named.txt", &packed[0]);
        let message = failure(read(&path, Options::default()));
        assert!(message.contains(&format!("add .{ending} to its name")), "{message}");
    }
}

#[test]
fn the_name_under_the_packing_decides() {
    let folder = Folder::new();
    let lines = [ONE, TWO].concat();
    let text = |name: &str, bytes: Vec<u8>| {
        let documents = read(&folder.write(name, bytes), Options::default()).unwrap().0;
        texts(&documents).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(text("a.csv.bz2", bzip2(b"text\none\n")), ["one"]);
    assert_eq!(text("a.txt.bz2", bzip2(&lines)), [String::from_utf8(lines.clone()).unwrap()]);
    assert_eq!(text("wiki_00.bz2", bzip2(&lines)), ["one", "two"]);
    assert_eq!(text("a.json.gz", gzip(&lines)), ["one", "two"]);
}

#[test]
fn a_text_that_unpacks_beyond_the_limit_stops_there() {
    let folder = Folder::new();
    let long = vec![b'a'; 65 << 20];
    let packed = folder.write("a.txt.zst", zstd(&long));
    let plain = folder.write("b.txt", &long);
    for path in [&packed, &plain] {
        let message = failure(read(path, Options::default()));
        assert!(message.contains("is a text of more than 64 MiB, the limit for one document"), "{message}");
        assert!(message.contains("--lines reads one a line, --format its records"), "{message}");
        let lines = Options { lines: true, ..Options::default() };
        assert_eq!(read(path, lines).unwrap().0[0].text.len(), 65 << 20);
    }
}

/// A file of a few KB that asks for a gigabyte, each in its own way.
#[test]
fn a_small_packed_file_may_not_ask_for_any_amount_of_memory() {
    let folder = Folder::new();
    let line = [b"{\"text\": \"", &vec![b'a'; 257 << 20][..], b"\"}\n"].concat();
    let message = failure(read(&folder.write("a.jsonl.zst", zstd(&line)), Options::default()));
    assert!(message.contains("a.jsonl.zst:1: a document of more than 268435456 bytes"), "{message}");
    // A frame whose window is the number of bytes that its last byte says, with one block of bytes as they are.
    let framed = |window: u8| {
        [b"\x28\xB5\x2F\xFD\0", &[window, 1 | 14 << 3, 0, 0][..], b"{\"text\":\"one\"}"].concat()
    };
    let (of_256_mib, of_512_mib) = (framed(18 << 3), framed(19 << 3));
    assert_eq!(
        texts(&read(&folder.write("a.jsonl.zst", of_256_mib), Options::default()).unwrap().0),
        ["one"]
    );
    let message = failure(read(&folder.write("a.jsonl.zst", of_512_mib), Options::default()));
    assert!(message.contains("a.jsonl.zst") && message.contains("too much memory"), "{message}");
}
