//! The border to the terminal: what comes from data, file names or other libraries is shown, never obeyed.
//!
//! A control character in an id or in a file's name could move the cursor, change colours or the window's title, or turn
//! text around, so that a person reads what is not there. Whatever is printed goes through here.

use std::borrow::Cow;

/// Text of one line: control characters, line ends too, are escaped as Rust writes them, such as `\u{1b}`.
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, is_harmful, |c| c.escape_default().collect())
}

/// Text of several lines, whose line ends are ours; all other control characters are escaped.
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && is_harmful(c), |c| c.escape_default().collect())
}

/// JSON with the same meaning, in which no control character stands as it is: JSON itself escapes the first 32 only.
pub fn json(text: &str) -> Cow<'_, str> {
    // Outside of strings there are none, and none of these is beyond 16 bits.
    escaped(text, |c| c != '\n' && is_harmful(c), |c| format!("\\u{:04x}", u32::from(c)))
}

/// Whether a terminal may obey it: C0, DEL and C1, and what turns the direction of text or ends its line.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, is_harmful: impl Fn(char) -> bool, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(&is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_harmful(c) { shown.push_str(&escape(c)) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_character_is_escaped_and_nothing_else() {
        let control = (0..0x11_0000).filter_map(char::from_u32).filter(|&c| c.is_control());
        let bidi =
            "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        let all: String = control.chain(bidi.chars()).chain(['\u{2028}', '\u{2029}']).collect();
        assert_eq!(all.chars().count(), 65 + 12 + 2);
        assert!(line(&all).bytes().all(|byte| (b' '..0x7F).contains(&byte)), "{}", line(&all));
        assert_eq!(lines(&all).matches('\n').count(), 1);
        assert_eq!(line("\u{1b}[31mred\u{9b}0m\r\n"), "\\u{1b}[31mred\\u{9b}0m\\r\\n");
        let kept = "déjà vu, 日本語 \u{1F600} a\u{301} \u{200D}\u{FEFF}\\u{1b}";
        assert!(matches!(line(kept), Cow::Borrowed(text) if text == kept));
    }

    #[test]
    fn json_keeps_its_meaning() {
        let all: String = (0..0x2070).filter_map(char::from_u32).collect();
        let text = serde_json::to_string(&all).unwrap();
        let shown = json(&text);
        assert!(!shown.contains(is_harmful));
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), all);
    }
}
