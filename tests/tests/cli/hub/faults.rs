//! What the hub refuses, and downloads that break off.

use clusterclip_tests::hub::etag;

use super::*;

#[test]
fn what_the_hub_refuses_is_told_with_what_to_do() {
    let (folder, hub) = (with_sample(), hub(&BERT));
    let dir = folder.path();
    for (status, says) in [
        (401, &["401", "private or gated", "HF_TOKEN", "home/token"][..]),
        (403, &["403", "private or gated", "HF_TOKEN", "home/token"]),
        (429, &["429", "later"]),
        (500, &["500", "later"]),
        (503, &["503", "later"]),
    ] {
        hub.fault(WEIGHTS, Some(Fault::Status(status)));
        let says = [&SAYS[..], &["cannot fetch", "model.safetensors"], says].concat();
        run(dir, &hub, "--out out").assert_failed(1, &says);
        assert!(!dir.join("out").exists());
    }
}

#[test]
fn a_token_comes_from_the_variable_or_from_the_file_of_a_login() {
    let (folder, hub) = (with_sample(), hub(&BERT));
    let dir = folder.path();
    hub.gate("hf_right");
    run(dir, &hub, "--out out").assert_failed(1, &["401", "HF_TOKEN"]);
    fs::create_dir_all(dir.join("home")).expect("a folder");
    fs::write(dir.join("home/token"), "hf_wrong\n").expect("a file");
    run(dir, &hub, "--out out").assert_failed(1, &["401", "HF_TOKEN"]);
    assert!(hub.asked().iter().any(|asked| asked.token.as_deref() == Some("hf_wrong")));
    // The variable comes first, unless it is empty.
    let with = |token: &str, out: &str| program::finish(embed(dir, &hub, out).env("HF_TOKEN", token));
    with("hf_right", "--out one").assert_done();
    fs::remove_dir_all(dir.join("home/hub")).expect("the cache");
    fs::write(dir.join("home/token"), "hf_right\n").expect("a file");
    with(" ", "--out two").assert_done();
    results::assert_same(&dir.join("one"), &dir.join("two"));
}

#[test]
fn half_a_file_is_never_taken_for_the_whole() {
    for (name, fault) in [
        (WEIGHTS, Fault::Half),
        ("tokenizer.json", Fault::Half),
        (WEIGHTS, Fault::HalfUntold),
        ("tokenizer.json", Fault::HalfUntold),
    ] {
        let (folder, hub) = (with_sample(), hub(&BERT));
        let dir = folder.path();
        hub.fault(name, Some(fault));
        let says = [&SAYS[..], &["cannot fetch", name, "the same command"]].concat();
        run(dir, &hub, "--out out").assert_failed(1, &says);
        assert!(!dir.join("out").exists());
        hub.fault(name, None);
        hub.asked();
        run(dir, &hub, "--out out").assert_done();
        let from = hub.asked().iter().filter(|asked| asked.file == name).find_map(|asked| asked.from);
        let half = fs::read(model("bert").join(name)).expect("a file").len() / 2;
        assert_eq!(from, Some(if matches!(fault, Fault::Half) { half } else { 0 }), "{name} {fault:?}");
        assert_as_from_the_folder(dir, "out");
    }
}

/// As a program leaves it that is killed before it gives the whole file its name.
#[test]
fn what_an_earlier_download_left_and_does_not_fit_is_told() {
    let (folder, hub) = (with_sample(), hub(&BERT));
    let dir = folder.path();
    let weights = fs::read(model("bert").join(WEIGHTS)).expect("a file");
    let blobs = dir.join("home/hub/models--owner--small/blobs");
    let part = blobs.join(etag(&weights)).with_extension("part");
    fs::create_dir_all(&blobs).expect("a folder");
    for left in [weights.clone(), [&weights[..], b"more"].concat()] {
        fs::write(&part, left).expect("a file");
        run(dir, &hub, "--out out").assert_failed(1, &[&SAYS[..], &["blobs", "*.part"]].concat());
    }
    fs::remove_file(&part).expect("it is there");
    run(dir, &hub, "--out out").assert_done();
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_download_ends_at_once_and_goes_on_later() {
    let (folder, hub) = (with_sample(), hub(&BERT));
    let dir = folder.path();
    hub.fault(WEIGHTS, Some(Fault::Hang));
    let interrupted = program::interrupted(&mut embed(dir, &hub, "--out out"), || hub.wait_for(WEIGHTS));
    let ended = interrupted.assert_calm();
    assert_eq!(ended.code, Some(130), "{ended}");
    assert!(ended.stderr.contains("interrupted"), "{ended}");
    assert!(!dir.join("out").exists());
    hub.fault(WEIGHTS, None);
    run(dir, &hub, "--out out").assert_done();
    assert_as_from_the_folder(dir, "out");
}
