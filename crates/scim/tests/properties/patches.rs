//! PATCH: no input panics, the result has nothing unassigned and no second primary, and replacing twice is replacing
//! once.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use scim::{Dialect, Document, HttpRequest, Kind, MemberChange, Operation, ScimError, urn};
use serde_json::{Value, json};

use crate::json::{any_json, element, operation, user};
use crate::{REGISTRY, cases};

fn parse(dialect: Dialect, method: &str, path: &str, body: &Value) -> Result<Operation<'static>, ScimError> {
    let body = body.to_string();
    let request = HttpRequest { method, path, body: body.as_bytes(), ..HttpRequest::default() };
    Ok(scim::parse(&REGISTRY, dialect, &request)?.operation().unwrap())
}

fn created(user: &Value) -> Document {
    match parse(Dialect::TOLERANT, "POST", "/Users", user).unwrap() {
        Operation::Create { document, .. } => document,
        other => panic!("{other:?}"),
    }
}

fn patched(dialect: Dialect, kind: Kind, before: &Document, body: &Value) -> Result<Document, ScimError> {
    match parse(dialect, "PATCH", &format!("/{}/x", kind.endpoint()), body)? {
        Operation::Patch { patch, .. } => {
            MemberChange::reduce(&patch.members, &[]);
            patch.apply(REGISTRY.resource_type(kind), before)
        }
        other => panic!("{other:?}"),
    }
}

fn message(operations: &[Value]) -> Value {
    json!({"schemas": [urn::PATCH_OP], "Operations": operations})
}

/// Returns whether nothing in it is unassigned (RFC 7643 s2.5).
fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(elements) => !elements.is_empty() && elements.iter().all(is_assigned),
        Value::Object(members) => !members.is_empty() && members.values().all(is_assigned),
        _ => true,
    }
}

/// Returns the attributes of the document that have more than one primary value. Undeclared attributes are not looked
/// at.
fn with_two_primaries(document: &Document) -> Vec<&str> {
    let primaries = |value: &Value| {
        value
            .as_array()
            .map_or(0, |elements| elements.iter().filter(|element| element["primary"] == true).count())
    };
    document.0.iter().filter(|(_, value)| primaries(value) > 1).map(|(name, _)| name.as_str()).collect()
}

/// Returns the elements without a value of the attributes whose elements have one.
fn valueless(document: &Document) -> Vec<&Value> {
    let of_list = |name: &&str| document.0.get(*name).and_then(Value::as_array);
    let elements = ["emails", "roles", "phoneNumbers"].iter().filter_map(of_list).flatten();
    elements.filter(|element| element["value"].as_str().is_none_or(str::is_empty)).collect()
}

/// Returns the URNs of the specifications except the one that a schema declares: they are not extensions of a client's
/// own.
fn reserved(document: &Document) -> Vec<&String> {
    document.0.keys().filter(|name| *name != urn::ENTERPRISE_USER && urn::is_reserved(name)).collect()
}

/// Returns a replacement that has the same result however often it is repeated: it selects by `type` and leaves
/// `type` alone, and what it says about a manager differs from what the document said before.
fn replacement() -> impl Strategy<Value = Value> {
    let value =
        || select(vec![json!("a"), json!("b"), json!("True"), json!("false"), json!(""), json!(null)]);
    let by_type = |sub: &'static str| {
        (select(vec!["emails", "roles", "phoneNumbers"]), select(vec!["work", "home", "other"]))
            .prop_map(move |(name, kind)| format!("{name}[type eq \"{kind}\"]{sub}"))
    };
    let single = select(vec![
        "title",
        "name.givenName",
        "name.familyName",
        "Manager.value",
        "manager.$ref",
        "addresses[type eq \"work\"].locality",
        "addresses[type eq \"work\"].region",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        "urn:x:2.0:User:badge",
        "urn:x:2.0:User:badge.floor",
    ]);
    let path = prop_oneof![single.prop_map(String::from), by_type(".value"), by_type(".display")];
    let boolean = select(vec![json!(true), json!("False"), json!(null)]);
    let whole = || vec(element(false), 0..3).prop_map(|elements| one_of_each_type(Value::Array(elements)));
    let untyped = element(true).prop_map(|mut element| {
        element.as_object_mut().unwrap().remove("type");
        element
    });
    let at = |(path, value): (String, Value)| json!({"op": "replace", "path": path, "value": value});
    prop_oneof![
        6 => (path.clone(), value()).prop_map(at),
        2 => (by_type(".primary"), boolean).prop_map(at),
        1 => (by_type(""), untyped).prop_map(at),
        1 => (select(vec!["emails", "roles"]).prop_map(String::from), whole()).prop_map(at),
        2 => btree_map(path, value(), 1..4).prop_map(|attributes| json!({"op": "Replace", "value": attributes})),
    ]
}

/// Returns the first element of each `type`, since a replacement cannot distinguish several of them.
fn one_of_each_type(elements: Value) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    for element in elements.as_array().into_iter().flatten() {
        if kept.iter().all(|other| other["type"] != element["type"]) {
            kept.push(element.clone());
        }
    }
    Value::Array(kept)
}

/// Returns the document with its elements sorted: a replacement does not decide which of two comes first.
fn sorted(document: &Document) -> Value {
    let mut attributes = document.0.clone();
    for elements in attributes.values_mut().filter_map(Value::as_array_mut) {
        elements.sort_by_key(Value::to_string);
    }
    Value::Object(attributes)
}

proptest! {
    #![proptest_config(cases(1_024))]

    #[test]
    fn no_body_makes_a_patch_panic(body in any_json(), operations in any_json(), user in user()) {
        let before = created(&user);
        for body in [body, json!({"Operations": operations}), message(&[operations])] {
            for dialect in [Dialect::TOLERANT, Dialect::STRICT] {
                for kind in [crate::user_kind(), crate::group_kind()] {
                    let _ = patched(dialect, kind, &before, &body);
                }
            }
        }
    }

    #[test]
    fn no_patch_leaves_anything_unassigned_or_a_second_primary(user in user(), operations in vec(operation(), 1..5)) {
        let before = created(&user);
        for dialect in [Dialect::TOLERANT, Dialect::STRICT] {
            // The operations one by one too, so that a refused one does not hide the others.
            let each = operations.iter().map(std::slice::from_ref);
            for operations in each.chain([operations.as_slice()]) {
                let _ = patched(dialect, crate::group_kind(), &before, &message(operations));
                let Ok(after) = patched(dialect, crate::user_kind(), &before, &message(operations)) else { continue };
                prop_assert!(after.0.values().all(is_assigned), "{:?}", after);
                prop_assert_eq!(with_two_primaries(&after), Vec::<&str>::new(), "{:?}", after);
                prop_assert!(valueless(&after).is_empty() && reserved(&after).is_empty(), "{:?}", after);
            }
        }
    }

    #[test]
    fn an_extension_is_the_same_in_a_post_and_in_a_path_less_patch(
        urn in select(vec!["urn:x:2.0:User", "urn:x:app:1.0:user:custom", "urn:x:app:1.0", "urn:x:y:z:a"]),
        value in any_json(),
    ) {
        let posted = parse(Dialect::TOLERANT, "POST", "/Users", &json!({"userName": "ada", urn: value}));
        let before = created(&json!({"userName": "ada"}));
        let body = message(&[json!({"op": "add", "value": {urn: value}})]);
        let patched = patched(Dialect::TOLERANT, crate::user_kind(), &before, &body);
        match (posted, patched) {
            (Ok(Operation::Create { document, .. }), Ok(patched)) => prop_assert_eq!(document, patched),
            (Err(_), Err(_)) => {}
            (posted, patched) => prop_assert!(false, "{:?} and {:?}", posted, patched),
        }
    }

    #[test]
    fn replacing_twice_is_replacing_once(user in user(), operations in vec(replacement(), 1..8)) {
        let mut user = user;
        for name in ["emails", "roles"] {
            user[name] = one_of_each_type(user[name].take());
        }
        let body = message(&operations);
        let once = patched(Dialect::TOLERANT, crate::user_kind(), &created(&user), &body);
        if let Ok(once) = once {
            let twice = patched(Dialect::TOLERANT, crate::user_kind(), &once, &body);
            prop_assert_eq!(twice.map(|twice| sorted(&twice)), Ok(sorted(&once)));
        }
    }
}
