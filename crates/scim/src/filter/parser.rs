//! The grammar of filters and of PATCH paths (RFC 7644 s3.4.2.2 figure 1, s3.5.2 figure 7).
//!
//! Beyond the grammar, `emails[type eq "work"].value eq "x"` is read as `emails[type eq "work" and value eq "x"]`:
//! Entra looks up users in this form, and the text means nothing else in the grammar of the RFC.

use super::lexer::{Spanned, Token, tokens};
use super::syntax::{CompareOp, Filter, Literal};
use crate::path::AttrPath;
use crate::{ScimError, limits};

/// The path of a PATCH operation: `attrPath`, or `attrPath[filter]` followed by a sub-attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ValuePath {
    /// The attribute with its sub-attribute, wherever that was written.
    pub path: AttrPath,
    /// Selects among the attribute's elements.
    pub filter: Option<Filter>,
}

impl Filter {
    /// Parses a filter (RFC 7644 figure 1).
    ///
    /// ```
    /// use scim::Filter;
    ///
    /// assert!(Filter::parse("emails[type eq \"work\"] and active eq true").is_ok());
    /// let error = Filter::parse("userName eq").unwrap_err();
    /// assert_eq!(error.detail, "expected a value after `userName eq`, found the end");
    /// ```
    ///
    /// # Errors
    /// 400 `invalidFilter` if the text is not a filter; the detail says at which byte, or after what.
    pub fn parse(text: &str) -> Result<Filter, ScimError> {
        if text.len() > limits::FILTER {
            let detail = format!("the filter has {} bytes; at most {} are taken", text.len(), limits::FILTER);
            return Err(ScimError::invalid_filter(detail));
        }
        let mut parser = Parser::new(text)?;
        let filter = parser.any_of(0)?;
        parser.end()?;
        Ok(filter)
    }
}

/// Parses the path of a PATCH operation.
pub(crate) fn parse_value_path(text: &str) -> Result<ValuePath, ScimError> {
    let as_path_error = |error: ScimError| ScimError::invalid_path(format!("`{text}`: {}", error.detail));
    if !text.contains('[') {
        let path = AttrPath::parse(text.trim());
        let path =
            path.ok_or_else(|| ScimError::invalid_path(format!("`{text}` is not an attribute path")))?;
        return Ok(ValuePath { path, filter: None });
    }
    if text.len() > limits::FILTER {
        return Err(ScimError::invalid_path(format!("a path has more than {} bytes", limits::FILTER)));
    }
    let mut parser = Parser::new(text).map_err(as_path_error)?;
    parser.value_path().map_err(as_path_error)
}

struct Parser<'t> {
    text: &'t str,
    tokens: std::iter::Peekable<std::vec::IntoIter<Spanned<'t>>>,
    terms: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Result<Self, ScimError> {
        Ok(Parser { text, tokens: tokens(text)?.into_iter().peekable(), terms: 0 })
    }

    /// Parses terms with `or` between. `and` binds closer than `or` (RFC 7644 s3.4.2.2, "Filters MUST be evaluated
    /// ...").
    fn any_of(&mut self, depth: usize) -> Result<Filter, ScimError> {
        let mut terms = vec![self.all_of(depth)?];
        while self.takes_word("or") {
            terms.push(self.all_of(depth)?);
        }
        Ok(joined(terms, Filter::Or))
    }

    fn all_of(&mut self, depth: usize) -> Result<Filter, ScimError> {
        let mut terms = vec![self.term(depth)?];
        while self.takes_word("and") {
            terms.push(self.term(depth)?);
        }
        Ok(joined(terms, Filter::And))
    }

    fn term(&mut self, depth: usize) -> Result<Filter, ScimError> {
        if depth >= limits::FILTER_DEPTH {
            let detail = format!("the filter nests deeper than {} levels", limits::FILTER_DEPTH);
            return Err(ScimError::invalid_filter(detail));
        }
        match self.tokens.next() {
            Some(Spanned { token: Token::Open, .. }) => {
                let inner = self.any_of(depth + 1)?;
                self.expect(Token::Close, "`)`")?;
                Ok(inner)
            }
            Some(Spanned { token: Token::Word(word), .. })
                if word.eq_ignore_ascii_case("not") && self.takes(&Token::Open) =>
            {
                let inner = self.any_of(depth + 1)?;
                self.expect(Token::Close, "`)`")?;
                Ok(Filter::Not(Box::new(inner)))
            }
            Some(Spanned { token: Token::Word(word), at }) => self.attribute_expression(word, at, depth),
            other => Err(self.unexpected(other, "an attribute, `not` or `(`")),
        }
    }

    fn attribute_expression(&mut self, word: &str, at: usize, depth: usize) -> Result<Filter, ScimError> {
        let path = path(word, at)?;
        if !self.takes(&Token::OpenElement) {
            return self.comparison(path);
        }
        let filter = self.any_of(depth + 1)?;
        self.expect(Token::CloseElement, "`]`")?;
        let sub = match self.tokens.peek() {
            Some(Spanned { token: Token::Word(word), at }) => word.strip_prefix('.').map(|sub| (sub, *at)),
            _ => None,
        };
        let filter = match sub {
            None => filter,
            Some((sub, at)) => {
                self.tokens.next();
                let also = self.comparison(self::path(sub, at)?)?;
                joined(vec![filter, also], Filter::And)
            }
        };
        Ok(Filter::Element { path, filter: Box::new(filter) })
    }

    /// Parses what follows an attribute: `pr`, or an operator and a value.
    fn comparison(&mut self, path: AttrPath) -> Result<Filter, ScimError> {
        self.terms += 1;
        if self.terms > limits::FILTER_TERMS {
            let detail = format!("the filter has more than {} comparisons", limits::FILTER_TERMS);
            return Err(ScimError::invalid_filter(detail));
        }
        let op = match self.tokens.next() {
            Some(Spanned { token: Token::Word(word), .. }) if word.eq_ignore_ascii_case("pr") => {
                return Ok(Filter::Present { path });
            }
            Some(Spanned { token: Token::Word(word), at }) => CompareOp::parse(word).ok_or_else(|| {
                ScimError::invalid_filter(format!("`{word}` at byte {at} is not an operator"))
            })?,
            other => return Err(self.unexpected(other, &format!("an operator after `{path}`"))),
        };
        let value = match self.tokens.next() {
            Some(Spanned { token: Token::String(text), .. }) => Literal::String(text),
            Some(Spanned { token: Token::Word(word), .. }) => literal(word),
            other => return Err(self.unexpected(other, &format!("a value after `{path} {}`", op.as_str()))),
        };
        Ok(Filter::Compare { path, op, value })
    }

    fn value_path(&mut self) -> Result<ValuePath, ScimError> {
        let mut path = match self.tokens.next() {
            Some(Spanned { token: Token::Word(word), at }) => path(word, at)?,
            other => return Err(self.unexpected(other, "an attribute")),
        };
        self.expect(Token::OpenElement, "`[`")?;
        let filter = self.any_of(0)?;
        self.expect(Token::CloseElement, "`]`")?;
        if let Some(Spanned { token, at }) = self.tokens.next() {
            let sub = match token {
                Token::Word(word) => word.strip_prefix('.').filter(|sub| !sub.contains(['.', ':'])),
                _ => None,
            };
            path = sub
                .and_then(|sub| path.with_sub(sub))
                .ok_or_else(|| ScimError::invalid_filter(format!("no sub-attribute at byte {at}")))?;
        }
        self.end()?;
        Ok(ValuePath { path, filter: Some(filter) })
    }

    fn takes(&mut self, token: &Token<'_>) -> bool {
        self.tokens.next_if(|next| next.token == *token).is_some()
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_word =
            |next: &Spanned<'t>| matches!(next.token, Token::Word(other) if other.eq_ignore_ascii_case(word));
        self.tokens.next_if(is_word).is_some()
    }

    fn expect(&mut self, token: Token<'_>, what: &str) -> Result<(), ScimError> {
        match self.tokens.next() {
            Some(next) if next.token == token => Ok(()),
            other => Err(self.unexpected(other, what)),
        }
    }

    fn end(&mut self) -> Result<(), ScimError> {
        match self.tokens.next() {
            None => Ok(()),
            other => Err(self.unexpected(other, "`and`, `or` or the end")),
        }
    }

    fn unexpected(&self, found: Option<Spanned<'t>>, wanted: &str) -> ScimError {
        let Some(Spanned { token, at }) = found else {
            return ScimError::invalid_filter(format!("expected {wanted}, found the end"));
        };
        let rest = self.text.get(at..).unwrap_or_default();
        let shown = match token {
            Token::Word(word) => word,
            _ => rest.get(..1).unwrap_or_default(),
        };
        ScimError::invalid_filter(format!("expected {wanted} at byte {at}, found `{shown}`"))
    }
}

fn path(word: &str, at: usize) -> Result<AttrPath, ScimError> {
    AttrPath::parse(word)
        .ok_or_else(|| ScimError::invalid_filter(format!("`{word}` at byte {at} is not an attribute path")))
}

/// Returns the literal that a word is; `check` decides whether any other word is taken as text.
fn literal(word: &str) -> Literal {
    for (name, value) in
        [("true", Literal::Boolean(true)), ("false", Literal::Boolean(false)), ("null", Literal::Null)]
    {
        if word.eq_ignore_ascii_case(name) {
            return value;
        }
    }
    // Parsed like the numbers of a body, so that both are rounded alike.
    match serde_json::from_str(word) {
        Ok(number) => Literal::Number(number, word.to_string()),
        Err(_) => Literal::Word(word.to_string()),
    }
}

/// Returns a single term as it is, and several as one node.
fn joined(mut terms: Vec<Filter>, node: fn(Vec<Filter>) -> Filter) -> Filter {
    match terms.pop() {
        Some(only) if terms.is_empty() => only,
        last => {
            terms.extend(last);
            node(terms)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, parse_value_path};

    #[track_caller]
    fn reads_as(text: &str, printed: &str) {
        let filter = Filter::parse(text).unwrap();
        assert_eq!(filter.to_string(), printed);
        assert_eq!(Filter::parse(printed).unwrap(), filter, "printed text reads back");
    }

    #[test]
    fn and_binds_closer_than_or_and_parentheses_closest() {
        reads_as("a pr or b pr AND c pr", "a pr or b pr and c pr");
        reads_as("(a pr or b pr) and c pr", "(a pr or b pr) and c pr");
        reads_as("not (a pr) and NOT(b pr or c pr)", "not (a pr) and not (b pr or c pr)");
    }

    #[test]
    fn the_forms_that_entra_sends_are_read() {
        reads_as(r#"userName eq "ada@contoso.example""#, r#"userName eq "ada@contoso.example""#);
        reads_as(r#"emails[type eq "work"].value eq "a""#, r#"emails[type eq "work" and value eq "a"]"#);
        reads_as(r#"id eq "x" and manager eq "y""#, r#"id eq "x" and manager eq "y""#);
        reads_as(r#"members[value eq"x"]"#, r#"members[value eq "x"]"#);
    }

    #[test]
    fn every_kind_of_value_is_read() {
        reads_as(r#"a eq "q\"uote\u00e9""#, "a eq \"q\\\"uoteé\"");
        reads_as("a eq True or b ne null or c gt -1.5e2", "a eq true or b ne null or c gt -1.5e2");
    }

    #[test]
    fn an_error_names_the_place() {
        for (text, detail) in [
            ("", "expected an attribute, `not` or `(`, found the end"),
            ("userName eq", "expected a value after `userName eq`, found the end"),
            ("userName regex \"x\"", "`regex` at byte 9 is not an operator"),
            ("userName eq \"x", "the string that starts at byte 12 has no closing quote"),
            ("userName eq x y", "expected `and`, `or` or the end at byte 14, found `y`"),
            ("(userName eq \"x\"", "expected `)`, found the end"),
            ("userName eq \"x\" and", "expected an attribute, `not` or `(`, found the end"),
            ("userName eq \"x\" \"y\"", "expected `and`, `or` or the end at byte 16, found `\"`"),
            ("JDOE@EXAMPLE.COM", "`JDOE@EXAMPLE.COM` at byte 0 is not an attribute path"),
            ("emails[type eq \"work\"", "expected `]`, found the end"),
        ] {
            assert_eq!(Filter::parse(text).unwrap_err().detail, detail, "{text}");
        }
    }

    #[test]
    fn nesting_and_length_have_limits() {
        let deep = format!("{}a pr{}", "(".repeat(5_000), ")".repeat(5_000));
        assert_eq!(Filter::parse(&deep).unwrap_err().detail, "the filter nests deeper than 12 levels");
        let long = vec!["a pr"; 1_001].join(" or ");
        assert_eq!(Filter::parse(&long).unwrap_err().detail, "the filter has more than 1000 comparisons");
        assert!(Filter::parse(&vec!["a pr"; 1_000].join(" or ")).is_ok());
    }

    #[test]
    fn a_value_path_may_have_a_sub_attribute_after_it() {
        let path = parse_value_path(" emails[ type eq \"work\" ].value").unwrap();
        assert_eq!(path.path.to_string(), "emails.value");
        assert_eq!(path.filter.unwrap().to_string(), "type eq \"work\"");
        for text in
            ["emails[type eq", "emails[type eq \"a\"]value", "emails[].value", "a.b[c pr].d", "[a pr]"]
        {
            assert!(parse_value_path(text).is_err(), "{text}");
        }
    }
}
