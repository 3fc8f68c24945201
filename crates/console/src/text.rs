//! Texts and numbers as they are shown, and as parts of addresses.

use std::fmt::Write;

/// Returns at most `most` characters; a longer text ends in an ellipsis.
pub fn clip(text: &str, most: usize) -> String {
    let mut left = text.chars();
    let mut shown: String = left.by_ref().take(most).collect();
    if left.next().is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

/// Returns the last eight characters of an id; the whole stands in a `title`. Ids of one hour begin alike, since they begin with the time.
pub fn short(id: &str) -> String {
    let cut = id.char_indices().rev().nth(7).map_or(0, |(at, _)| at);
    format!("{}{}", if cut == 0 { "" } else { "…" }, id.get(cut..).unwrap_or_default())
}

/// Returns a number with commas between its thousands.
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut shown = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Returns a number with its noun, whose plural has an `s`.
pub fn many(number: i64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// Returns a text percent-encoded, so that it is one segment of a path or one value of a query.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte))
            }
            // Writing into a text cannot fail.
            _ => write!(encoded, "%{byte:02X}").unwrap_or_default(),
        }
    }
    encoded
}

/// Returns the query of an address, `?` and all, without the parameters that are empty.
pub fn query(parameters: &[(&str, &str)]) -> String {
    let given = parameters.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> = given.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_have_commas() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(-1_000), "-1,000");
        assert_eq!(count(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!(many(1, "user"), "1 user");
        assert_eq!(many(1_200, "user"), "1,200 users");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äö…");
        assert_eq!(short("01a2-2345678ß"), "…2345678ß");
        assert_eq!(short("2345678ß"), "2345678ß");
    }

    #[test]
    fn what_an_address_may_not_hold_is_encoded() {
        assert_eq!(encode("a/b?c&d=é "), "a%2Fb%3Fc%26d%3D%C3%A9%20");
        assert_eq!(
            query(&[("outcome", ""), ("resource", "a&b"), ("cursor", "c")]),
            "?resource=a%26b&cursor=c"
        );
        assert_eq!(query(&[("outcome", "")]), "");
    }
}
