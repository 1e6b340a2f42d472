//! How long an order is: epochs as exact decimals, or documents.

use std::fmt;
use std::str::FromStr;

use super::parse::{ParseError, decimal};
use crate::error::Param;

/// The length of an order.
///
/// ```
/// use clusterclip_core::sampler::Budget;
/// assert_eq!(Budget::Epochs("0.7".parse()?).draws(10), 7);
/// assert_eq!(Budget::Documents(25).draws(10), 25);
/// # Ok::<(), clusterclip_core::sampler::ParseError>(())
/// ```
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
    /// The number alone: [`Budget::param`] says what is counted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epochs(epochs) => epochs.fmt(f),
            Self::Documents(count) => count.fmt(f),
        }
    }
}

impl Budget {
    /// The parameter that asks for it.
    pub fn param(self) -> Param {
        match self {
            Self::Epochs(_) => Param::Epochs,
            Self::Documents(_) => Param::Documents,
        }
    }

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
/// # Ok::<(), clusterclip_core::sampler::ParseError>(())
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
    type Err = ParseError;

    /// Reads `2`, `0.5` or `.5`; zero, signs, exponents and anything that is no number are refused.
    fn from_str(value: &str) -> Result<Self, ParseError> {
        let invalid = |reason| ParseError::number(Param::Epochs, value, reason);
        let (whole, fraction, digits) = decimal(value).map_err(invalid)?;
        if whole == 0 && fraction == 0 {
            return Err(invalid("must be more than 0"));
        }
        Ok(Self { whole, fraction, digits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Explain as _, Kind};

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
        assert_eq!(Budget::Epochs(epochs("1.50")).to_string(), "1.5");
        assert_eq!(Budget::Epochs(epochs("1.50")).param(), Param::Epochs);
        assert_eq!(Budget::Documents(7).to_string(), "7");
        assert_eq!(Budget::Documents(7).param(), Param::Documents);
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
            assert_eq!(error.kind(), Kind::Usage);
            assert!(error.to_string().starts_with(&format!("epochs {value:?}: ")), "{error}");
        }
    }
}
