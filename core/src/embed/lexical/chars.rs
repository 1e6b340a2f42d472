//! Character classes and lower case, from pinned tables.
//!
//! std's own tables change with the compiler, and rows would change with them.

use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};
use unicode_script::{Script, UnicodeScript};

/// What a character does to the word or run that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// Ends a word or run.
    Separator,
    /// A capital letter: categories Lu and Lt.
    Upper,
    /// A small letter: category Ll.
    Lower,
    /// Any other letter, and every number.
    Other,
    /// A combining mark: continues a word or run, and is nothing on its own.
    Mark,
    /// A format character (soft hyphen, joiners, byte order mark): as if it were not there.
    Ignored,
    /// A letter or number shared by scripts (ー, full-width digits): continues a run, else part of a word.
    Shared,
    /// Han: a run of its own, where one character is already a word.
    Han,
    /// Other scripts written without spaces: Hiragana, Katakana, Thai, Lao, Khmer, Myanmar.
    Unspaced,
    /// A symbol beyond ASCII (an emoji, a currency): a word by itself.
    Symbol,
}

/// The class and lower case of one character.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its class.
    pub class: Class,
    /// The first character of its lower case.
    pub lower: u32,
}

impl Entry {
    const fn new(class: Class, lower: u32) -> Self {
        Self { class, lower }
    }

    /// Looks a character up in the pinned tables.
    fn of(c: char) -> Self {
        use Category as C;
        let class = match c.general_category() {
            C::UppercaseLetter | C::TitlecaseLetter => Class::Upper,
            C::LowercaseLetter => Class::Lower,
            C::ModifierLetter | C::OtherLetter | C::DecimalNumber | C::LetterNumber | C::OtherNumber => {
                Class::Other
            }
            C::NonspacingMark | C::SpacingMark | C::EnclosingMark => Class::Mark,
            C::Format => Class::Ignored,
            C::MathSymbol | C::CurrencySymbol | C::ModifierSymbol | C::OtherSymbol if !c.is_ascii() => {
                Class::Symbol
            }
            _ => Class::Separator,
        };
        let class = match (class, c.script()) {
            (Class::Other, Script::Han) => Class::Han,
            (
                Class::Other | Class::Mark,
                Script::Hiragana
                | Script::Katakana
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar,
            ) => Class::Unspaced,
            (Class::Other, Script::Common | Script::Inherited) if !c.is_ascii() => Class::Shared,
            _ => class,
        };
        let lower = match unicode_case_mapping::to_lowercase(c)[0] {
            0 => c as u32,
            lower => lower,
        };
        Self { class, lower }
    }
}

/// Classes of the 128 ASCII characters, so that the common case needs no other memory.
pub const ASCII: [Entry; 128] = {
    let mut table = [Entry::new(Class::Separator, 0); 128];
    let mut i = 0;
    while i < 128 {
        let b = i as u8;
        let class = if b.is_ascii_uppercase() {
            Class::Upper
        } else if b.is_ascii_lowercase() {
            Class::Lower
        } else if b.is_ascii_digit() {
            Class::Other
        } else {
            Class::Separator
        };
        table[i] = Entry::new(class, b.to_ascii_lowercase() as u32);
        i += 1;
    }
    table
};

/// Entries of the Basic Multilingual Plane: a look-up instead of three binary searches a character.
pub struct CharTable(Vec<Entry>);

impl std::fmt::Debug for CharTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CharTable").finish_non_exhaustive()
    }
}

impl CharTable {
    /// Fills the table; takes a few milliseconds and 512 KiB.
    pub fn new() -> Self {
        // Surrogates are no characters and never looked up.
        let entry = |c| char::from_u32(c).map_or(Entry::new(Class::Separator, 0), Entry::of);
        Self((0..0x1_0000).map(entry).collect())
    }

    /// The entry of a character.
    #[inline]
    pub fn get(&self, c: char) -> Entry {
        self.0.get(c as usize).copied().unwrap_or_else(|| Entry::of(c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ascii_table_agrees_with_unicode() {
        for c in 0..128u8 {
            let (fast, full) = (ASCII[usize::from(c)], Entry::of(char::from(c)));
            assert_eq!((fast.class, fast.lower), (full.class, full.lower), "{:?}", char::from(c));
        }
    }

    /// SPEC.md, section 2, names these.
    #[test]
    fn the_tables_are_those_of_the_specification() {
        assert_eq!(unicode_properties::UNICODE_VERSION, (18, 0, 0));
        assert_eq!(unicode_script::UNICODE_VERSION, (18, 0, 0));
        assert_eq!(unicode_case_mapping::UNICODE_VERSION, (16, 0, 0));
    }

    #[test]
    fn scripts_and_symbols_get_their_classes() {
        let table = CharTable::new();
        let classes = [
            ('É', Class::Upper),
            ('ß', Class::Lower),
            ('漢', Class::Han),
            ('々', Class::Han),
            ('ひ', Class::Unspaced),
            ('ー', Class::Shared),
            ('ก', Class::Unspaced),
            ('ั', Class::Unspaced),
            ('한', Class::Other),
            ('\u{301}', Class::Mark),
            ('\u{200d}', Class::Ignored),
            ('😀', Class::Symbol),
            ('€', Class::Symbol),
            ('。', Class::Separator),
            ('𠀀', Class::Han),
        ];
        for (c, class) in classes {
            assert_eq!(table.get(c).class, class, "{c}");
        }
        assert_eq!(table.get('Σ').lower, 'σ' as u32);
        assert_eq!(table.get('İ').lower, 'i' as u32);
    }
}
