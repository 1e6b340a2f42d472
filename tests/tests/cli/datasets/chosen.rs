//! What of a data set is read: configurations, revisions, and the hub's conversion of it.

use super::*;

const CONVERTED: &str = "refs/convert/parquet";

const CONFIGS: &str = "---\nconfigs:\n- config_name: en\n  data_files:\n  - split: train\n    path: en/*.csv\n  - split: \
                       few\n    path: [few.csv]\n- config_name: de\n  data_dir: de\n---\n";

/// Files, and a README.
fn with<'a>(data: &[(&'a str, &'a [u8])], readme: &'a str) -> Vec<(&'a str, &'a [u8])> {
    [data, &[("README.md", readme.as_bytes())]].concat()
}

#[test]
fn configurations_are_those_of_the_readme() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let [one, two, few, de] = ["one", "two", "few", "de"].map(csv);
    let data: [(&str, &[u8]); 5] = [
        ("en/2.csv", &two),
        ("en/1.csv", &one),
        ("few.csv", &few),
        ("de/train.csv", &de),
        ("de/test.csv", &few),
    ];
    hub.publish(ID, "main", NEWEST, &with(&data, CONFIGS));
    let name = "hf://datasets/owner/data";
    run(dir, &hub, &format!("x|{name}")).assert_failed(1, &["several configs", "--config", "en, de"]);
    run(dir, &hub, &format!("x|{name}|--config|fr"))
        .assert_failed(1, &["no config fr", "--config", "en, de"]);
    run(dir, &hub, &format!("x|{name}|--config|en|--split|no"))
        .assert_failed(1, &["no split no", "train, few"]);
    run(dir, &hub, &format!("x|{name}/en|--config|en")).assert_failed(2, &["--config en", "path en"]);
    assert_eq!(fetched(&hub.asked()), ["README.md"], "nothing else was needed");
    run(dir, &hub, &format!("en|{name}|--config|en")).assert_done();
    assert_reads(dir, "en", &[("en/1.csv", &one), ("en/2.csv", &two)]);
    run(dir, &hub, &format!("few|{name}|--config|en|--split|few")).assert_done();
    assert_reads(dir, "few", &[("few.csv", &few)]);
    run(dir, &hub, &format!("de|{name}|--config|de")).assert_done();
    assert_reads(dir, "de", &[("de/train.csv", &de)]);

    // The newest commit says which is meant.
    let flagged = CONFIGS.replace("data_dir: de", "data_dir: de\n  default: true");
    hub.publish(ID, "main", OLDER, &with(&data, &flagged));
    run(dir, &hub, &format!("default|{name}")).assert_done();
    assert_reads(dir, "default", &[("de/train.csv", &de)]);

    hub.publish(ID, "main", NEWEST.replace('0', "a").as_str(), &with(&data, "---\nconfigs: [\n---\n"));
    run(dir, &hub, &format!("x|{name}")).assert_failed(1, &["README.md", "/PATH"]);
    run(dir, &hub, &format!("path|{name}/en")).assert_done();
    assert_reads(dir, "path", &[("en/1.csv", &one), ("en/2.csv", &two)]);
}

#[test]
fn revisions_are_asked_for_in_the_name_or_by_the_option() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let (old, new) = (records("old"), records("new"));
    hub.publish(ID, "v1/a", OLDER, &[("a.jsonl", &old)]);
    hub.publish(ID, "main", NEWEST, &[("a.jsonl", &new)]);
    for (out, words) in [
        ("option", "hf://datasets/owner/data|--revision|v1/a".to_owned()),
        ("name", "hf://datasets/owner/data@v1%2Fa".to_owned()),
        ("both", "hf://datasets/owner/data@v1%2Fa|--revision|v1/a".to_owned()),
        ("commit", format!("hf://datasets/owner/data@{OLDER}")),
    ] {
        run(dir, &hub, &format!("{out}|{words}")).assert_done();
        assert_reads(dir, out, &[("a.jsonl", &old)]);
    }
    hub.asked();
    run(dir, &hub, &format!("again|hf://datasets/owner/data@{OLDER}")).assert_done();
    assert_eq!(hub.asked(), [], "a commit does not change");
    assert_eq!(fs::read_to_string(dir.join(KEPT).join("refs/v1/a")).expect("a reference"), OLDER);
    let name = "x|hf://datasets/owner/data";
    run(dir, &hub, &format!("{name}@main|--revision|v1/a")).assert_failed(2, &["@main", "--revision v1/a"]);
    run(dir, &hub, &format!("{name}|--revision|../x")).assert_failed(2, &["--revision", "no revision"]);
    run(dir, &hub, &format!("{name}|--revision|v2")).assert_failed(1, &["no revision v2"]);
}

#[test]
fn a_script_is_not_run_and_a_conversion_is_read_where_it_is_whole() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let script: [(&str, &[u8]); 2] = [("README.md", b"# Title\n"), ("data.py", b"import datasets\n")];
    hub.publish(ID, "main", NEWEST, &script);
    let name = "hf://datasets/owner/data";
    run(dir, &hub, &format!("x|{name}")).assert_failed(1, &["a script, data.py", "no Parquet conversion"]);
    hub.publish(ID, CONVERTED, OLDER, &[("default/partial-train/0000.parquet", b"PAR1")]);
    run(dir, &hub, &format!("x|{name}")).assert_failed(1, &["a script, data.py", "a part of it only"]);
    let (en, de) = (b"PAR1 en PAR1", b"PAR1 de PAR1");
    let both: [(&str, &[u8]); 2] = [("de/train/0000.parquet", de), ("en/train/0000.parquet", en)];
    let moved = OLDER.replace('8', "b");
    hub.publish(ID, CONVERTED, &moved, &both);
    run(dir, &hub, &format!("x|{name}")).assert_failed(1, &["several configs", "de, en"]);
    hub.asked();
    // What it holds is no Parquet; that it is read is what counts here.
    run(dir, &hub, &format!("x|{name}|--config|en")).assert_failed(1, &["en/train/0000.parquet"]);
    assert_eq!(fetched(&hub.asked()), ["en/train/0000.parquet"]);
    run(dir, &hub, &format!("x|{name}@v1")).assert_failed(1, &["no revision v1"]);

    // Data of its own go before the conversion.
    let own = records("own");
    let newer = NEWEST.replace('0', "c");
    hub.publish(ID, "main", &newer, &[script[0], script[1], ("a.jsonl", &own)]);
    run(dir, &hub, &format!("own|{name}")).assert_done();
    assert_reads(dir, "own", &[("a.jsonl", &own)]);
    hub.publish("owner/pictures", "main", NEWEST, &[("1.jpg", b"x"), ("2.jpg", b"x")]);
    run(dir, &hub, "x|hf://datasets/owner/pictures")
        .assert_failed(1, &[".jpg files", "no Parquet conversion"]);
}
