//! Numbers as files spell them.

/// What programs write for nothing among numbers.
pub const NULLS: [&str; 9] = ["nan", "NaN", "null", "NULL", "None", "NA", "N/A", "<NA>", ""];

/// What a text spells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// An integer, or a float that is whole.
    Whole(i128),
    /// A number that is not whole, or beyond 128 bits.
    Other,
}

/// The number that `text` spells in digits, with ASCII white space around it; `None` where it spells none.
///
/// ```
/// use clusterclip_core::format::labels::{Number, number};
/// for (text, whole) in [("7", 7), (" +07\t", 7), ("-1.0", -1), ("12.", 12), ("1e3", 1000), ("250E-1", 25)] {
///     assert_eq!(number(text), Some(Number::Whole(whole)), "{text}");
/// }
/// assert_eq!((number("1.5"), number("1e-3")), (Some(Number::Other), Some(Number::Other)));
/// assert!(["", "x", "0x10", "1_000", "nan", "inf", ".", "-", "1e", "1.0.0"].iter().all(|text| number(text).is_none()));
/// ```
pub fn number(text: &str) -> Option<Number> {
    let text = text.trim_ascii();
    if let Ok(whole) = text.parse() {
        return Some(Number::Whole(whole));
    }
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], exponent(&digits[at + 1..])?),
        None => (digits, 0),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = || before.bytes().chain(after.bytes());
    if all().next().is_none() || !all().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    Some(
        shifted(sign, all(), exponent.saturating_sub(after.len() as i64))
            .map_or(Number::Other, Number::Whole),
    )
}

/// An exponent; one of more digits than 64 bits hold is as large as can be.
fn exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 }))
}

/// The integer of these digits times 10 to the power of `exponent`, if it is one that 128 bits hold.
fn shifted(sign: i128, digits: impl Iterator<Item = u8>, exponent: i64) -> Option<i128> {
    let digits: Vec<u8> = digits.skip_while(|&digit| digit == b'0').collect();
    if digits.is_empty() {
        return Some(0);
    }
    let kept = match usize::try_from(exponent) {
        Ok(_) => digits.len(),
        Err(_) => {
            let cut = usize::try_from(exponent.unsigned_abs()).ok().filter(|&cut| cut < digits.len())?;
            let kept = digits.len() - cut;
            digits[kept..].iter().all(|&digit| digit == b'0').then_some(kept)?
        }
    };
    // 39 digits hold every integer of 128 bits.
    let zeros = usize::try_from(exponent.max(0)).ok().filter(|&zeros| zeros <= 39 && kept <= 39)?;
    let all = digits[..kept].iter().map(|digit| digit - b'0').chain(std::iter::repeat_n(0, zeros));
    { all }.try_fold(0i128, |sum, digit| sum.checked_mul(10)?.checked_add(sign * i128::from(digit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_floats_are_exact_however_many_digits_they_have() {
        for (text, whole) in [
            ("18446744073709551615", i128::from(u64::MAX)),
            ("18446744073709551615.0", i128::from(u64::MAX)),
            ("-170141183460469231731687303715884105728", i128::MIN),
            ("-170141183460469231731687303715884105728.00", i128::MIN),
            ("0.0", 0),
            ("-0", 0),
            ("-0.0e999999999999999999999", 0),
            ("0001.2300e2", 123),
            ("1.5e1", 15),
        ] {
            assert_eq!(number(text), Some(Number::Whole(whole)), "{text}");
        }
        let others = [
            "170141183460469231731687303715884105728",
            "1e39",
            "1e99999999999999999999",
            "1e-99999999999999999999",
        ];
        for text in
            others.iter().chain(&["0.1", "-1.01", "15e-1", "1234567890123456789012345678901234567890.5"])
        {
            assert_eq!(number(text), Some(Number::Other), "{text}");
        }
        // Only ASCII white space is any, whatever Unicode a compiler knows; other digits are none.
        assert!(
            ["\u{a0}7", "٧", "1,5", "1 000", "e5", "+-1", "--1"].iter().all(|text| number(text).is_none())
        );
    }
}
