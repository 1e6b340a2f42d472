//! What may be typed, what may not, and what the defaults are.

use clap::{CommandFactory, Parser};
use clusterclip_core::sampler::{Budget, Choice, Strategy, WhenExhausted};

use clusterclip_engine::settings::{Device, Init, Length, SampleSettings};

use super::{Cli, Command, RunArgs};

fn parse(line: &str) -> Result<Cli, String> {
    Cli::try_parse_from(line.split_whitespace()).map_err(|error| {
        assert_eq!(error.exit_code(), 2, "{line}");
        error.to_string()
    })
}

fn run(options: &str) -> Result<Box<RunArgs>, String> {
    match parse(&format!("clusterclip run in --out out {options}"))?.command {
        Command::Run(args) => Ok(args),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_commands_are_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn the_defaults_are_those_of_the_design() {
    let args = run("").unwrap();
    assert_eq!(args.clustering.clusters, None);
    assert_eq!(args.clustering.init, Init::Random);
    assert_eq!(args.clustering.max_iterations, 300);
    assert_eq!(args.clustering.tolerance, 0.0);
    assert_eq!(args.embedder.choice.embedder, "lexical");
    assert_eq!(args.compute.device, Device::Auto);
    assert_eq!(args.seed.seed, 0);
    assert_eq!(args.sampling.settings(0).unwrap().rank, None);
    let SampleSettings { options, length, .. } = args.sampling.settings(0).unwrap();
    assert_eq!(options.strategy, Strategy::ClusterClip);
    assert_eq!(options.choice, Choice::Stratified);
    assert_eq!(options.when_exhausted, WhenExhausted::Error);
    assert_eq!(options.effective_clip().unwrap(), Some(5));
    assert_eq!(length, Length::Draws(Budget::default()));
}

#[test]
fn budgets_are_read_exactly() {
    let length = |options: &str| run(options).unwrap().sampling.settings(0).unwrap().length;
    assert_eq!(length("--tokens 5B"), Length::Tokens(5_000_000_000));
    assert_eq!(length("--documents 12"), Length::Draws(Budget::Documents(12)));
    let Length::Draws(epochs) = length("--epochs 0.7") else { panic!("epochs") };
    assert_eq!(epochs.draws(10), 7);
}

#[test]
fn what_cannot_be_meant_is_wrong_usage() {
    for (options, told) in [
        ("--epochs 1 --documents 5", "--documents"),
        ("--tokens 1 --documents 5", "--documents"),
        ("--epochs 0", "more than 0"),
        ("--epochs -1", "more than 0"),
        ("--epochs NaN", "decimal number"),
        ("--documents 0", "documents from 1"),
        ("--documents 1.5", "whole number of documents"),
        ("--documents 1K", "in digits only"),
        ("--documents abc", "from 1 to 281474976710656"),
        ("--documents 281474976710657", "2^48"),
        ("--epochs 281474976710656.5x", "decimal number"),
        ("--epochs 281474976710657", "2^48"),
        ("--tokens 5k", "K, M, B, T"),
        ("--tokens -5", "K, M, B, T"),
        ("--tokens 0", "at least 1"),
        ("--clip 0", "1 to 65536"),
        ("--clip -3", "1 to 65536"),
        ("--clusters 0", "at least 1"),
        ("--clusters many", "whole number"),
        ("--clusters -5", "whole number"),
        ("--threads 0", "from 1"),
        ("--tolerance -0.1", "from 0"),
        ("--tolerance NaN", "from 0"),
        ("--init far", "k-means++"),
        ("--strategy best", "cluster-clip"),
        ("--rank 0", "--world-size"),
        ("--rank abc --world-size 2", "a rank is a whole number from 0"),
        ("--rank 0 --world-size 0", "at least 1"),
        ("--max-iterations abc", "from 0"),
        ("--max-iterations -1", "to 4294967295"),
        ("--format xml", "`auto`, `jsonl`, `json`, `csv`, `tsv`, `parquet`, `arrow` or `text`"),
        ("--shards 2", "--export"),
        ("--export ids --shards 0", "from 1 to 99999"),
        ("--export ids --shards 2 --shard-size 1MB", "--shard-size"),
        ("--export ids --shard-size 500", "500MB"),
        ("--export ids --shard-size 1.5GB", "10^9"),
        ("--drop-last", "--world-size"),
        ("--export npy", "jsonl"),
        ("--embeddings a.npy --embedder lexical", "--embedder"),
        ("--seed -1", "from 0 to 18446744073709551615"),
        ("--seed abc", "a seed is a whole number"),
        ("--seed 18446744073709551616", "2^64 - 1"),
        ("--device tpu", "cpu"),
        ("--weights densty", "`density`"),
        ("--temperature -1", "over 0"),
        ("--groups 0", "at least 1"),
        ("--even-in words", "tokens"),
    ] {
        let error = run(options).expect_err(options);
        assert!(error.contains(told), "{options}: {error}");
    }
}

#[test]
fn options_that_do_not_go_together_are_wrong_usage() {
    for (options, told) in [
        ("--strategy random --clip 5", "--clip"),
        ("--strategy uniform --clip 1", "--clip"),
        ("--strategy g2s --clip 1", "--clip"),
        ("--strategy s2g --when-exhausted raise-clip", "--when-exhausted"),
        ("--strategy random --choice independent", "--choice"),
        ("--strategy unimax --choice independent", "--choice"),
        ("--strategy unimax --when-exhausted raise-clip", "--when-exhausted"),
        ("--strategy random --weights equal", "--weights equal"),
        ("--strategy random --even-in tokens", "--even-in tokens"),
        ("--temperature 2", "--temperature 2"),
        ("--weights groups --temperature 2", "--temperature 2"),
        ("--weights size --groups 3", "--groups 3"),
    ] {
        let error = run(options).unwrap().sampling.settings(0).unwrap_err().to_string();
        assert!(error.contains(told), "{options}: {error}");
    }
    let error = run("--rank 2 --world-size 2").unwrap().sampling.settings(0).unwrap_err().to_string();
    assert!(error.contains("--rank 2"), "{error}");
    let error = run("--lines --format jsonl").unwrap().input.reading.check().unwrap_err().to_string();
    assert!(error.contains("--lines") && error.contains("--format jsonl"), "{error}");
    assert!(run("--lines --format csv").unwrap().input.reading.check().is_err());
    for fine in ["--lines", "--lines --format text", "--format jsonl", "--format tsv"] {
        run(fine).unwrap().input.reading.check().unwrap();
    }
}

#[test]
fn commands_that_do_not_work_yet_are_absent() {
    let help = Cli::command().render_long_help().to_string();
    for later in ["plan", "verify", "report"] {
        assert!(!help.lines().any(|line| line.trim_start().starts_with(later)), "{later}");
        assert!(parse(&format!("clusterclip {later}")).is_err());
    }
}
