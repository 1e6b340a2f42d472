//! What people type: names and numbers, and what is wrong with them.

use std::fmt;

use crate::error::{Explain, Kind, Names, Param};
use crate::named::UnknownName;

/// Most digits after the point: with 18, fraction · 2^40 documents stays under 2^100 and fits u128.
const MAX_FRACTION_DIGITS: u32 = 18;

/// What a parameter cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// A name that nothing has.
    UnknownName(#[from] UnknownName),
    /// Not a number of the kind that the parameter takes.
    InvalidNumber {
        /// The parameter.
        param: Param,
        /// What was given.
        value: String,
        /// What is wrong with it, and what may be given.
        reason: &'static str,
    },
}

impl ParseError {
    /// A number that is none.
    pub(super) fn number(param: Param, value: &str, reason: &'static str) -> Self {
        Self::InvalidNumber { param, value: value.to_owned(), reason }
    }
}

impl Explain for ParseError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownName(unknown) => unknown.explain(names, f),
            Self::InvalidNumber { param, value, reason } => {
                write!(f, "{} {value:?}: {reason}", names(*param))
            }
        }
    }
}

crate::explained!(ParseError);

/// Reads a number of documents: decimal digits, at least 1.
///
/// An error speaks of `param`.
///
/// ```
/// use clusterclip_core::error::Param;
/// use clusterclip_core::sampler::parse_count;
/// assert_eq!(parse_count(Param::Documents, "1000")?, 1000);
/// let error = parse_count(Param::Documents, "1.5").unwrap_err();
/// assert_eq!(error.to_string(), "documents \"1.5\": must be a whole number");
/// # Ok::<(), clusterclip_core::sampler::ParseError>(())
/// ```
///
/// # Errors
/// Anything else, with what is wrong with it.
pub fn parse_count(param: Param, value: &str) -> Result<u64, ParseError> {
    let invalid = |reason| ParseError::number(param, value, reason);
    if value.contains('.') {
        return Err(invalid("must be a whole number"));
    }
    match decimal(value).map_err(invalid)? {
        (0, ..) => Err(invalid("must be at least 1")),
        (count, ..) => Ok(count),
    }
}

/// Reads a number of tokens: a decimal number, at least 1, that one of K, M, B, T (10^3, 10^6, 10^9, 10^12)
/// may follow and that is whole with it.
///
/// ```
/// assert_eq!(clusterclip_core::sampler::parse_tokens("1.5B")?, 1_500_000_000);
/// # Ok::<(), clusterclip_core::sampler::ParseError>(())
/// ```
///
/// # Errors
/// Anything else, with what is wrong with it.
pub fn parse_tokens(value: &str) -> Result<u64, ParseError> {
    let invalid = |reason| ParseError::number(Param::Tokens, value, reason);
    let zeros = match value.bytes().last() {
        Some(b'K') => 3,
        Some(b'M') => 6,
        Some(b'B') => 9,
        Some(b'T') => 12,
        _ => 0,
    };
    let number = if zeros > 0 { &value[..value.len() - 1] } else { value };
    let (whole, fraction, digits) = decimal(number).map_err(invalid)?;
    if digits > zeros {
        return Err(invalid("must be a whole number of tokens"));
    }
    // whole < 2^64 and 10^12 < 2^40, so the sum stays under 2^105.
    let tokens = u128::from(whole) * 10u128.pow(zeros) + u128::from(fraction) * 10u128.pow(zeros - digits);
    match u64::try_from(tokens) {
        Ok(0) => Err(invalid("must be at least 1")),
        Ok(tokens) => Ok(tokens),
        Err(_) => Err(invalid(TOO_LARGE)),
    }
}

const TOO_LARGE: &str = "must be under 2^64";

/// Splits `12.50` into 12, 5 and one digit after the point.
pub(super) fn decimal(value: &str) -> Result<(u64, u64, u32), &'static str> {
    if value.is_empty() {
        return Err("must be a number, and is empty");
    }
    if value.starts_with('-') {
        return Err("must be more than 0");
    }
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !all_digits || (whole.is_empty() && fraction.is_empty()) {
        return Err("must be a decimal number such as 3 or 0.5, without sign, exponent or separators");
    }
    let fraction = fraction.trim_end_matches('0');
    let digits = fraction.len() as u32;
    if fraction.len() > MAX_FRACTION_DIGITS as usize {
        return Err("has more than 18 digits after the point");
    }
    let number = |text: &str| if text.is_empty() { Ok(0) } else { text.parse().map_err(|_| TOO_LARGE) };
    Ok((number(whole)?, number(fraction)?, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_and_positive() {
        assert_eq!(parse_count(Param::Documents, "18446744073709551615"), Ok(u64::MAX));
        for value in ["", "0", "-3", "1.5", "1.0", "1K", "18446744073709551616", "NaN"] {
            let error = parse_count(Param::Documents, value).unwrap_err().to_string();
            assert!(error.starts_with(&format!("documents {value:?}: ")), "{error}");
        }
    }

    #[test]
    fn tokens_take_suffixes_that_make_them_whole() {
        for (value, tokens) in [
            ("1", 1),
            ("20B", 20_000_000_000),
            ("1.5K", 1500),
            ("0.001K", 1),
            (".5M", 500_000),
            ("3T", 3_000_000_000_000),
            ("7.0", 7),
            ("18446744T", 18_446_744_000_000_000_000),
        ] {
            assert_eq!(parse_tokens(value), Ok(tokens), "{value}");
        }
        for value in ["", "K", "0", "0K", "-5", "1.5", "1.2345K", "5k", "5KB", "5 K", "1e9", "18446745T", "é"]
        {
            let error = parse_tokens(value).unwrap_err().to_string();
            assert!(error.starts_with(&format!("tokens {value:?}: ")), "{error}");
        }
    }
}
