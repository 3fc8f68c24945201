//! Sentences of the service, in which names stand between backticks: shown as code, everything escaped.

use std::fmt;

use askama::filters::{Escaper, Html};

/// A sentence in which each text between two backticks is code.
pub struct Marked(pub String);

// It escapes whatever was handed in.
impl askama::filters::HtmlSafe for Marked {}

impl fmt::Display for Marked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_str();
        while let Some((before, (code, after))) =
            rest.split_once('`').and_then(|(before, opened)| Some((before, opened.split_once('`')?)))
        {
            Html.write_escaped_str(&mut *out, before)?;
            out.write_str("<code>")?;
            Html.write_escaped_str(&mut *out, code)?;
            out.write_str("</code>")?;
            rest = after;
        }
        Html.write_escaped_str(out, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code() {
        let shown = |text: &str| Marked(text.to_string()).to_string();
        assert_eq!(shown("no `a` and `b`."), "no <code>a</code> and <code>b</code>.");
        assert_eq!(shown("one ` alone"), "one ` alone");
        assert_eq!(shown("a `b` c ` d"), "a <code>b</code> c ` d");
        assert_eq!(shown("``"), "<code></code>");
        assert_eq!(shown(""), "");
    }

    #[test]
    fn everything_is_escaped() {
        let shown = Marked("<i> `<b>\"` '&".to_string()).to_string();
        assert_eq!(shown, "&#60;i&#62; <code>&#60;b&#62;&#34;</code> &#39;&#38;");
    }
}
