use super::*;
use Decision::{Compute, Reuse};

/// The three stages of a run.
fn requests(hash: &str, k: u32, clip: u32) -> [Request; 3] {
    let embed = embed(hash);
    let cluster = cluster(&embed, k);
    let sample = sample(&cluster, clip);
    [embed, cluster, sample]
}

/// A folder in which these stages were run.
fn finished(requests: &[Request]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut out = open(dir.path(), false);
    for request in requests {
        assert_eq!(decide(&out, request).0.unwrap(), Compute);
        run(&mut out, request);
    }
    dir
}

/// Runs all stages as a command would.
fn run_all(out: &mut OutDir, requests: &[Request]) -> Result<Vec<Decision>, StoreError> {
    let mut decisions = Vec::new();
    for request in requests {
        let decision = decide(out, request).0?;
        if decision == Compute {
            run(out, request);
        }
        decisions.push(decision);
    }
    Ok(decisions)
}

#[test]
fn the_same_run_again_reuses_everything_and_gives_the_same_bytes() {
    let requests = requests("1", 10, 5);
    let dir = finished(&requests);
    let before = content(dir.path());
    assert_eq!(before.len(), 12, "{:?}", before.keys());
    for force in [false, true] {
        let mut out = open(dir.path(), force);
        assert_eq!(run_all(&mut out, &requests).unwrap(), [Reuse, Reuse, Reuse]);
    }
    assert_eq!(content(dir.path()), before);
    assert_eq!(content(finished(&requests).path()), before, "another folder has the same bytes");
}

#[test]
fn other_options_are_refused_and_nothing_is_lost() {
    let dir = finished(&requests("1", 10, 5));
    let before = content(dir.path());
    let cases = [
        (requests("2", 10, 5), 0, "embeddings made otherwise (a.jsonl is another file or has changed)"),
        (requests("1", 20, 5), 1, "clusters made otherwise (clusters 10 there, 20 here)"),
        (requests("1", 10, 3), 2, "an order made otherwise (clip 5 there, 3 here)"),
    ];
    for (requests, refused, expected) in cases {
        let out = open(dir.path(), false);
        for (stage, request) in requests.iter().enumerate() {
            let decision = decide(&out, request).0;
            if stage < refused {
                assert_eq!(decision.unwrap(), Reuse);
            } else {
                let error = decision.unwrap_err();
                assert!(matches!(error, StoreError::Conflict { .. }));
                let text = error.to_string();
                assert!(text.contains("add force") && text.contains("with out,"), "{text}");
                assert!(stage > refused || text.contains(expected), "{text}");
            }
        }
        drop(out);
        assert_eq!(content(dir.path()), before);
    }
}

#[test]
fn force_replaces_what_differs_and_what_was_made_from_it() {
    let cases = [
        (requests("2", 10, 5), [Compute, Compute, Compute]),
        (requests("1", 20, 5), [Reuse, Compute, Compute]),
        (requests("1", 10, 3), [Reuse, Reuse, Compute]),
    ];
    for (wanted, expected) in cases {
        let dir = finished(&requests("1", 10, 5));
        assert_eq!(run_all(&mut open(dir.path(), true), &wanted).unwrap(), expected);
        assert_eq!(content(dir.path()), content(finished(&wanted).path()));
    }
}

#[test]
fn results_of_later_stages_do_not_outlive_those_they_were_made_from() {
    let dir = finished(&requests("1", 10, 5));
    let mut out = open(dir.path(), true);
    run(&mut out, &cluster(&embed("1"), 20));
    assert!(!dir.path().join(ORDER).exists());
    assert_eq!(out.results().manifest().positions, None);
    let missing = out.results().require(StageName::Sample, &Monitor::silent()).unwrap_err().to_string();
    assert!(missing.contains("holds no results of the stage `sample`"), "{missing}");
    assert!(dir.path().join(EMBEDDINGS).exists());
}

#[test]
fn damaged_files_are_made_again_and_later_results_stay() {
    let requests = requests("1", 10, 5);
    for (name, damage) in
        [(EMBEDDINGS, None), (EMBEDDINGS, Some("short")), (LABELS, Some("Labels.npy of ")), (ORDER, None)]
    {
        let dir = finished(&requests);
        let before = content(dir.path());
        let path = dir.path().join(name);
        match damage {
            None => fs::remove_file(&path).unwrap(),
            Some("short") => fs::write(&path, "short").unwrap(),
            // The same length with other content.
            Some(start) => {
                let mut bytes = before[name].clone();
                bytes[..start.len()].copy_from_slice(start.as_bytes());
                fs::write(&path, bytes).unwrap();
            }
        }
        let mut out = open(dir.path(), false);
        let stage = requests.iter().find(|request| request.stage.files().contains(&name)).unwrap();
        let error = out.results().require(stage.stage, &Monitor::silent()).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
        let (decision, warnings) = decide(&out, stage);
        assert_eq!(decision.unwrap(), Compute);
        assert!(warnings.len() == 1 && warnings[0].contains(name), "{warnings:?}");
        let computed = run_all(&mut out, &requests).unwrap();
        assert_eq!(computed.iter().filter(|&&decision| decision == Compute).count(), 1);
        assert_eq!(content(dir.path()), before);
    }
}

#[test]
fn a_kill_between_any_two_steps_is_made_good() {
    let old = requests("1", 10, 5);
    let new = requests("1", 20, 5);
    for forced in [false, true] {
        // What a commit of the second stage goes through: the pending manifest, removals, each rename.
        let begin = || if forced { finished(&old) } else { finished(&old[..1]) };
        let wanted = if forced { &new } else { &old };
        let whole = content(finished(wanted).path());
        for step in 0..=wanted[1].stage.files().len() {
            let dir = begin();
            let mut out = open(dir.path(), forced);
            let mut manifest = out.results().manifest().clone();
            for stage in [StageName::Cluster, StageName::Sample] {
                manifest.remove(stage);
                manifest.pending.extend(stage.files().iter().map(|&name| name.to_owned()));
            }
            out.write_manifest(&manifest).unwrap();
            for name in wanted[1].stage.files().iter().take(step) {
                fs::write(dir.path().join(name), format!("{name} of {}", wanted[1].key())).unwrap();
            }
            fs::write(dir.path().join(".clusterclip-left.tmp"), "unfinished").unwrap();
            drop(out);
            let mut out = open(dir.path(), false);
            assert_eq!(run_all(&mut out, wanted).unwrap(), [Reuse, Compute, Compute]);
            assert_eq!(content(dir.path()), whole, "killed at step {step}");
        }
    }
}

#[test]
fn unknown_files_of_our_names_are_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(LABELS), "of the person").unwrap();
    let requests = requests("1", 10, 5);
    let mut out = open(dir.path(), false);
    assert_eq!(decide(&out, &requests[0]).0.unwrap(), Compute);
    run(&mut out, &requests[0]);
    assert_eq!(content(dir.path())[LABELS], b"of the person", "another stage leaves it alone");
    let error = decide(&out, &requests[1]).0.unwrap_err().to_string();
    assert!(error.contains(LABELS) && error.contains("with force"), "{error}");
    drop(out);
    let mut out = open(dir.path(), true);
    assert_eq!(run_all(&mut out, &requests).unwrap(), [Reuse, Compute, Compute]);
    assert_eq!(content(dir.path()), content(finished(&requests).path()));
}

#[test]
fn files_of_all_wanted_stages_are_refused_before_the_first() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(ORDER), "of the person").unwrap();
    let mut out = open(dir.path(), false);
    out.want(&[StageName::Embed, StageName::Cluster]).unwrap();
    let error = out.want(&StageName::FLOW).unwrap_err().to_string();
    assert!(error.contains("holds order.npy") && error.contains("with force"), "{error}");
    drop(out);
    open(dir.path(), true).want(&StageName::FLOW).unwrap();
}

/// A stage may write fewer files than it has names: rows that were given are not written.
#[test]
fn force_leaves_no_unknown_file_beside_results_that_it_could_belong_to() {
    let dir = tempfile::tempdir().unwrap();
    for name in [EMBEDDINGS, EMBEDDER, LABELS] {
        fs::write(dir.path().join(name), "of the person").unwrap();
    }
    let mut out = open(dir.path(), true);
    let documents = file(&out, DOCUMENTS, "documents");
    out.commit(&embed("1"), vec![documents], facts(StageName::Embed), vec![]).unwrap();
    let names: Vec<_> = content(dir.path()).into_keys().collect();
    assert_eq!(names, [DOCUMENTS, LABELS, MANIFEST], "the files of other stages stay");
}

#[test]
fn what_a_replacement_removes_is_told_with_the_way_back() {
    let [embed, _, order] = requests("1", 10, 5);
    let old = requests("1", 10, 5);
    let export = Request::new(StageName::Export, "clusterclip-jsonl/1").from(order.key());
    for (wanted, expected) in [(&[][..], 2), (&[StageName::Sample], 1), (&StageName::FLOW, 0)] {
        let dir = finished(&old);
        let mut out = open(dir.path(), true);
        run(&mut out, &export);
        out.want(wanted).unwrap();
        let again = |out: &mut OutDir, k: u32| {
            let labels = file(out, LABELS, "labels");
            out.commit(&cluster(&embed, k), vec![labels], facts(StageName::Cluster), vec![]).unwrap()
        };
        let told = again(&mut out, 20);
        assert_eq!(told.len(), expected, "{told:?}");
        if expected == 2 {
            let path = dir.path().display();
            let order = format!(
                "exposure.parquet, order.npy were removed, made from clusters that have been replaced: the stage \
                 `sample` in `{path}` makes them again"
            );
            assert_eq!(told[0], order);
            assert!(told[1].starts_with("order.jsonl was removed") && told[1].contains("the stage `export`"));
        }
        assert_eq!(again(&mut out, 30), [""; 0], "there is nothing left to remove");
    }
}

#[test]
fn options_that_choose_what_is_read_explain_another_input() {
    let request = |lines: bool, hash: &str| {
        let parameters = Parameters::new().with("lines", lines);
        Request::new(StageName::Embed, "clusterclip-lexical/1")
            .parameters(parameters)
            .input(WHOLE_INPUT, hash)
    };
    let dir = finished(&[request(false, "1")]);
    let out = open(dir.path(), false);
    for (wanted, expected) in [
        (request(true, "2"), "made otherwise (lines false there, true here):"),
        (request(false, "2"), "made otherwise (the input has changed):"),
    ] {
        let error = decide(&out, &wanted).0.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn an_earlier_stage_is_not_begun_under_results_made_from_something_else() {
    let [embed, _, _] = requests("1", 10, 5);
    let from_file = Request::new(StageName::Cluster, "clusterclip-kmeans/1").input("rows.npy", "00");
    let dir = finished(std::slice::from_ref(&from_file));
    let before = content(dir.path());
    let out = open(dir.path(), false);
    let error = decide(&out, &embed).0.unwrap_err().to_string();
    assert!(error.contains("clusters made otherwise (not from embeddings of this folder)"), "{error}");
    assert_eq!(decide(&out, &from_file).0.unwrap(), Reuse);
    assert_eq!(decide(&out, &sample(&from_file, 5)).0.unwrap(), Compute);
    drop(out);
    assert_eq!(content(dir.path()), before);
    let mut out = open(dir.path(), true);
    assert_eq!(run_all(&mut out, &[embed]).unwrap(), [Compute]);
    assert!(!dir.path().join(LABELS).exists());
}

#[test]
fn cancelling_stops_the_check_of_files() {
    let requests = requests("1", 10, 5);
    let dir = finished(&requests);
    let flag = CancelFlag::default();
    flag.cancel();
    let sink = |_| {};
    let monitor = Monitor::new(&sink, flag);
    let out = open(dir.path(), false);
    assert!(matches!(out.decide(&requests[0], &monitor), Err(StoreError::Cancelled(_))));
}
