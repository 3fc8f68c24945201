//! The tokens of a filter: brackets, strings, and words. The parser decides what a word means.

use crate::ScimError;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'t> {
    Open,
    Close,
    OpenElement,
    CloseElement,
    /// The text between two double quotes, unescaped.
    String(String),
    /// Anything else up to a blank, a bracket or a quote.
    Word(&'t str),
}

/// A token and the byte at which it starts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spanned<'t> {
    pub token: Token<'t>,
    pub at: usize,
}

/// Splits the text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Spanned<'_>>, ScimError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (token, length) = match rest.as_bytes().first() {
            Some(b' ' | b'\t' | b'\r' | b'\n') => {
                at += 1;
                continue;
            }
            Some(b'(') => (Token::Open, 1),
            Some(b')') => (Token::Close, 1),
            Some(b'[') => (Token::OpenElement, 1),
            Some(b']') => (Token::CloseElement, 1),
            Some(b'"') => string(rest, at)?,
            _ => {
                let end = rest.find([' ', '\t', '\r', '\n', '(', ')', '[', ']', '"']).unwrap_or(rest.len());
                (Token::Word(rest.get(..end).unwrap_or(rest)), end)
            }
        };
        found.push(Spanned { token, at });
        at += length;
    }
    Ok(found)
}

/// Reads the JSON string that `rest` starts with, and returns its length as well.
fn string(rest: &str, at: usize) -> Result<(Token<'_>, usize), ScimError> {
    let mut escaped = false;
    for (offset, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => {
                let quoted = rest.get(..=offset).unwrap_or(rest);
                let text = serde_json::from_str(quoted).map_err(|_| {
                    ScimError::invalid_filter(format!("`{quoted}` at byte {at} is not a JSON string"))
                })?;
                return Ok((Token::String(text), offset + 1));
            }
            _ => {}
        }
    }
    Err(ScimError::invalid_filter(format!("the string that starts at byte {at} has no closing quote")))
}
