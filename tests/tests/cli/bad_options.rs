//! The table of bad input: options, their values, and those that do not go together.

use crate::refused::table;

const GOOD: &[u8] =
    b"{\"text\": \"one fine day\"}\n{\"text\": \"two fine days\"}\n{\"text\": \"three fine days\"}\n";
const FILES: [(&str, &[u8]); 1] = [("a.jsonl", GOOD)];
const LABELS: [(&str, &[u8]); 1] = [("l.csv", b"cluster,n\na,3\nb,4\nb,5\n")];

table! {
    no_clusters: FILES, "run a.jsonl --out out --clusters 0", 2, ["'0' for '--clusters", "at least 1"];
    negative_clusters: FILES, "run a.jsonl --out out --clusters -3", 2, ["'-3' for '--clusters", "at least 1"];
    clusters_that_are_no_number: FILES, "run a.jsonl --out out --clusters many", 2, ["'many' for '--clusters", "a whole number"];
    more_clusters_than_documents: FILES, "run a.jsonl --out out --clusters 4", 1, ["--clusters 4 is more than the 3 rows"];
    clip_zero: FILES, "run a.jsonl --out out --clip 0", 2, ["'0' for '--clip", "from 1 to 65536"];
    clip_too_large: FILES, "run a.jsonl --out out --clip 65537", 2, ["'65537' for '--clip", "from 1 to 65536"];
    clip_with_random: FILES, "run a.jsonl --out out --strategy random --clip 3", 2, ["--clip 3: does not go with --strategy random"];
    clip_with_uniform: FILES, "run a.jsonl --out out --strategy uniform --clip 3", 2, ["--clip 3: does not go with --strategy uniform"];
    clip_with_g2s: FILES, "run a.jsonl --out out --strategy g2s --clip 1", 2, ["--clip 1: does not go with --strategy g2s"];
    clip_with_s2g: FILES, "run a.jsonl --out out --strategy s2g --clip 1", 2, ["--clip 1: does not go with --strategy s2g"];
    two_budgets: FILES, "run a.jsonl --out out --epochs 1 --documents 5", 2, ["--epochs", "--documents"];
    three_budgets: LABELS, "sample l.csv --out out --epochs 1 --documents 5 --tokens 9", 2, ["--epochs"];
    zero_epochs: FILES, "run a.jsonl --out out --epochs 0", 2, ["'0' for '--epochs", "must be more than 0"];
    zero_epochs_in_full: FILES, "run a.jsonl --out out --epochs 0.000", 2, ["'0.000' for '--epochs", "must be more than 0"];
    negative_epochs: FILES, "run a.jsonl --out out --epochs -1.5", 2, ["'-1.5' for '--epochs", "must be more than 0"];
    epochs_that_are_no_number: FILES, "run a.jsonl --out out --epochs NaN", 2, ["'NaN' for '--epochs", "a decimal number"];
    endless_epochs: FILES, "run a.jsonl --out out --epochs inf", 2, ["'inf' for '--epochs", "a decimal number"];
    zero_documents: FILES, "run a.jsonl --out out --documents 0", 2, ["--documents", "0"];
    documents_with_a_suffix: FILES, "run a.jsonl --out out --documents 1K", 2, ["--documents", "1K", "in digits only"];
    more_documents_than_are_ever_drawn: FILES, "run a.jsonl --out out --documents 281474976710657", 2,
        ["--documents", "281474976710657", "2^48"];
    a_budget_of_no_draw: LABELS, "sample l.csv --out out --epochs 0.1", 1, ["--epochs 0.1", "3 documents"];
    lines_of_json: FILES, "run a.jsonl --out out --lines --format jsonl", 2, ["--lines", "--format jsonl"];
    a_template_without_a_field: FILES, "run a.jsonl --out out --template chat.jinja", 2, ["--template", "@FILE"];
    a_template_that_is_none: FILES, "run a.jsonl --out out --template {%for", 2, ["--template is no template, by its line 1"];
    a_template_and_a_field: FILES, "run a.jsonl --out out --template {{x}} --text-field x", 2, ["--template", "--text-field"];
    a_delimiter_of_two_letters: FILES, "run a.jsonl --out out --delimiter ab", 2, ["--delimiter", "one character"];
    a_delimiter_without_a_table: FILES, "run a.jsonl --out out --delimiter ;", 1, ["--delimiter: no INPUT is read as a table"];
    a_quote_that_separates: FILES, "run a.jsonl --format csv --out out --quote ,", 2, ["--delimiter and --quote are the same"];
    zero_tokens: LABELS, "sample l.csv --out out --tokens 0", 2, ["--tokens", "0"];
    tokens_with_an_unknown_suffix: LABELS, "sample l.csv --out out --tokens 5G", 2, ["--tokens", "5G"];
    a_budget_beyond_the_clip: LABELS, "sample l.csv --out out --clip 2 --documents 7", 1, ["--documents 7: the order ends after 6 draws", "at most --documents 6"];
    a_budget_beyond_the_default_clip: FILES, "run a.jsonl --out out --epochs 5.4", 1,
        ["--epochs 5.4", "--documents 15"];
    a_budget_beyond_one_pass: LABELS, "sample l.csv --out out --strategy g2s --documents 4", 1, ["--documents 4: the order ends after 3 draws", "at most --documents 3"];
    tokens_without_counts: LABELS, "sample l.csv --out out --tokens 9", 1, ["--tokens", "--token-field"];
    tokens_of_documents_without_counts: FILES, "run a.jsonl --out out --tokens 9", 2, ["--tokens 9", "--token-field"];
    tokens_beyond_the_clip: LABELS, "sample l.csv --out out --token-field n --clip 2 --tokens 25", 1, ["--tokens 25: the order ends after 24 tokens", "at most --tokens 24"];
    raise_clip_with_uniform: LABELS, "sample l.csv --out out --strategy uniform --when-exhausted raise-clip", 2,
        ["--when-exhausted raise-clip: does not go with --strategy uniform"];
    independent_with_random: LABELS, "sample l.csv --out out --strategy random --choice independent", 2,
        ["--choice independent: does not go with --strategy random"];
    an_unknown_strategy: LABELS, "sample l.csv --out out --strategy fair", 2, ["--strategy", "fair", "cluster-clip"];
    a_rank_beyond_the_world: LABELS, "sample l.csv --out out --rank 2 --world-size 2", 2, ["--rank 2 of --world-size 2: ranks are numbered from 0"];
    a_rank_without_a_world: LABELS, "sample l.csv --out out --rank 0", 2, ["--world-size"];
    a_rank_that_is_no_number: LABELS, "sample l.csv --out out --rank first --world-size 2", 2,
        ["--rank", "first", "from 0"];
    iterations_that_are_no_number: FILES, "run a.jsonl --out out --max-iterations -1", 2,
        ["--max-iterations", "-1", "from 0"];
    a_world_of_nobody: LABELS, "sample l.csv --out out --rank 0 --world-size 0", 2, ["--world-size", "0"];
    an_unknown_option: FILES, "run a.jsonl --out out --fast", 2, ["unexpected argument '--fast'"];
    an_unknown_command: [], "balance", 2, ["unrecognized subcommand 'balance'"];
    no_output_folder: FILES, "run a.jsonl", 2, ["were not provided", "--out"];
    rows_without_an_output_folder: [("x.npy", b"")], "cluster x.npy", 2, ["x.npy is a file: say with --out DIR"];
    labels_without_an_output_folder: LABELS, "sample l.csv", 2, ["l.csv is a file: say with --out DIR"];
    no_input: [], "run --out out", 2, ["were not provided", "<INPUT>..."];
    a_seed_that_is_negative: FILES, "run a.jsonl --out out --seed -1", 2, ["--seed", "-1"];
    a_seed_too_large: FILES, "run a.jsonl --out out --seed 18446744073709551616", 2, ["--seed"];
    zero_threads: FILES, "run a.jsonl --out out --threads 0", 2, ["'0' for '--threads", "from 1 to 1024"];
    a_tolerance_that_is_none: FILES, "run a.jsonl --out out --tolerance NaN", 2, ["'NaN' for '--tolerance", "a number from 0 to under 1"];
    an_unknown_start: FILES, "run a.jsonl --out out --init best", 2, ["'best' for '--init", "k-means++"];
    a_start_that_is_missing: FILES, "run a.jsonl --out out --init first.npy", 1, ["--init", "first.npy"];
    a_gpu_that_is_not_there: FILES, "run a.jsonl --out out --adapter abacus", 1, ["--adapter abacus", "no such GPU"];
    a_gpu_and_the_cpu: FILES, "run a.jsonl --out out --device cpu --adapter abacus", 2, ["--adapter abacus", "--device cpu"];
    a_gpu_for_the_lexical_embedder: FILES, "embed a.jsonl --out out --device gpu", 1, ["--device gpu", "lexical", "runs on the CPU"];
    an_export_that_is_none: FILES, "run a.jsonl --out out --export npy", 2, ["--export", "npy", "jsonl"];
    two_sources_of_rows: FILES, "run a.jsonl --out out --embedder lexical --embeddings x.npy", 2,
        ["--embedder", "--embeddings"];
}
