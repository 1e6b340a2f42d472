use super::*;

/// The manifest of a small run. A change here is a new format: raise `FORMAT`, where the one before was released.
const PINNED: &str = r#"{
  "counts": ["2", "3"],
  "documents": {
    "duplicates": "1",
    "featureless": "1",
    "read": "6",
    "skipped": {
      "empty": "2"
    },
    "taken": {
      "`text`": "1"
    }
  },
  "hash": "facc784bb015bb569d90f5f7d3c716be",
  "inertia": 0.125,
  "inputs": {
    "cluster": [],
    "embed": [{"hash": "00", "name": "a.jsonl"}]
  },
  "iterations": 7,
  "k": 2,
  "n": "5",
  "n_features": 256,
  "objective": "-9007199254740993",
  "parameters": {
    "cluster": {
      "clusters": 2,
      "seed": "0"
    },
    "embed": {
      "embedder": "lexical",
      "text-field": null
    }
  },
  "rows": "lexical",
  "stages": {
    "cluster": {
      "files": {
        "labels.npy": {
          "bytes": "6",
          "hash": "a44282fa6feac66ece3dbc2e038d55f5"
        }
      },
      "from": "b299a20824fd57fee52366d9ae78bc76",
      "key": "a3430f17f8ec827b04616db356bc98ce"
    },
    "embed": {
      "files": {},
      "key": "b299a20824fd57fee52366d9ae78bc76"
    }
  },
  "versions": {
    "cluster": "clusterclip-kmeans/1",
    "embed": "clusterclip-lexical/1",
    "files": "clusterclip-files/2"
  },
  "warnings": {
    "cluster": ["\"quoted\" warning"],
    "embed": []
  }
}
"#;

#[test]
fn the_manifest_is_pinned() {
    let dir = tempfile::tempdir().unwrap();
    let mut out = open(dir.path(), false);
    let (embed, path) = (embed("00"), dir.path().join(MANIFEST));
    out.commit(&embed, vec![], facts(StageName::Embed), vec![]).unwrap();
    let cluster = cluster(&embed, 2);
    let labels = file(&out, LABELS, "labels");
    let warnings = vec!["\"quoted\" warning".to_owned()];
    out.commit(&cluster, vec![labels], facts(StageName::Cluster), warnings).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), PINNED);
    assert_eq!(Manifest::read(&path).unwrap().unwrap(), *out.results().manifest());
    // Keys sorted at every level: what serde_json's own sorted map gives, however fields are declared.
    let value: serde_json::Value = serde_json::from_str(PINNED).unwrap();
    let sorted: BTreeMap<String, serde_json::Value> = serde_json::from_value(value).unwrap();
    let top: Vec<_> = PINNED.lines().filter(|line| line.starts_with("  \"")).collect();
    assert_eq!(top.len(), sorted.len());
    for (line, key) in top.iter().zip(sorted.keys()) {
        assert!(line.starts_with(&format!("  \"{key}\"")), "{line} is not {key}");
    }
}

#[test]
fn a_manifest_that_cannot_be_used_is_refused_and_replaced_by_force() {
    let newer = r#"{"versions": {"files": "clusterclip-files/3"}, "future": 1}"#;
    let unsealed = PINNED.replace(&line(PINNED), "");
    let older = unsealed.replace("files/2", "files/1");
    // Somebody who changes a manifest may well put the hash right too.
    let sealed = |from: &str, to: &str| seal::add(&unsealed.replace(from, to));
    let cases = [
        ("", "damaged"),
        ("{", "damaged"),
        ("[]", "damaged"),
        ("\u{1}", "damaged"),
        (r#"{"versions": {"files": "other/1"}}"#, "other/1"),
        (r#"{"versions": {"files": "clusterclip-files/x"}}"#, "clusterclip-files/x"),
        (&older, "no hash of its content (an earlier clusterclip wrote it"),
        (&unsealed, "no hash of its content"),
        (&PINNED.replace("0.125", "0.135"), "not the one that it holds the hash of"),
        (&PINNED[..PINNED.len() - 1], "not the one that it holds the hash of"),
        (r#"{"versions": {"files": "clusterclip-files/2"}}"#, "no hash of its content"),
        (newer, "newer clusterclip"),
        (&sealed("\"5\"", "\"five\""), "five"),
        (&sealed("\"labels.npy\"", "\"../labels.npy\""), "\"../labels.npy\""),
        (&sealed("  \"stages\"", "  \"pending\": [\"/etc/x\"],\n  \"stages\""), "/etc/x"),
        (&sealed("  \"k\"", "  \"unknown\": 0,\n  \"k\""), "unknown"),
    ];
    for (text, expected) in cases {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(MANIFEST), text).unwrap();
        fs::write(dir.path().join(LABELS), "there").unwrap();
        let error = OutDir::open(dir.path(), false, &Monitor::silent()).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("with force"), "{text}: {error}");
        assert!(error.contains("manifest.json"), "{error}");
        assert!(InDir::open(dir.path()).is_err());
        assert_eq!(content(dir.path()).len(), 2, "a refusal changes nothing");
        let mut out = open(dir.path(), true);
        assert_eq!(decide(&out, &embed("1")).0.unwrap(), Decision::Compute);
        run(&mut out, &embed("1"));
        assert!(!dir.path().join(LABELS).exists(), "labels of unknown origin do not outlive new embeddings");
    }
}

/// The line of a manifest that holds its hash.
fn line(manifest: &str) -> String {
    let line = manifest.lines().find(|line| line.starts_with("  \"hash\": ")).expect("there is a hash");
    format!("{line}\n")
}

#[test]
fn no_bit_of_a_manifest_can_change_unnoticed() {
    let path = Path::new(MANIFEST);
    let mut bytes = PINNED.as_bytes().to_vec();
    assert!(Manifest::parse(&bytes, path).is_ok(), "the control");
    for place in 0..bytes.len() {
        for bit in 0..8 {
            bytes[place] ^= 1 << bit;
            let error = Manifest::parse(&bytes, path).expect_err("the change is noticed").to_string();
            assert!(error.contains(MANIFEST) && error.contains("with force"), "{error}");
            bytes[place] ^= 1 << bit;
        }
    }
}

#[test]
fn the_hash_stands_in_its_place_whatever_else_does() {
    let empty = Manifest::default();
    let text = empty.to_json();
    assert!(text.starts_with("{\n  \"hash\": \""), "{text}");
    assert_eq!(Manifest::parse(text.as_bytes(), Path::new(MANIFEST)).unwrap(), empty);
    // A text may say what it likes.
    let warning = "\n  \"hash\": \"00000000000000000000000000000000\",".to_owned();
    let warned = Manifest { warnings: BTreeMap::from([(StageName::Embed, vec![warning])]), ..empty };
    assert_eq!(Manifest::parse(warned.to_json().as_bytes(), Path::new(MANIFEST)).unwrap(), warned);
}

#[test]
fn keys_hold_what_changes_results_and_nothing_else() {
    let base = cluster(&embed("1"), 10);
    let parameters = |k: u32, seed: u64| Parameters::new().with("seed", seed).with("clusters", k);
    // The order in which options are named does not matter.
    assert_eq!(base.key(), base.clone().parameters(parameters(10, 0)).key());
    let mut keys = vec![
        base.key(),
        base.clone().parameters(parameters(11, 0)).key(),
        base.clone().parameters(parameters(10, 1)).key(),
        base.clone().parameters(Parameters::new().with("seed", "0").with("clusters", "10")).key(),
        base.clone().input("rows.npy", "00").key(),
        base.clone().input("rows.npy", "01").key(),
        base.clone().input("other.npy", "00").key(),
        cluster(&embed("2"), 10).key(),
        Request { version: "clusterclip-kmeans/2".to_owned(), ..base.clone() }.key(),
        Request { stage: StageName::Sample, ..base.clone() }.key(),
        Request { from: None, ..base }.key(),
    ];
    let all = keys.len();
    keys.sort_by_key(ToString::to_string);
    keys.dedup();
    assert_eq!(keys.len(), all);
    assert_eq!(sample(&cluster(&embed("1"), 10), 5).key().to_string(), "88aa3df8ea55419092d4b276ab768688");
}
