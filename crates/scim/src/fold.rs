//! How two strings are compared if an attribute is not caseExact (RFC 7643 s2.2, RFC 7644 s5).

use unicode_normalization::char::{canonical_combining_class, compose, decompose_canonical};

/// Folds a string: strings that differ only in letter case, or in composed and decomposed accents, become the same
/// string: `STRASSE` and `straße`, `É` and `e` with a combining acute.
///
/// ```
/// assert_eq!(scim::fold("STRASSE"), scim::fold("straße"));
/// ```
///
/// Storage keeps folded copies beside the values as they were sent, because SQLite folds only ASCII.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    nfc(nfc(text.chars()).into_iter().flat_map(fold_char)).into_iter().collect()
}

/// Folds a character to lower case, then upper, then lower again: the step through upper case unites letters that
/// have one capital in common (`ß`, `ẞ` and `ss`; `σ` and `ς`), which lower case alone keeps apart. The dotless `ı`
/// differs from `i` although `I` is the capital of both: Unicode folds the two together for Turkic languages alone.
fn fold_char(letter: char) -> impl Iterator<Item = char> {
    let round = letter.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    round.map(move |folded| if letter == 'ı' { letter } else { folded })
}

/// Converts to Normalization Form C (UAX #15 s1.3), with the library's tables. The library's own iterator is not
/// used, because it brings along the tables of compatibility, which this form does not need: 31 KB of the download.
fn nfc(text: impl Iterator<Item = char>) -> Vec<char> {
    let mut letters = Vec::new();
    for letter in text {
        decompose_canonical(letter, |part| letters.push((canonical_combining_class(part), part)));
    }
    order(&mut letters);
    composed(&letters)
}

/// Sorts marks by their class, between one starter and the next (the Canonical Ordering Algorithm, Unicode D109).
fn order(letters: &mut [(u8, char)]) {
    for marks in letters.chunk_by_mut(|(one, _), (next, _)| *one != 0 && *next != 0) {
        marks.sort_by_key(|(class, _)| *class);
    }
}

/// Composes letters (the Canonical Composition Algorithm, Unicode D117): a letter joins the last starter, unless a
/// mark of the same class or of a higher one stays between them.
fn composed(letters: &[(u8, char)]) -> Vec<char> {
    let mut text: Vec<char> = Vec::with_capacity(letters.len());
    let mut starter = None;
    let mut between = None;
    for &(class, letter) in letters {
        let last = starter.filter(|_| between.is_none_or(|between| between < class));
        if let Some(last) = last.and_then(|at: usize| text.get_mut(at))
            && let Some(joined) = compose(*last, letter)
        {
            *last = joined;
            continue;
        }
        if class == 0 {
            starter = Some(text.len());
        }
        between = (class != 0).then_some(class);
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::{fold, nfc};

    #[test]
    fn letters_that_differ_in_case_alone_fold_to_the_same_text() {
        for (one, other) in [
            ("Ada@Contoso.example", "ADA@CONTOSO.EXAMPLE"),
            ("MÜLLER", "müller"),
            ("straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("İ", "i\u{307}"),
            ("E\u{301}", "é"),
            ("ЖУК", "жук"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
    }

    #[test]
    fn folding_again_changes_nothing() {
        for text in ["ẞ", "İ", "ΑΣ", "ŉ", "ǰ", "ﬃ", "K", "ſ", "\u{345}", "Ⅷ"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }

    #[test]
    fn letters_that_are_not_the_same_stay_apart() {
        assert_ne!(fold("muller"), fold("müller"));
        assert_ne!(fold("a"), fold("а"), "Latin and Cyrillic");
        assert_ne!(fold("kadın"), fold("kadin"), "the dotless i");
    }

    #[test]
    fn normalization_is_the_librarys() {
        let all = || {
            ('\0'..=char::MAX)
                .map(|letter| ("", letter))
                .chain(('\0'..=char::MAX).map(|mark| ("e\u{323}\u{301}", mark)))
        };
        for (before, letter) in all() {
            let text = format!("{before}{letter}");
            assert_eq!(String::from_iter(nfc(text.chars())), text.nfc().collect::<String>(), "{text:?}");
        }
    }

    /// Starters that compose, marks of several classes, Hangul, and a starter that composes with a starter.
    const MARKS_AND_STARTERS: &str = "[aeEqA\u{301}\u{323}\u{307}\u{327}\u{345}\u{338}\u{5b0}\u{3099}\u{304b}\u{1100}\u{1161}\u{11a8}\u{ac00}\u{9c7}\u{9be}\u{1e69}\u{212b}\u{344}]{0,12}";

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn normalization_of_sequences_is_the_librarys(text in MARKS_AND_STARTERS) {
            prop_assert_eq!(String::from_iter(nfc(text.chars())), text.nfc().collect::<String>());
        }
    }
}
