//! What is refused, by the hub or of it, with what to do.

use super::*;

#[test]
fn what_the_hub_refuses_is_told_with_what_to_do() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let data = records("data");
    hub.publish(ID, "main", NEWEST, &[("a.jsonl", &data)]);
    let name = "x|hf://datasets/owner/data";
    for (status, code, says) in [
        (401, "RepoNotFound", &["401", "private or gated", "HF_TOKEN", "home/token"][..]),
        (401, "GatedRepo", &["401", "it is gated", "/datasets/owner/data", "HF_TOKEN", "home/token"]),
        (403, "GatedRepo", &["403", "accept its terms", "HF_TOKEN"]),
        (404, "RepoNotFound", &["no such data set"]),
        (429, "", &["429", "later"]),
        (500, "", &["500", "later"]),
    ] {
        hub.refuse(ID, Some((status, code)));
        run(dir, &hub, name).assert_failed(1, &[&["hf://datasets/owner/data: ", "home/hub"], says].concat());
        assert!(!dir.join("x").exists());
    }
    hub.refuse(ID, None);
    let told = run(dir, &hub, "x|hf://datasets/data/a.jsonl");
    told.assert_failed(1, &["no such data set", "hf://datasets/data@main/a.jsonl"]);
    hub.fault("a.jsonl", Some(Fault::Status(500)));
    run(dir, &hub, name).assert_failed(1, &["cannot fetch", "a.jsonl", "500", "the same command"]);
    hub.fault("a.jsonl", None);
    hub.gate("hf_right");
    run(dir, &hub, name).assert_failed(1, &["401", "HF_TOKEN"]);
    program::finish(embed(dir, &hub, name).env("HF_TOKEN", "hf_right")).assert_done();
}

#[test]
fn the_name_that_was_meant_is_told() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    for (input, says) in [
        ("hf://owner/data", "hf://datasets/owner/data"),
        ("https://huggingface.co/datasets/owner/data", "hf://datasets/owner/data"),
        ("hf://models/owner/data", "only data sets"),
        ("hf://datasets/owner/data/../x", ".."),
    ] {
        run(dir, &hub, &format!("x|{input}")).assert_failed(2, &[input, says]);
    }
    fs::write(dir.join("a.jsonl"), records("a")).expect("a file");
    for option in ["--config", "--revision"] {
        run(dir, &hub, &format!("x|a.jsonl|{option}|en"))
            .assert_failed(2, &[option, "hf://datasets/OWNER/NAME"]);
    }
    assert_eq!(hub.asked(), []);
}

#[test]
fn names_that_lead_out_of_their_folder_are_refused() {
    for path in ["../../../evil.csv", "/evil.csv", "a/../../evil.csv", "a\\evil.csv", "C:/evil.csv"] {
        let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
        let dir = temporary.path();
        hub.publish(ID, "main", NEWEST, &[("a.csv", b"text\nx\n"), (path, b"text\nevil\n")]);
        run(dir, &hub, "x|hf://datasets/owner/data").assert_failed(1, &["such a name is not taken"]);
        assert_eq!(fetched(&hub.asked()), [""; 0]);
    }
}

#[test]
fn what_cannot_fit_is_not_fetched() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    hub.publish(ID, "main", NEWEST, &[("a.csv", b"text\nx\n"), ("b.csv", b"text\ny\n")]);
    hub.claim_size(ID, "b.csv", 1 << 60);
    run(dir, &hub, "x|hf://datasets/owner/data")
        .assert_failed(1, &["1153 PB are to come", "free", "HF_HOME"]);
    assert_eq!(fetched(&hub.asked()), [""; 0]);
}
