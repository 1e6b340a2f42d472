//! How far weights are drawn towards equal ones.

use std::fmt;
use std::str::FromStr;

use super::super::parse::ParseError;
use super::WeightsError;
use crate::error::Param;

/// What the logarithms of weights are divided by: a finite number over 0. The larger it is, the nearer to equal.
///
/// ```
/// use clusterclip_core::sampler::Temperature;
/// assert_eq!("2.5".parse::<Temperature>()?.get(), 2.5);
/// let error = "0".parse::<Temperature>().unwrap_err();
/// assert_eq!(error.to_string(), "temperature \"0\": must be a finite number over 0");
/// # Ok::<(), clusterclip_core::sampler::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temperature(f64);

// It is finite, so it equals itself.
impl Eq for Temperature {}

/// The temperature of weights by size unless another is given.
pub const SIZE_TEMPERATURE: Temperature = Temperature(2.0);

/// The temperature of weights by density unless another is given: weights as they are.
pub const DENSITY_TEMPERATURE: Temperature = Temperature(1.0);

impl Temperature {
    /// Checks a temperature.
    ///
    /// # Errors
    /// A number that is not finite and over 0.
    pub fn new(value: f64) -> Result<Self, WeightsError> {
        match value.is_finite() && value > 0.0 {
            true => Ok(Self(value)),
            false => Err(WeightsError::Temperature { value: value.to_string() }),
        }
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }

    /// A weight of at least 0, drawn towards 1: exp(ln f / T), and exactly f where T is 1.
    pub(crate) fn soften(self, weight: f64) -> f64 {
        if self.0 == 1.0 { weight } else { libm::exp(libm::log(weight) / self.0) }
    }
}

impl fmt::Display for Temperature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Temperature {
    type Err = ParseError;

    /// Reads a decimal number, with an exponent or without.
    fn from_str(value: &str) -> Result<Self, ParseError> {
        let number = value.parse().ok().and_then(|number| Self::new(number).ok());
        number.ok_or_else(|| ParseError::number(Param::Temperature, value, "must be a finite number over 0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_temperature_is_refused() {
        for value in ["", "x", "0", "-1", "inf", "NaN", "1e999"] {
            let message = value.parse::<Temperature>().unwrap_err().to_string();
            assert!(message.starts_with(&format!("temperature {value:?}: ")), "{message}");
        }
        for value in [f64::NAN, f64::INFINITY, 0.0, -2.0] {
            let message = Temperature::new(value).unwrap_err().to_string();
            assert_eq!(message, format!("temperature {value}: must be a finite number over 0"));
        }
        assert_eq!("1e-3".parse::<Temperature>().unwrap().to_string(), "0.001");
    }

    #[test]
    fn a_temperature_of_one_changes_no_weight() {
        assert_eq!(DENSITY_TEMPERATURE.soften(0.1), 0.1);
        assert!((SIZE_TEMPERATURE.soften(0.25) - 0.5).abs() < 1e-15);
    }
}
