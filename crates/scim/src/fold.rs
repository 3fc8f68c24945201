//! How two strings are compared where an attribute is not caseExact (RFC 7643 s2.2, RFC 7644 s5).

use unicode_normalization::UnicodeNormalization;

/// The form in which strings that differ in letter case alone, or in composed against decomposed accents, are
/// the same: `STRASSE` and `straße`, `É` and `e` with a combining acute.
///
/// Storage keeps folded copies beside the values as they were sent, because SQLite folds ASCII only.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc().flat_map(fold_char).nfc().collect()
}

/// Lower, upper, lower again: the way round by upper case joins letters that have one capital in common
/// (`ß`, `ẞ` and `ss`; `σ` and `ς`), which lower case alone keeps apart. The dotless `ı` is another letter than `i`
/// although `I` is the capital of both: Unicode folds the two together for Turkic languages alone.
fn fold_char(letter: char) -> impl Iterator<Item = char> {
    let round = letter.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    round.map(move |folded| if letter == 'ı' { letter } else { folded })
}

#[cfg(test)]
mod tests {
    use super::fold;

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
}
