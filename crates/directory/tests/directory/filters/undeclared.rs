//! Attributes of extensions that no schema declares: their values show what they are.

use serde_json::json;

use crate::harness::Directory;

const URN: &str = "urn:example:Custom:2.0:User";

fn people() -> Directory {
    let directory = Directory::new();
    directory.created(
        "/Users",
        json!({"userName": "ada", URN: {
            "text": "Ärger", "number": 5, "decimal": -1.5e3, "large": 9_007_199_254_740_993_i64, "yes": true, "no": false,
            "list": ["One", 2, true], "object": {"Key": "Value", "count": 3}, "deep": {"a": {"b": "c"}},
            "objects": [{"kind": "x", "rank": 1}, {"kind": "y", "rank": 2, "on": true}, "loose"],
            "Case": "lower", "back\\slash": 1,
        }}),
    );
    directory.created("/Users", json!({"userName": "bob", URN.to_uppercase(): {
        "TEXT": "5", "number": "5", "decimal": 10, "yes": "true", "no": 0, "list": "one", "object": "Value",
        "objects": {"kind": "Z", "rank": 9},
    }}));
    directory.user("nil");
    directory
}

#[track_caller]
fn finds(cases: &[(&str, &str)]) {
    let directory = people();
    for (filter, names) in cases {
        let filter = filter.replace('~', &format!("{URN}:"));
        assert_eq!(directory.names("/Users", &filter), *names, "{filter}");
    }
}

#[test]
fn texts() {
    finds(&[
        ("~text eq \"ÄRGER\"", "ada"),
        ("~TEXT eq \"ärger\"", "ada"),
        ("~text eq \"5\"", "bob"),
        ("~text ne \"5\"", "ada nil"),
        ("~text co \"RG\"", "ada"),
        ("~text sw \"ä\"", "ada"),
        ("~text ew \"R\"", "ada"),
        ("~text gt \"5\"", "ada"),
        ("~text le \"5\"", "bob"),
        ("~text pr", "ada bob"),
        ("~missing pr", ""),
        ("~missing ne \"x\"", "ada bob nil"),
        ("~case eq \"LOWER\"", "ada"),
        ("~text co \"x\" or ~text co \"g\"", "ada"),
        ("~text eq \"x\" or ~text eq \"5\"", "bob"),
    ]);
}

#[test]
fn a_number_is_neither_text_nor_boolean() {
    finds(&[
        ("~number eq 5", "ada"),
        ("~number eq 5.0", "ada"),
        ("~number eq \"5\"", "bob"),
        ("~number ne 5", "bob nil"),
        ("~number gt 4.5", "ada"),
        ("~number lt 5", ""),
        ("~number co \"5\"", "bob"),
        ("~decimal lt 0", "ada"),
        ("~decimal eq -1500", "ada"),
        ("~decimal ge 10", "bob"),
        ("~decimal gt \"0\"", ""),
        ("~large eq 9007199254740993", "ada"),
        ("~yes eq true", "ada"),
        ("~yes eq 1", ""),
        ("~yes eq \"true\"", "bob"),
        ("~no eq false", "ada"),
        ("~no eq 0", "bob"),
        ("~no pr", "ada bob"),
    ]);
}

#[test]
fn lists_and_objects() {
    finds(&[
        ("~list eq \"ONE\"", "ada bob"),
        ("~list eq 2", "ada"),
        ("~list eq true", "ada"),
        ("~list eq 1", ""),
        ("~list ne \"one\"", "nil"),
        ("~list pr", "ada bob"),
        ("~object.key eq \"value\"", "ada"),
        ("~object.count ge 3", "ada"),
        ("~object eq \"value\"", "bob"),
        ("~object pr", "ada bob"),
        ("~object.key pr", "ada"),
        ("~objects.kind eq \"Y\"", "ada"),
        ("~objects.kind eq \"z\"", "bob"),
        ("~objects.rank gt 1", "ada bob"),
        ("~objects.on eq true", "ada"),
        ("~objects eq \"loose\"", "ada"),
        ("~objects.kind pr", "ada bob"),
        ("~deep.a pr", "ada"),
        ("~deep.a co \"b\"", ""),
        ("~deep co \"c\"", ""),
        ("~deep pr", "ada"),
    ]);
}

#[test]
fn an_undeclared_schema_is_listed_and_found() {
    let directory = people();
    assert_eq!(directory.names("/Users", &format!("schemas eq \"{URN}\"")), "ada bob");
    assert_eq!(directory.names("/Users", &format!("schemas ne \"{URN}\"")), "nil");
}

#[test]
fn an_odd_character_in_a_urn_is_neither_sql_nor_a_path() {
    let directory = Directory::new();
    for (name, urn) in [
        ("one", "urn:x:it's:User"),
        ("two", "urn:x:a.b:User"),
        ("three", "urn:x:a\\b:User"),
        ("four", "urn:x:a$?1:User"),
    ] {
        directory.created("/Users", json!({"userName": name, urn: {"key": "v"}}));
        assert_eq!(directory.names("/Users", &format!("{urn}:key eq \"V\"")), name);
    }
}

#[test]
fn two_names_that_differ_in_letter_case_are_one_and_refused() {
    let directory = Directory::new();
    let user = json!({"userName": "ada", URN: {"KEY": "first", "key": "second"}});
    let (status, body) = directory.post("/Users", user);
    assert_eq!(status, 400);
    assert!(body["detail"].as_str().unwrap().starts_with("`key` occurs twice"), "{body}");
}
