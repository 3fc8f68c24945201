//! Filters: a printed filter can be parsed again, and no input panics.

use std::fmt::Display;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::collection::vec;
use proptest::prelude::*;
use scim::{AttrPath, CompareOp, Dialect, Filter, HttpRequest, Literal};

use crate::{REGISTRY, cases};

fn path() -> impl Strategy<Value = AttrPath> {
    let name = || prop_oneof![8 => "[a-zA-Z][a-zA-Z0-9_-]{0,6}", 1 => Just("$ref".to_string()), 1 => "not|and|or|pr|eq"];
    let urn = proptest::option::of("urn:[a-z]{1,4}(:[a-zA-Z0-9.]{1,4}){1,3}");
    (urn, name(), proptest::option::of(name())).prop_map(|(urn, name, sub)| {
        let urn = urn.map(|urn| format!("{urn}:")).unwrap_or_default();
        let sub = sub.map(|sub| format!(".{sub}")).unwrap_or_default();
        AttrPath::parse(&format!("{urn}{name}{sub}")).unwrap()
    })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        proptest::num::f64::NORMAL.prop_map(number),
        any::<i32>().prop_map(number),
        any::<String>().prop_map(Literal::String),
    ]
}

fn number(number: impl Display) -> Literal {
    let written = number.to_string();
    Literal::Number(serde_json::from_str(&written).unwrap(), written)
}

fn operator() -> impl Strategy<Value = CompareOp> {
    use CompareOp::{Co, Eq, Ew, Ge, Gt, Le, Lt, Ne, Sw};
    proptest::sample::select(vec![Eq, Ne, Co, Sw, Ew, Gt, Ge, Lt, Le])
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        path().prop_map(|path| Filter::Present { path }),
        (path(), operator(), literal()).prop_map(|(path, op, value)| Filter::Compare { path, op, value }),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Filter::And),
            vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.clone().prop_map(|term| Filter::Not(Box::new(term))),
            (path(), inner).prop_map(|(path, term)| Filter::Element { path, filter: Box::new(term) }),
        ]
    })
}

/// Returns text that is nearly a filter: its tokens, in any order.
fn soup() -> impl Strategy<Value = String> {
    let tokens = [
        "userName",
        "emails",
        "meta.created",
        "members",
        "urn:x:2.0:User:a.b",
        ".value",
        "eq",
        "EQ",
        "co",
        "pr",
        "and",
        "OR",
        "not",
        "(",
        ")",
        "[",
        "]",
        "\"a\"",
        "\"",
        "\"\\u00e9\\\"\"",
        "true",
        "null",
        "1e5",
        "-0.1",
        "1e400",
        "é",
        "\u{0}",
        "\\",
        "type eq \"work\"",
        "active eq \"True\"",
        "$ref",
    ];
    let blank = proptest::sample::select(vec!["", " ", "\t", "  "]);
    vec((proptest::sample::select(tokens.to_vec()), blank), 0..14)
        .prop_map(|words| words.into_iter().flat_map(|(word, blank)| [word, blank]).collect())
}

/// Searches for users by that filter, as a client does.
fn searches(text: &str) {
    let query = format!("filter={}", utf8_percent_encode(text, NON_ALPHANUMERIC));
    let request = HttpRequest { method: "GET", path: "/Users", query: &query, ..HttpRequest::default() };
    for dialect in [Dialect::TOLERANT, Dialect::STRICT] {
        let _ = scim::parse(&REGISTRY, dialect, &request);
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn a_printed_filter_reads_back_as_it_was(filter in filter()) {
        let text = filter.to_string();
        prop_assert_eq!(Filter::parse(&text), Ok(filter), "{}", text);
    }

    #[test]
    fn a_filter_that_is_read_prints_to_one_that_reads_the_same(text in soup()) {
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
        searches(&text);
    }

    #[test]
    fn no_text_makes_a_filter_panic(text in any::<String>()) {
        let _ = Filter::parse(&text);
        searches(&text);
    }
}
