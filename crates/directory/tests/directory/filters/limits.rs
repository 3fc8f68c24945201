//! Filters of every length and depth that is accepted, against the limits of D1: 100 parameters, 100 levels of
//! expressions, 100,000 bytes of SQL, patterns of 50 bytes.

use serde_json::json;

use crate::harness::{Directory, ENTERPRISE, refusal};

fn people() -> Directory {
    let directory = Directory::new();
    for name in ["ada", "bob"] {
        let long = format!("{}{name}{}", "x".repeat(150), "y".repeat(150));
        directory.created(
            "/Users",
            json!({
                "userName": name, "title": long, "active": name == "ada", "nickName": "n500",
                "emails": [{"value": format!("{name}@x.example"), "type": "work"}],
                "urn:x:User": {"key": name},
            }),
        );
    }
    directory
}

fn joined(terms: impl Iterator<Item = String>, word: &str) -> String {
    terms.collect::<Vec<_>>().join(&format!(" {word} "))
}

#[test]
fn a_text_of_two_hundred_characters_is_looked_for() {
    let directory = people();
    for op in ["co", "sw", "ew"] {
        for length in [49, 51, 140, 200] {
            let text = match op {
                "co" => format!("{}ada{}", "X".repeat(length / 2 - 1), "Y".repeat(length / 2 - 2)),
                "sw" => "X".repeat(length.min(150)),
                _ => "Y".repeat(length.min(150)),
            };
            let found = directory.names("/Users", &format!("title {op} \"{text}\""));
            assert_eq!(found, if op == "co" { "ada" } else { "ada bob" }, "{op} {length}");
        }
    }
}

#[test]
fn a_thousand_terms_on_one_attribute() {
    let directory = people();
    for count in [500, 1_000] {
        for (path, value, names) in [
            ("userName eq", "ada", "ada"),
            ("userName co", "da", "ada"),
            ("userName gt", "am", "bob"),
            ("title ew", "y", "ada bob"),
            ("nickName eq", "n500", "ada bob"),
            ("id sw", "00", "ada bob"),
            ("emails.value eq", "ada@x.example", "ada"),
            ("emails.value co", "bob@", "bob"),
            ("emails[type eq \"work\"].value eq", "bob@x.example", "bob"),
            ("urn:x:User:key eq", "ada", "ada"),
            ("urn:x:User:key sw", "b", "bob"),
            ("groups.value eq", "x", ""),
            ("schemas ew", ":x:user", "ada bob"),
        ] {
            // A value path followed by a sub-attribute is two comparisons, and much SQL.
            let count = if path.contains('[') { count / 4 } else { count };
            let term = |at: usize| match at {
                0 => format!("{path} \"{value}\""),
                at => format!("{path} \"zzzz{at}\""),
            };
            let any = joined((0..count).rev().map(term), "or");
            assert_eq!(directory.names("/Users", &any), names, "{path} {count}");
            let all = joined((0..count).rev().map(term).map(|term| format!("not ({term})")), "and");
            let others = ["ada", "bob"].into_iter().filter(|name| !names.contains(name));
            assert_eq!(
                directory.names("/Users", &all),
                others.collect::<Vec<_>>().join(" "),
                "{path} {count}"
            );
        }
    }
}

/// Attributes of many kinds, each of which can be compared with a text.
const PATHS: [&str; 14] = [
    "userName",
    "displayName",
    "nickName",
    "title",
    "locale",
    "name.givenName",
    "name.familyName",
    "emails.value",
    "emails.type",
    "phoneNumbers.value",
    "roles.display",
    "externalId",
    "id",
    "addresses.locality",
];

#[test]
fn a_thousand_terms_on_different_attributes() {
    let directory = people();
    for count in [500, 1_000] {
        let term = |at: usize| match at {
            0 => "userName eq \"ada\"".to_string(),
            at => {
                format!("{} {} \"zzz{at}\"", PATHS[at % PATHS.len()], ["eq", "co", "sw", "ew", "gt"][at % 5])
            }
        };
        assert_eq!(directory.names("/Users", &joined((0..count).map(term), "or")), "ada", "{count}");
    }
}

#[test]
fn a_thousand_terms_in_pairs() {
    let directory = people();
    let pair = |at: usize| match at {
        0 => "userName eq \"ada\" and active eq true".to_string(),
        at => format!("{} eq \"zzz{at}\" and {ENTERPRISE}:department co \"d{at}\"", PATHS[at % 7]),
    };
    assert_eq!(directory.names("/Users", &joined((0..250).map(pair), "or")), "ada");
    assert_eq!(directory.names("/Users", &joined((0..500).map(pair), "or")), "ada");
}

#[test]
fn what_no_statement_can_hold_is_refused_in_words() {
    let directory = people();
    let terms = (0..400).map(|at| format!("urn:x:y:User:a{at}.b co \"{at}\""));
    let (status, body) = directory.query("/Users", &joined(terms, "or"));
    assert_eq!((status, body), refusal(400, "tooMany", "the filter has more terms than one query can hold"));
}

/// Returns a filter of `depth` levels, each of which negates, conjoins and disjoins.
fn nested(depth: usize, innermost: &str) -> String {
    match depth {
        0 => innermost.to_string(),
        depth => format!("not (userName eq \"n{depth}\" or title pr and {})", nested(depth - 1, innermost)),
    }
}

/// Returns the names of the users for which `userName eq "ada"` holds within that many negations.
fn negated(times: usize) -> &'static str {
    if times.is_multiple_of(2) { "ada" } else { "bob" }
}

/// Returns `count` comparisons that hold for no user.
fn many(count: usize) -> String {
    joined((0..count / 2).map(|at| format!("emails.value co \"z{at}\" and active eq {}", at % 2 == 0)), "or")
}

#[test]
fn the_deepest_nesting_stays_within_the_depth_of_expressions() {
    let directory = people();
    let depth = scim::limits::FILTER_DEPTH - 1;
    assert_eq!(directory.names("/Users", &nested(depth, "userName eq \"ada\"")), negated(depth));
    let wide = format!("({} or userName eq \"ada\")", many(400));
    assert_eq!(directory.names("/Users", &nested(depth - 1, &wide)), negated(depth - 1));
    let element = "emails[type eq \"work\" and not (value sw \"bob\" or not (value ew \"example\"))]";
    assert_eq!(directory.names("/Users", &nested(depth - 3, element)), negated(depth - 3));
    let parentheses = format!("{}userName eq \"ada\"{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(directory.names("/Users", &parentheses), "ada");
}

/// Returns `emails[...]` at the greatest depth, with `wide` within.
fn deep_element(wide: &str) -> (String, &'static str) {
    let depth = scim::limits::FILTER_DEPTH - 3;
    let mut inner = format!("(value sw \"ada\" or {wide})");
    for level in 0..depth {
        inner = format!("not (value eq \"n{level}\" or type pr and {inner})");
    }
    (format!("emails[{inner}]"), negated(depth))
}

#[test]
fn the_deepest_nesting_within_a_value_path_stays_within_the_depth_of_expressions() {
    let directory = people();
    // Not eq, which would be one list.
    let wide = joined((0..120).map(|at| format!("value co \"z{at}\" and display sw \"z{at}\"")), "or");
    let (element, names) = deep_element(&wide);
    assert_eq!(directory.names("/Users", &element), names);
    // Deep and wide outside as well.
    let outside = nested(scim::limits::FILTER_DEPTH - 3, &format!("({})", many(200)));
    let both = format!("{element} and (userName eq \"ada\" or userName eq \"bob\" or {outside})");
    assert_eq!(directory.names("/Users", &both), names);
}

#[test]
fn the_deepest_alternation_stays_within_the_depth_of_expressions() {
    let directory = people();
    let depth = scim::limits::FILTER_DEPTH - 1;
    let mut filter = "title pr and active eq true".to_string();
    for level in 0..depth {
        filter = format!("(urn:x:User:n{level} eq {level} or title ew \"y\" and {filter})");
    }
    assert_eq!(directory.names("/Users", &filter), "ada");
    assert_eq!(directory.names("/Groups", "not (members[not (display co \"x\" or not (type pr))])"), "");
}
