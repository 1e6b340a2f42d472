//! Downloads that break off, and go on from what has come.

use super::*;

#[test]
fn half_a_file_is_never_taken_for_the_whole() {
    for (path, fault) in [
        ("a.csv", Fault::Half),
        ("a.csv", Fault::HalfUntold),
        ("a.csv", Fault::Hang),
        ("b.parquet", Fault::Half),
    ] {
        let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
        let dir = temporary.path();
        let bytes = csv("a text that is long enough to be cut in two");
        hub.publish(ID, "main", NEWEST, &[(path, &bytes)]);
        hub.fault(path, Some(fault));
        let command = &mut embed(dir, &hub, &format!("x|hf://datasets/owner/data/{path}"));
        let ended = program::finish(command.env("HF_HUB_DOWNLOAD_TIMEOUT", "1"));
        ended.assert_failed(1, &["cannot fetch", path, "the same command goes on"]);
        assert!(!dir.join("x").exists());
        hub.fault(path, None);
        hub.asked();
        let again = run(dir, &hub, &format!("out|hf://datasets/owner/data/{path}"));
        // What is called Parquet here is none.
        if path == "a.csv" {
            again.assert_done();
            assert_reads(dir, "out", &[(path, &bytes)]);
        }
        let from = hub.asked().iter().find_map(|asked| asked.from);
        assert!(from.is_some_and(|from| from > 0), "{path} {fault:?} begins again at {from:?}");
    }
}

#[test]
fn a_file_of_another_length_than_listed_is_refused() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    hub.publish(ID, "main", NEWEST, &[("a.csv", b"text\nx\n")]);
    hub.claim_size(ID, "a.csv", 5);
    run(dir, &hub, "x|hf://datasets/owner/data").assert_failed(1, &["more than the 5 bytes"]);
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_download_ends_at_once_and_goes_on_later() {
    use std::time::Duration;

    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let data: Vec<u8> =
        (0..20_000).flat_map(|n| format!("{{\"text\": \"text {n}\"}}\n").into_bytes()).collect();
    hub.publish(ID, "main", NEWEST, &[("a.jsonl", &data)]);
    hub.fault("a.jsonl", Some(Fault::Hang));
    let mut command = embed(dir, &hub, "out|hf://datasets/owner/data");
    let ended = program::interrupted(&mut command, || {
        hub.wait_for("a.jsonl");
        // Half of the file comes before the hub hangs.
        std::thread::sleep(Duration::from_millis(300));
    });
    let ended = ended.assert_calm();
    assert_eq!(ended.code, Some(130), "{ended}");
    assert!(ended.stderr.contains("interrupted"), "{ended}");
    assert!(!dir.join("out").exists());
    hub.fault("a.jsonl", None);
    hub.asked();
    run(dir, &hub, "out|hf://datasets/owner/data").assert_done();
    let from = hub.asked().iter().find_map(|asked| asked.from);
    assert_eq!(from, Some(data.len() / 2), "it goes on from what has come");
    assert_reads(dir, "out", &[("a.jsonl", &data)]);
}
