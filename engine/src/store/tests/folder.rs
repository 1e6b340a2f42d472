use super::*;
use clusterclip_core::error::Param;
use clusterclip_core::monitor::Cancelled;

#[test]
fn a_writer_that_fails_leaves_the_old_file() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path(), false);
    let written: Result<(), StoreError> = out.write_atomic(RUN, |w| {
        w.write_all(b"old").map_err(|cause| StoreError::io("write", w.target(), cause))
    });
    written.unwrap();
    let failed: Result<(), StoreError> = out.write_atomic(RUN, |w| {
        w.write_all(b"new and longer").unwrap();
        Err(Cancelled.into())
    });
    assert!(matches!(failed, Err(StoreError::Cancelled(_))));
    assert_eq!(content(dir.path()), BTreeMap::from([(RUN.to_owned(), b"old".to_vec())]));
}

#[test]
fn a_file_that_is_not_committed_vanishes() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path(), false);
    let unfinished = out.create(LABELS).unwrap();
    let finished = file(&out, ORDER, "complete");
    assert_eq!(content(dir.path()).len(), 2, "both stand beside their places");
    drop((unfinished, finished));
    assert_eq!(content(dir.path()), BTreeMap::new());
}

#[test]
fn what_a_killed_run_left_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(".clusterclip-Xy12.tmp"), "half").unwrap();
    fs::write(dir.path().join("notes.tmp"), "of the person").unwrap();
    let _out = open(dir.path(), false);
    assert_eq!(content(dir.path()).into_keys().collect::<Vec<_>>(), ["notes.tmp"]);
}

#[test]
fn one_process_at_a_time_writes() {
    let dir = tempfile::tempdir().unwrap();
    let out_path = dir.path().join("new/out");
    let mut out = open(&out_path, false);
    run(&mut out, &embed("1"));
    let second = OutDir::open(&out_path, true, &Monitor::silent()).unwrap_err().to_string();
    assert!(second.contains("in use") && second.contains("new/out"), "{second}");
    assert!(matches!(InDir::open(&out_path), Err(StoreError::InUse { .. })));
    drop(out);
    let reader = InDir::open(&out_path).unwrap();
    let _other_reader = InDir::open(&out_path).unwrap();
    assert!(reader.results().require(StageName::Embed, &Monitor::silent()).is_ok());
    assert!(matches!(OutDir::open(&out_path, false, &Monitor::silent()), Err(StoreError::InUse { .. })));
}

#[test]
fn a_file_is_no_folder() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "").unwrap();
    for error in [OutDir::open(&path, true, &Monitor::silent()).unwrap_err(), InDir::open(&path).unwrap_err()]
    {
        assert!(error.to_string().contains("file is a file, not a folder"), "{error}");
    }
    assert!(InDir::open(&dir.path().join("absent")).unwrap_err().to_string().contains("absent"));
    assert!(matches!(InDir::open(dir.path()), Err(StoreError::NoManifest { .. })));
}

#[cfg(unix)]
#[test]
fn results_can_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let mut out = open(dir.path(), false);
    run(&mut out, &embed("1"));
    let plain = dir.path().join("plain");
    fs::write(&plain, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&dir.path().join(EMBEDDINGS)), mode(&plain));
}

#[test]
fn run_json_keeps_the_stages_that_were_reused() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path(), false);
    let machine = Machine {
        device: "CPU".to_owned(),
        driver: None,
        kernel: None,
        threads: 2,
        failed: Vec::new(),
        gpu: None,
    };
    out.record_run(StageName::Embed, StageTimer::start().finish(machine.clone())).unwrap();
    out.record_run(StageName::Cluster, StageTimer::start().finish(machine)).unwrap();
    let read =
        || -> serde_json::Value { serde_json::from_slice(&fs::read(dir.path().join(RUN)).unwrap()).unwrap() };
    let run = read();
    assert_eq!(run["stages"].as_object().unwrap().len(), 2);
    assert_eq!(run["stages"]["embed"]["machine"]["device"], "CPU");
    let started = run["stages"]["embed"]["started"].as_str().unwrap();
    assert!(started.starts_with("20") && started.ends_with('Z') && started.len() == 24, "{started}");
}

#[test]
fn a_folder_in_which_nothing_was_done_is_left_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let new = dir.path().join("new/inner");
    let out = open(&new, false);
    drop(file(&out, LABELS, "unfinished"));
    assert!(new.join(lock::LOCK).exists(), "the control: it was there meanwhile");
    drop(out);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "folders and lock file are gone");

    // What was there before stays; what somebody else put there meanwhile too.
    let old = dir.path().join("old");
    fs::create_dir(&old).unwrap();
    drop(open(&old, false));
    assert_eq!(fs::read_dir(&old).unwrap().count(), 0);
    let out = open(&new, false);
    fs::write(new.join("notes"), "").unwrap();
    drop(out);
    assert_eq!(fs::read_dir(&new).unwrap().count(), 1);

    let mut out = open(&old, false);
    run(&mut out, &embed("1"));
    drop(out);
    assert!(old.join(lock::LOCK).exists(), "with results the lock file stays");
}

#[test]
fn an_input_that_would_be_replaced_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (inside, outside) = (dir.path().join("out").join(EMBEDDINGS), dir.path().join(EMBEDDINGS));
    let mut out = open(&dir.path().join("out"), true);
    fs::write(&inside, "mine").unwrap();
    fs::write(&outside, "mine").unwrap();
    out.want(&[StageName::Embed, StageName::Cluster]).unwrap();
    let refuse = |out: &OutDir, path: &Path| out.refuse_inputs(Some(Param::Embeddings), [path]);
    let error = refuse(&out, &inside).unwrap_err().to_string();
    assert!(error.starts_with("embeddings ") && error.contains("copy the file"), "{error}");
    let error = out.refuse_inputs(None, [&*inside]).unwrap_err().to_string();
    assert!(error.starts_with("the input ") && error.contains("is a result in out"), "{error}");
    refuse(&out, &outside).unwrap();
    out.want(&[StageName::Cluster]).unwrap();
    refuse(&out, &inside).unwrap();
    // What is removed because an earlier stage is made again is lost as well.
    let order = dir.path().join("out").join(ORDER);
    fs::write(&order, "mine").unwrap();
    assert!(refuse(&out, &order).is_err());
    assert!(refuse(&out, &dir.path().join("out/../out/./order.npy")).is_err());
    // Whatever its name, it is the same file.
    fs::hard_link(&order, dir.path().join("another")).unwrap();
    assert!(refuse(&out, &dir.path().join("another")).is_err());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&order, dir.path().join("link")).unwrap();
        assert!(refuse(&out, &dir.path().join("link")).is_err());
    }
}
