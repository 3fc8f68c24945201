//! Names of people, which are often e-mail addresses: a line breaks before the `@` and not within a word.

use std::fmt;

use askama::filters::{Escaper, Html};

/// A name that may be broken before each `@`.
pub struct Breakable(pub String);

// It escapes whatever was handed in.
impl askama::filters::HtmlSafe for Breakable {}

impl fmt::Display for Breakable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.split('@').enumerate() {
            if index > 0 {
                out.write_str("<wbr>@")?;
            }
            Html.write_escaped_str(&mut *out, part)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_broken_before_its_sign_and_everything_is_escaped() {
        let shown = |text: &str| Breakable(text.to_string()).to_string();
        assert_eq!(shown("ada@acme.example"), "ada<wbr>@acme.example");
        assert_eq!(shown("@@"), "<wbr>@<wbr>@");
        assert_eq!(shown("<b>@\"&"), "&#60;b&#62;<wbr>@&#34;&#38;");
        assert_eq!(shown(""), "");
    }
}
