//! How long an order is: epochs as exact decimals, documents, and the numbers people type.

use std::fmt;
use std::str::FromStr;

use super::error::SamplerError;

/// Most digits after the point: with 18, fraction · 2^40 documents stays under 2^100 and fits u128.
const MAX_FRACTION_DIGITS: u32 = 18;

/// The length of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// ⌊epochs · documents⌋ draws.
    Epochs(Epochs),
    /// So many draws.
    Documents(u64),
}

impl Default for Budget {
    /// One epoch.
    fn default() -> Self {
        Self::Epochs(Epochs::ONE)
    }
}

impl fmt::Display for Budget {
    /// As it is asked for on the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epochs(epochs) => write!(f, "--epochs {epochs}"),
            Self::Documents(count) => write!(f, "--documents {count}"),
        }
    }
}

impl Budget {
    /// How many draws that is with so many clustered documents (at most 2^40); may be 0.
    pub fn draws(self, documents: u64) -> u128 {
        match self {
            Self::Epochs(epochs) => epochs.draws(documents),
            Self::Documents(count) => u128::from(count),
        }
    }
}

/// A number of epochs, as an exact decimal: ⌊0.7 · 10⌋ is 7, whatever f64 makes of 0.7.
///
/// ```
/// use clusterclip_core::sampler::Epochs;
/// let epochs: Epochs = "2.50".parse()?;
/// assert_eq!(epochs.draws(9), 22);
/// assert_eq!(epochs.to_string(), "2.5");
/// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Epochs {
    whole: u64,
    /// Under 10^digits, without trailing zeros.
    fraction: u64,
    digits: u32,
}

impl Epochs {
    /// Every document once, on average.
    pub const ONE: Self = Self { whole: 1, fraction: 0, digits: 0 };

    /// ⌊epochs · documents⌋.
    pub fn draws(self, documents: u64) -> u128 {
        let documents = u128::from(documents);
        u128::from(self.whole) * documents + u128::from(self.fraction) * documents / 10u128.pow(self.digits)
    }
}

impl From<u64> for Epochs {
    fn from(whole: u64) -> Self {
        Self { whole, fraction: 0, digits: 0 }
    }
}

impl fmt::Display for Epochs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits == 0 {
            write!(f, "{}", self.whole)
        } else {
            write!(f, "{}.{:0width$}", self.whole, self.fraction, width = self.digits as usize)
        }
    }
}

impl FromStr for Epochs {
    type Err = SamplerError;

    /// Reads `2`, `0.5` or `.5`; zero, signs, exponents and anything that is no number are refused.
    fn from_str(value: &str) -> Result<Self, SamplerError> {
        let invalid =
            |reason| SamplerError::InvalidNumber { option: "--epochs", value: value.to_owned(), reason };
        let (whole, fraction, digits) = decimal(value).map_err(invalid)?;
        if whole == 0 && fraction == 0 {
            return Err(invalid("must be more than 0"));
        }
        Ok(Self { whole, fraction, digits })
    }
}

/// Reads a number of documents: decimal digits, at least 1.
///
/// `option` is the name that an error shows, such as `--documents`.
///
/// # Errors
/// Anything else, with what is wrong with it.
pub fn parse_count(option: &'static str, value: &str) -> Result<u64, SamplerError> {
    let invalid = |reason| SamplerError::InvalidNumber { option, value: value.to_owned(), reason };
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
/// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
/// ```
///
/// # Errors
/// Anything else, with what is wrong with it.
pub fn parse_tokens(value: &str) -> Result<u64, SamplerError> {
    let invalid =
        |reason| SamplerError::InvalidNumber { option: "--tokens", value: value.to_owned(), reason };
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
fn decimal(value: &str) -> Result<(u64, u64, u32), &'static str> {
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

    fn epochs(value: &str) -> Epochs {
        value.parse().unwrap()
    }

    #[test]
    fn epochs_are_exact_decimals() {
        // 0.7 · 10 is 7.000…01 or 6.999… in binary, 1.1 · 10^12 likewise.
        assert_eq!(epochs("0.7").draws(10), 7);
        assert_eq!(epochs("1.1").draws(1_000_000_000_000), 1_100_000_000_000);
        assert_eq!(epochs("0.333333333333333333").draws(3), 0);
        assert_eq!(epochs("2.999999999999999999").draws(1 << 40), 3 * (1 << 40) - 1);
        assert_eq!(epochs("5").draws(9), 45);
        assert_eq!(epochs("18446744073709551615").draws(1 << 40), u128::from(u64::MAX) << 40);
        assert_eq!(Epochs::from(3), epochs("3.000"));
        assert_eq!(Budget::default().draws(77), 77);
    }

    #[test]
    fn epochs_read_back_as_they_are_written() {
        for (value, written) in
            [("1", "1"), ("1.50", "1.5"), (".25", "0.25"), ("00.0100", "0.01"), ("7.", "7"), ("3.0", "3")]
        {
            assert_eq!(epochs(value).to_string(), written);
            assert_eq!(epochs(written), epochs(value));
        }
        assert_eq!(Budget::Epochs(epochs("1.50")).to_string(), "--epochs 1.5");
    }

    #[test]
    fn epochs_that_are_none_are_refused() {
        for value in [
            "",
            ".",
            "-1",
            "-0",
            "+1",
            "0",
            "0.0",
            "NaN",
            "nan",
            "inf",
            "1e3",
            "1E-2",
            "1,5",
            " 1",
            "1_000",
            "½",
            "0x1",
            "1.2.3",
            "18446744073709551616",
            "0.0000000000000000001",
        ] {
            let error = value.parse::<Epochs>().unwrap_err();
            assert!(error.is_usage());
            assert!(error.to_string().starts_with(&format!("--epochs {value:?}: ")), "{error}");
        }
    }

    #[test]
    fn counts_are_whole_and_positive() {
        assert_eq!(parse_count("--documents", "18446744073709551615"), Ok(u64::MAX));
        for value in ["", "0", "-3", "1.5", "1.0", "1K", "18446744073709551616", "NaN"] {
            let error = parse_count("--documents", value).unwrap_err().to_string();
            assert!(error.starts_with(&format!("--documents {value:?}: ")), "{error}");
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
            assert!(error.starts_with(&format!("--tokens {value:?}: ")), "{error}");
        }
    }
}
