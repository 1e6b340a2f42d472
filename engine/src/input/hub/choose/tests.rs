use super::*;

fn entries(paths: &[&str]) -> Vec<Entry> {
    let mut paths = paths.to_vec();
    paths.sort_unstable();
    let of = |path: &&str| Entry { path: (*path).to_owned(), size: 1, etag: "0".repeat(40) };
    paths.iter().map(of).collect()
}

fn outcome(entries: &[Entry], chosen: Result<Chosen, Refused>) -> String {
    match chosen {
        Ok(chosen) => {
            let files: Vec<_> = chosen.files.iter().map(|&file| &*entries[file].path).collect();
            format!(
                "{} {}: {}",
                chosen.config.as_deref().unwrap_or("-"),
                chosen.split.as_deref().unwrap_or("-"),
                files.join(" ")
            )
        }
        Err(Refused::Unread(why)) => format!("unread: {why}"),
        Err(Refused::Error(error)) => format!("error: {error}"),
    }
}

fn of(paths: &[&str], yaml: &str, want: Want<'_>) -> String {
    let (entries, card) = (entries(paths), Card::of_yaml(yaml).expect(yaml));
    outcome(&entries, choose("hf://datasets/a/b", &entries, &card, &want))
}

const NONE: &str = "license: mit";
const ANY: Want<'static> = Want { path: None, config: None, split: None };

fn split(split: &str) -> Want<'_> {
    Want { split: Some(split), ..ANY }
}

fn config(config: &str) -> Want<'_> {
    Want { config: Some(config), ..ANY }
}

fn path(path: &str) -> Want<'_> {
    Want { path: Some(path), ..ANY }
}

#[test]
fn names_tell_splits_where_the_readme_tells_nothing() {
    let paths =
        ["README.md", "data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet", "x.py"];
    assert_eq!(of(&paths, NONE, ANY), "- train: data/train-00000-of-00001.parquet");
    assert_eq!(of(&paths, NONE, split("test")), "- test: data/test-00000-of-00001.parquet");
    assert!(of(&paths, NONE, split("all")).ends_with("-of-00001.parquet data/test-00000-of-00001.parquet"));
    let told = of(&paths, NONE, split("dev"));
    assert!(told.starts_with("error") && told.contains("train, test"), "{told}");
    assert_eq!(of(&["a.csv", ".hidden/b.csv", "config.json"], NONE, ANY), "- train: a.csv");
    assert_eq!(of(&["a.csv"], NONE, config("default")), "- train: a.csv");
    assert!(of(&["a.csv"], NONE, config("en")).contains("en"));
    assert!(of(&["a.py"], NONE, config("en")).starts_with("unread"));
    let told = of(&["test.csv"], NONE, ANY);
    assert!(told.contains("train") && told.contains("test"), "{told}");
}

#[test]
fn files_of_the_commonest_kind_are_the_data() {
    assert_eq!(of(&["a.csv", "b.csv", "c.jsonl"], NONE, ANY), "- train: a.csv b.csv");
    assert_eq!(of(&["a.csv", "a.parquet"], NONE, ANY), "- train: a.parquet");
    assert_eq!(of(&["a.jsonl.gz", "b.json.zst", "x.txt"], NONE, ANY), "- train: a.jsonl.gz b.json.zst");
    assert_eq!(
        of(&["1.jpg", "2.jpg", "metadata.csv"], NONE, ANY),
        "unread: its data are .jpg files, which are not read"
    );
    assert_eq!(of(&["b.py", "README.md", "LICENSE"], NONE, ANY), "unread: it has no file of data");
    assert_eq!(of(&[], NONE, ANY), "unread: it has no file of data");
}

#[test]
fn the_readme_tells_configurations_and_splits() {
    let yaml = "configs:\n- config_name: en\n  default: true\n  data_files:\n  - split: train\n    path: [en/2.csv, \
                en/*.csv]\n  - split: more\n    path: extra/**\n- config_name: de\n  data_dir: de\n- config_name: \
                fr\n  data_dir: fr\n  data_files: x.csv\n";
    let paths =
        ["en/1.csv", "en/2.csv", "extra/x/1.jsonl", "de/train.csv", "de/test.csv", "fr/x.csv", "x.csv"];
    assert_eq!(of(&paths, yaml, ANY), "en train: en/2.csv en/1.csv en/2.csv");
    assert_eq!(of(&paths, yaml, split("more")), "en more: extra/x/1.jsonl");
    assert_eq!(of(&paths, yaml, split("all")), "en all: en/2.csv en/1.csv en/2.csv extra/x/1.jsonl");
    assert_eq!(of(&paths, yaml, config("de")), "de train: de/train.csv");
    assert_eq!(of(&paths, yaml, config("fr")), "fr train: fr/x.csv");
    let told = of(&paths, yaml, config("it"));
    assert!(told.contains("it") && told.contains("en, de, fr"), "{told}");
    let unclear = yaml.replace("  default: true\n", "");
    let told = of(&paths, &unclear, ANY);
    assert!(told.starts_with("error") && told.contains("en, de, fr"), "{told}");
}

#[test]
fn patterns_that_name_nothing_or_something_else_are_told() {
    let yaml = |files: &str| format!("configs:\n- config_name: a\n  data_files: {files}\n");
    for (files, says) in [
        ("x.csv", "x.csv is not there"),
        ("'*.json'", "unread"),
        ("../x.csv", "leads out"),
        ("'**.csv'", "whole parts"),
        ("https://example.org/x.csv", "elsewhere"),
    ] {
        let told = of(&["a.csv"], &yaml(files), ANY);
        assert!(told.contains(says), "{files}: {told}");
    }
    assert_eq!(of(&["a.csv", "c.csv"], &yaml("['b*', a.csv]"), ANY), "a train: a.csv");
}

#[test]
fn a_path_is_a_file_a_folder_or_a_pattern() {
    let paths = ["en/train.csv", "en/test.csv", "en/x/y.dat", "de.csv", "de2.csv"];
    assert_eq!(of(&paths, NONE, path("de.csv")), "- -: de.csv");
    assert_eq!(of(&paths, NONE, path("en/x/y.dat")), "- -: en/x/y.dat");
    assert!(of(&paths, NONE, Want { split: Some("test"), ..path("de.csv") }).contains("no split test"));
    assert_eq!(of(&paths, NONE, path("en")), "- train: en/train.csv");
    assert_eq!(of(&paths, NONE, Want { split: Some("test"), ..path("en") }), "- test: en/test.csv");
    assert_eq!(of(&paths, NONE, path("de*.csv")), "- train: de.csv de2.csv");
    for none in ["e", "en/t", "it/*.csv"] {
        let told = of(&paths, NONE, path(none));
        assert!(told.starts_with("error") && told.contains(none), "{told}");
    }
    assert!(of(&paths, NONE, path("en/x")).starts_with("unread"));
}

#[test]
fn of_the_conversion_only_what_is_whole_is_read() {
    let converted = |paths: &[&str], want: Want<'_>| {
        let entries = entries(paths);
        outcome(&entries, choose_converted("hf://datasets/a/b", &entries, &want))
    };
    let one = ["default/train/0000.parquet", "default/train/0001.parquet", "default/test/0000.parquet", ".x"];
    assert_eq!(converted(&one, ANY), "default train: default/train/0000.parquet default/train/0001.parquet");
    assert!(converted(&one, split("all")).ends_with("0001.parquet default/test/0000.parquet"));
    let partial = ["default/partial-train/0000.parquet", "default/test/0000.parquet"];
    assert!(converted(&partial, ANY).contains("a part of it only"));
    assert!(converted(&partial, split("all")).contains("a part of it only"));
    assert_eq!(converted(&partial, split("test")), "default test: default/test/0000.parquet");
    assert!(converted(&partial, split("dev")).contains("train, test"));
    let two = ["en/train/0000.parquet", "de/train/0000.parquet"];
    assert!(converted(&two, ANY).contains("de, en"));
    assert_eq!(converted(&two, config("de")), "de train: de/train/0000.parquet");
    assert!(converted(&two, config("fr")).contains("de, en"));
    assert!(converted(&[".gitattributes"], ANY).starts_with("unread"));
}
