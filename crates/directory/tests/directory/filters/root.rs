//! Filters at the root, where resources of all types are looked for.

use serde_json::json;

use crate::harness::{Directory, ENTERPRISE};

#[test]
fn an_attribute_that_a_type_lacks_has_no_value_there_under_a_not_too() {
    let directory = Directory::new();
    directory.created("/Users", json!({"userName": "ada", "displayName": "Ada", "active": true}));
    directory.created("/Groups", json!({"displayName": "Sales"}));
    for (filter, names) in [
        ("userName pr", "Ada"),
        ("not (userName pr)", "Sales"),
        ("userName eq null", "Sales"),
        ("userName ne \"ada\"", "Sales"),
        ("userName ne null", "Ada"),
        ("not (userName eq \"ada\" or active eq true)", "Sales"),
        ("displayName pr and not (emails[type eq \"work\"])", "Ada Sales"),
        ("displayName eq \"sales\" and userName ne \"x\"", "Sales"),
        ("displayName eq \"sales\" and not (userName ne \"x\")", ""),
        ("not (displayName pr and not (userName pr))", "Ada"),
        ("userName pr or not (active pr)", "Ada Sales"),
    ] {
        let mut found: Vec<String> =
            directory.names("/", filter).split_whitespace().map(str::to_string).collect();
        found.sort();
        assert_eq!(found.join(" "), names, "{filter}");
    }
    let department = format!("not ({ENTERPRISE}:department pr) and displayName eq \"sales\"");
    assert_eq!(directory.names("/", &department), "Sales");
}
