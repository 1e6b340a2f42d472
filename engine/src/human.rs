//! Numbers as a person reads them.
//!
//! ```
//! use clusterclip_engine::human::{bytes, counted};
//!
//! assert_eq!(counted(2000, "document"), "2,000 documents");
//! assert_eq!(bytes(152_345_678.0), "152 MB");
//! ```

use std::time::Duration;

/// Writes a whole number with a comma between thousands.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes a whole number with its noun, in the plural where it is not one.
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// Writes an amount of bytes, in powers of 1000.
pub fn bytes(amount: f64) -> String {
    let (mut amount, mut unit) = (amount, "B");
    for larger in ["kB", "MB", "GB", "TB", "PB"] {
        // From 999.5 on three digits would round to 1000.
        if amount < 999.5 {
            break;
        }
        amount /= 1000.0;
        unit = larger;
    }
    format!("{} {unit}", if unit == "B" { format!("{amount:.0}") } else { three_digits(amount) })
}

/// Writes how long something took or will take.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        s if s < 0.0005 => "under 1 ms".to_owned(),
        s if s < 0.9995 => format!("{:.0} ms", s * 1000.0),
        s if s < 99.95 => format!("{} s", three_digits(s)),
        s if s < 5400.0 => format!("{} min {:02} s", s as u64 / 60, s as u64 % 60),
        s => format!("{} h {:02} min", s as u64 / 3600, s as u64 % 3600 / 60),
    }
}

/// Writes a share as a percentage.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Writes a number with three significant digits, those before the point never cut.
pub fn three_digits(number: f64) -> String {
    match number.abs() {
        n if n >= 99.95 => format!("{number:.0}"),
        n if n >= 9.995 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "document"), "1 document");
        assert_eq!(counted(2000, "document"), "2,000 documents");
        assert_eq!(bytes(999.0), "999 B");
        assert_eq!(bytes(999_600.0), "1.00 MB");
        assert_eq!(bytes(152_345_678.0), "152 MB");
        assert_eq!(duration(Duration::from_millis(87)), "87 ms");
        assert_eq!(duration(Duration::from_millis(5_250)), "5.25 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 05 s");
        assert_eq!(duration(Duration::from_secs(7_260)), "2 h 01 min");
        assert_eq!(percent(0.1234), "12.3 %");
    }
}
