//! Words into values that can only be valid: one message a mistake, naming the value and the limit.

use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clusterclip_core::error::{dashed, said};
use clusterclip_core::format::records::Template;
use clusterclip_core::format::table::Quote;
use clusterclip_core::named::UnknownName;
use clusterclip_core::sampler::{Epochs, MAX_BUDGET, ParseError, Temperature, WeightRule, parse_tokens};
use clusterclip_core::weighing::WeightsFrom;
use clusterclip_engine::settings::Init;
use clusterclip_engine::store;

/// The most threads that can be asked for; more than any machine has, few enough to start.
const MAX_THREADS: usize = 1024;

/// The most files that an order can be cut into: their names have five digits.
const MAX_SHARDS: u64 = store::MAX_SHARDS as u64;

/// The most tokens of a sequence or a batch that can be asked for: 2^20, longer than any model's.
const MAX_SEQUENCE: usize = 1 << 20;

/// A parser of names with help; what they mean is the library's [`FromStr`].
pub fn named<T>(names: &'static [(&'static str, &'static str)]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err = UnknownName> + Clone + Send + Sync + 'static,
{
    let values = names.iter().map(|&(name, help)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(values).try_map(|name| name.parse::<T>())
}

/// Parses one of two names; clap itself names the option and the value.
pub fn either<T: FromStr<Err = UnknownName>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|unknown: UnknownName| format!("expected `{}`", unknown.known.join("` or `")))
}

/// Parses `--clusters`.
pub fn clusters(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number @ 1..) => Ok(number),
        _ => Err("give a whole number, at least 1 and at most the number of documents".into()),
    }
}

/// Parses `--threads`.
pub fn threads(text: &str) -> Result<usize, String> {
    whole_number(text, "the number of threads", MAX_THREADS)
}

/// Parses `--max-tokens`.
pub fn max_tokens(text: &str) -> Result<usize, String> {
    whole_number(text, "the longest text in tokens", MAX_SEQUENCE)
}

/// Parses `--batch-tokens`.
pub fn batch_tokens(text: &str) -> Result<usize, String> {
    whole_number(text, "the number of tokens in a batch", MAX_SEQUENCE)
}

/// Parses `--tolerance`.
pub fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..1.0).contains(&share) => Ok(share),
        _ => Err("a tolerance is a share of what is left to gain: a number from 0 to under 1".into()),
    }
}

/// Parses `--seed`.
pub fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a seed is a whole number from 0 to {} (2^64 - 1)", u64::MAX))
}

/// Parses `--max-iterations`.
pub fn max_iterations(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| {
        format!("the most iterations are a whole number from 0 (assign once, move nothing) to {}", u32::MAX)
    })
}

/// Parses `--rank`.
pub fn rank(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a rank is a whole number from 0 to one less than --world-size".into())
}

/// Parses `--world-size`.
pub fn world_size(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number @ 1..) => Ok(number),
        _ => Err("a world size is a whole number, at least 1".into()),
    }
}

/// Parses `--documents`.
pub fn documents(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number @ 1..=MAX_BUDGET) => Ok(number),
        _ => Err(format!(
            "give a whole number of documents from 1 to {MAX_BUDGET} (2^48), in digits only; the suffixes K, M, B \
             and T are for --tokens, and shares such as 0.5 for --epochs"
        )),
    }
}

/// Parses `--epochs`.
pub fn epochs(text: &str) -> Result<Epochs, String> {
    let epochs: Epochs = text.parse().map_err(|error| match error {
        // clap itself names the option and the value.
        ParseError::InvalidNumber { reason, .. } => reason.to_owned(),
        error => said(&error, dashed).to_string(),
    })?;
    if epochs.draws(1) > u128::from(MAX_BUDGET) {
        return Err(format!("over the limit of {MAX_BUDGET} (2^48) draws, even with one document"));
    }
    Ok(epochs)
}

/// Parses `--tokens`.
pub fn tokens(text: &str) -> Result<u64, String> {
    parse_tokens(text).map_err(|_| {
        "a number of tokens is whole, at least 1 and under 2^64: digits, or a decimal with one of the suffixes K, M, \
         B, T (capital letters: 10^3, 10^6, 10^9, 10^12), such as 1.5B"
            .into()
    })
}

fn whole_number(text: &str, what: &str, limit: usize) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (1..=limit).contains(&number) => Ok(number),
        _ => Err(format!("{what} is a whole number from 1 to {limit}")),
    }
}

/// Parses `--template`: the template itself, or `@` and the file that holds it.
pub fn template(text: &str) -> Result<Template, String> {
    let source = match text.strip_prefix('@') {
        Some(file) => {
            std::fs::read_to_string(file).map_err(|cause| format!("{file} cannot be read: {cause}"))?
        }
        None => text.to_owned(),
    };
    if !source.contains("{{") && !source.contains("{%") {
        return Err(
            "a template holds fields, such as {{ text }}; a file that holds one is given as @FILE".into()
        );
    }
    Template::new(&source).map_err(|error| said(&error, dashed).to_string())
}

/// Parses `--delimiter`.
pub fn delimiter(text: &str) -> Result<u8, String> {
    one_byte(text).ok_or_else(|| "give one character of ASCII, such as ; or | or \\t".into())
}

/// Parses `--quote`.
pub fn quote(text: &str) -> Result<Quote, String> {
    match text {
        "none" => Ok(Quote::Nothing),
        text => one_byte(text).map(Quote::Byte).ok_or_else(|| "give `none` or one character of ASCII".into()),
    }
}

fn one_byte(text: &str) -> Option<u8> {
    match text.as_bytes() {
        b"\\t" => Some(b'\t'),
        &[byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | 0) => Some(byte),
        _ => None,
    }
}

/// Parses `--init`.
pub fn init(text: &str) -> Result<Init, String> {
    match text {
        "random" => Ok(Init::Random),
        "k-means++" => Ok(Init::KMeansPlusPlus),
        file if file.ends_with(".npy") => Ok(Init::File(file.into())),
        _ => Err("expected `random`, `k-means++` or a file whose name ends in .npy".into()),
    }
}

/// Parses `--weights`: a rule, else a file, whose name has an extension.
pub fn weights(text: &str) -> Result<WeightsFrom, String> {
    match text.parse::<WeightRule>() {
        Ok(rule) => Ok(WeightsFrom::Rule(rule)),
        Err(_) if text.contains('.') => Ok(WeightsFrom::File(text.into())),
        Err(unknown) => {
            Err(format!("expected `{}` or a file such as weights.csv", unknown.known.join("`, `")))
        }
    }
}

/// Parses `--temperature`.
pub fn temperature(text: &str) -> Result<Temperature, String> {
    text.parse().map_err(|_| "a temperature is a finite number over 0".into())
}

/// Parses `--groups`.
pub fn groups(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number @ 1..) => Ok(number),
        _ => {
            Err("give a whole number, at least 1 and at most the number of clusters that have documents"
                .into())
        }
    }
}

/// Parses `--shards`.
pub fn shards(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number @ 1..=MAX_SHARDS) => Ok(number),
        _ => Err(format!("a number of files is a whole number from 1 to {MAX_SHARDS}")),
    }
}

/// Parses `--shard-size`.
pub fn shard_size(text: &str) -> Result<u64, String> {
    let wrong = || {
        "a size is a number of bytes with one of the suffixes KB, MB, GB, TB (10^3, 10^6, 10^9, 10^12), such as 500MB, \
         and at least 1KB"
            .to_owned()
    };
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit: u64 = match &text[digits.len()..] {
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(unit).filter(|&bytes| bytes > 0).ok_or_else(wrong)
}
