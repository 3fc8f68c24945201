//! Elements of multi-valued attributes: an addition loses none, none is kept without a value, and none is the text of
//! its JSON.

use scim::{Dialect, ScimType};
use serde_json::{Value, json};

use crate::support::{ENTERPRISE, becomes, becomes_under, created, leaves, refuses, user_kind};

#[track_caller]
fn stores(body: Value, stored: Value) {
    let mut body = body;
    body["userName"] = "ada".into();
    let mut stored = stored;
    stored["userName"] = "ada".into();
    assert_eq!(Value::Object(created(user_kind(), &body).0), stored, "{body}");
}

#[test]
fn an_addition_to_a_sub_attribute_without_a_filter_appends_an_element() {
    let before = json!({"emails": [{"type": "work", "value": "w"}, {"type": "home", "value": "h"}]});
    let after =
        json!({"emails": [{"type": "work", "value": "w"}, {"type": "home", "value": "h"}, {"value": "n"}]});
    for dialect in [Dialect::TOLERANT, Dialect::STRICT] {
        for operation in [
            json!({"op": "add", "path": "emails.value", "value": "n"}),
            json!({"op": "add", "value": {"emails.value": "n"}}),
        ] {
            becomes_under(dialect, before.clone(), json!([operation]), after.clone());
        }
    }
    leaves(before.clone(), json!([{"op": "add", "path": "emails.value", "value": "h"}]));
    becomes(
        before,
        json!([{"op": "add", "value": {"emails.primary": true, "emails.type": "other", "emails.value": "n"}}]),
        json!({"emails": [{"type": "work", "value": "w"}, {"type": "home", "value": "h"}, {"type": "other", "value": "n", "primary": true}]}),
    );
    becomes(
        json!({"emails": ["w"]}),
        json!([{"op": "add", "path": "emails.value", "value": "n"}, {"op": "add", "path": "emails.type", "value": "home"}, {"op": "add", "path": "emails.value", "value": "w"}]),
        json!({"emails": [{"value": "w"}, {"type": "home", "value": "n"}]}),
    );
    becomes(
        json!({"addresses": [{"type": "work", "locality": "L"}]}),
        json!([{"op": "add", "path": "addresses.locality", "value": "M"}]),
        json!({"addresses": [{"type": "work", "locality": "L"}, {"locality": "M"}]}),
    );
}

#[test]
fn elements_of_one_value_and_type_are_one() {
    let work = json!({"type": "work", "value": "w@x.example"});
    let home = json!({"type": "home", "value": "w@x.example"});
    let told = json!({"type": "Work", "value": "W@X.example", "display": "W", "primary": true});
    let merged = json!({"type": "Work", "value": "W@X.example", "display": "W", "primary": true});
    for (sent, stored) in [
        (json!([work, work]), json!([work])),
        (json!([work, home, work]), json!([work, home])),
        (json!([work, home, told]), json!([merged, home])),
    ] {
        stores(json!({"emails": sent}), json!({"emails": stored}));
        for op in ["add", "replace"] {
            becomes(
                json!({}),
                json!([{"op": op, "path": "emails", "value": sent}]),
                json!({"emails": stored}),
            );
        }
    }
    let street = json!({"type": "work", "streetAddress": "S"});
    let other = json!({"type": "work", "streetAddress": "T"});
    stores(json!({"addresses": [street, other, street]}), json!({"addresses": [street, other]}));
    let exact = json!([{"value": "QUJD"}, {"value": "qujd"}]);
    stores(json!({"x509Certificates": exact}), json!({"x509Certificates": exact}));
}

#[test]
fn an_element_that_was_begun_is_continued_in_its_own_attribute_alone_and_until_the_whole_is_replaced() {
    let urn = "urn:example:1.0";
    let add = |path: &str, value: &str| json!({"op": "add", "path": path, "value": value});
    becomes(
        json!({urn: {"emails": [{"value": "theirs"}]}}),
        json!([add("emails.value", "ours"), add(&format!("{urn}:emails.type"), "work")]),
        json!({"emails": [{"value": "ours"}], urn: {"emails": [{"value": "theirs"}, {"type": "work"}]}}),
    );
    let replace = json!({"op": "replace", "path": "emails", "value": [{"value": "new"}]});
    becomes(
        json!({"emails": [{"value": "old"}]}),
        json!([
            add("emails.value", "begun"),
            replace,
            add("emails.type", "work"),
            add("emails.value", "next")
        ]),
        json!({"emails": [{"value": "new"}, {"type": "work", "value": "next"}]}),
    );
}

#[test]
fn an_addition_loses_nothing_of_what_no_schema_declares() {
    let urn = "urn:example:1.0";
    let with = |desk: Value| json!({urn: {"desk": desk}});
    let add =
        |path: &str, value: Value| json!([{"op": "add", "path": format!("{urn}:{path}"), "value": value}]);
    becomes(
        with(json!([{"floor": 1}, {"floor": 2}])),
        add("desk.floor", json!(3)),
        with(json!([{"floor": 1}, {"floor": 2}, {"floor": 3}])),
    );
    leaves(with(json!([{"floor": 1}, {"floor": 2}])), add("desk.floor", json!(2)));
    becomes(with(json!("a")), add("desk", json!(["b", "a"])), with(json!(["a", "b"])));
    becomes(with(json!("a")), add("desk", json!("b")), with(json!("b")));
    for (present, path, value, detail) in [
        (json!({"floor": 1}), "desk", json!("a"), "`desk` has a value of another type; replace it"),
        (json!("a"), "desk", json!({"floor": 1}), "`desk` has a value of another type; replace it"),
        (json!("a"), "desk.floor", json!(1), "`desk` has no sub-attributes; replace it"),
    ] {
        let detail = format!("Operations[0]: {detail}");
        refuses(with(present), add(path, value), ScimType::InvalidValue, &detail);
    }
}

#[test]
fn an_element_without_a_value_is_not_kept() {
    for element in [
        json!({"type": "work"}),
        json!({"type": "work", "primary": true}),
        json!({"type": "work", "value": ""}),
        json!({"type": "work", "value": null, "display": "W"}),
    ] {
        for name in ["emails", "phoneNumbers", "ims", "photos", "entitlements", "roles", "x509Certificates"] {
            stores(json!({name: [element]}), json!({}));
            stores(json!({name: [element, {"value": "v"}]}), json!({name: [{"value": "v"}]}));
            leaves(json!({}), json!([{"op": "add", "path": name, "value": [element]}]));
            becomes(
                json!({name: ["v"]}),
                json!([{"op": "replace", "path": name, "value": [element]}]),
                json!({}),
            );
            becomes(json!({name: ["v"]}), json!([{"op": "replace", "value": {name: element}}]), json!({}));
        }
    }
    leaves(json!({}), json!([{"op": "replace", "path": "emails[type eq \"work\"].primary", "value": true}]));
    becomes(
        json!({"emails": [{"type": "work", "value": "w", "display": "W"}]}),
        json!([{"op": "remove", "path": "emails[type eq \"work\"].value"}]),
        json!({}),
    );
    stores(json!({"addresses": [{"type": "work"}]}), json!({"addresses": [{"type": "work"}]}));
}

#[test]
fn an_element_that_gets_its_value_later_in_the_request_is_kept() {
    becomes(
        json!({}),
        json!([
            {"op": "Add", "path": "emails", "value": [{"type": "work", "primary": "True"}]},
            {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "w"},
        ]),
        json!({"emails": [{"type": "work", "primary": true, "value": "w"}]}),
    );
}

#[test]
fn the_text_of_a_json_object_is_the_object() {
    let element = "{\"type\":\"home\",\"value\":\"h\"}";
    let home = json!({"emails": [{"type": "home", "value": "h"}]});
    for value in [json!(element), json!([element]), json!(format!(" [{element}] "))] {
        stores(json!({"emails": value}), home.clone());
        becomes(json!({}), json!([{"op": "add", "path": "emails", "value": value}]), home.clone());
        becomes(
            json!({"emails": ["old"]}),
            json!([{"op": "replace", "value": {"emails": value}}]),
            home.clone(),
        );
    }
    becomes(
        json!({"emails": [{"type": "home", "value": "old"}]}),
        json!([{"op": "replace", "path": "emails[value eq \"old\"]", "value": element}]),
        json!({"emails": [{"type": "home", "value": "h"}]}),
    );
    let manager = json!({ENTERPRISE: {"manager": {"value": "m"}}});
    stores(json!({"manager": "{\"value\":\"m\"}"}), manager.clone());
    becomes(json!({}), json!([{"op": "add", "path": "manager", "value": "{\"value\":\"m\"}"}]), manager);
    stores(json!({"name": "{\"givenName\":\"G\"}"}), json!({"name": {"givenName": "G"}}));
    stores(json!({"emails": [{"value": "{}"}]}), json!({"emails": [{"value": "{}"}]}));
    stores(json!({"roles": ["[Prod] Admins"]}), json!({"roles": [{"value": "[Prod] Admins"}]}));
}

#[test]
fn a_text_that_resembles_a_json_object_is_not_a_value() {
    for (path, value, detail) in [
        ("emails", json!(["{'value': 'e'}"]), "`emails[0]` is not an object"),
        ("emails", json!("[{\"value\": \"e\"}, 5]"), "`emails[0]` is not an object"),
        ("manager", json!("{\"value\""), "`manager` is not an object"),
        (
            "emails[type eq \"work\"].value",
            json!("{\"value\":\"e\"}"),
            "`emails[type eq \"work\"].value` is the text of a whole element",
        ),
        (
            "emails",
            json!([{"value": "{\"value\":\"e\"}"}]),
            "`emails[0].value` is the text of a whole element",
        ),
        ("manager.value", json!("{\"value\":\"m\"}"), "`manager.value` is the text of a whole element"),
    ] {
        let operation = json!({"op": "replace", "path": path, "value": value});
        refuses(json!({}), json!([operation]), ScimType::InvalidValue, &format!("Operations[0]: {detail}"));
    }
}

#[test]
fn a_value_in_an_array_of_one_is_that_value() {
    for operation in [
        json!({"op": "replace", "value": [{"title": "T"}]}),
        json!({"op": "replace", "value": {"title": ["T"]}}),
        json!({"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User", "value": [{"title": "T"}]}),
    ] {
        becomes(json!({}), json!([operation]), json!({"title": "T"}));
    }
    let department = json!({ENTERPRISE: {"department": "D"}});
    becomes(
        json!({}),
        json!([{"op": "replace", "path": ENTERPRISE, "value": [{"department": ["D"]}]}]),
        department.clone(),
    );
    becomes(
        json!({}),
        json!([{"op": "replace", "value": [{ENTERPRISE: [{"department": "D"}]}]}]),
        department.clone(),
    );
    stores(json!({ENTERPRISE: [{"department": ["D"]}]}), department);
    stores(json!({"urn:ietf:params:scim:schemas:core:2.0:User": [{"title": "T"}]}), json!({"title": "T"}));
    stores(json!({"urn:example:1.0": [{"a": 1}]}), json!({"urn:example:1.0": {"a": 1}}));
}

#[test]
fn a_removal_lists_plain_texts_in_every_form() {
    let urn = "urn:example:1.0";
    let before = json!({urn: {"tags": ["A", "C"], "more": [{"value": "A", "type": "t"}, {"value": "C", "type": "t"}]}});
    for value in [json!([{"value": "C"}]), json!({"value": "C"}), json!(["C"]), json!("C")] {
        becomes(
            before.clone(),
            json!([{"op": "remove", "path": format!("{urn}:tags"), "value": value}, {"op": "remove", "path": format!("{urn}:more"), "value": value}]),
            json!({urn: {"tags": ["A"], "more": [{"value": "A", "type": "t"}]}}),
        );
    }
}
