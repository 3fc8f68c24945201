//! The cost of a request grows with its size and no faster: four times the input, about four times the work.
//!
//! Work is counted in allocated bytes, which noise does not disturb. Comparisons that do not allocate are bounded by
//! `limits`, and those bounds are tested here too.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::hint::black_box;
use std::sync::LazyLock;

use allocation_counter::measure;
use scim::{
    Dialect, Document, Filter, HttpRequest, Instant, Kind, MemberChange, Operation, Outcome, Page,
    Projection, Registry, Resource, ScimError, limits, render,
};
use serde_json::{Value, json};

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::load().unwrap());

fn user_kind() -> Kind {
    REGISTRY.kind("User").unwrap()
}

fn group_kind() -> Kind {
    REGISTRY.kind("Group").unwrap()
}

fn parse<'r>(method: &str, path: &str, body: &str) -> Result<Operation<'r>, ScimError> {
    let request = HttpRequest { method, path, body: body.as_bytes(), ..HttpRequest::default() };
    Ok(scim::parse(&REGISTRY, Dialect::TOLERANT, &request)?.operation().unwrap())
}

fn user(body: &Value) -> Result<Document, ScimError> {
    match parse("POST", "/Users", &body.to_string())? {
        Operation::Create { document, .. } => Ok(document),
        other => panic!("{other:?}"),
    }
}

fn patched(kind: Kind, before: &Document, operations: &[Value]) -> Result<Document, ScimError> {
    let body = json!({"Operations": operations}).to_string();
    match parse("PATCH", &format!("/{}/x", kind.endpoint()), &body)? {
        Operation::Patch { patch, .. } => {
            black_box(MemberChange::reduce(&patch.members, &[]));
            patch.apply(REGISTRY.resource_type(kind), before)
        }
        other => panic!("{other:?}"),
    }
}

/// Checks that four times the input allocates less than five times the bytes.
#[track_caller]
fn is_linear(small: usize, work: impl Fn(usize)) {
    // The first run builds what is built only once.
    work(1);
    let bytes = |size: usize| measure(|| work(size)).bytes_total;
    let (one, four) = (bytes(small), bytes(4 * small));
    assert!(four < 5 * one, "{small}: {one} bytes; {}: {four} bytes", 4 * small);
}

fn repeated(size: usize, one: impl Fn(usize) -> String, between: &str) -> String {
    (0..size).map(one).collect::<Vec<_>>().join(between)
}

fn ada() -> Document {
    user(&json!({"userName": "ada"})).unwrap()
}

fn with_emails(count: usize) -> Document {
    let email = |at: usize| json!({"value": format!("{at}@x.example"), "type": format!("t{at}")});
    user(&json!({"userName": "ada", "emails": (0..count).map(email).collect::<Vec<_>>()})).unwrap()
}

#[test]
fn reading_a_filter_grows_with_its_length() {
    is_linear(125, |size| {
        let text = repeated(size, |at| format!("emails[value eq \"{at:04}\"] and not (title pr)"), " or ");
        let _ = black_box(Filter::parse(&text));
    });
    is_linear(2_000, |size| {
        let _ = black_box(Filter::parse(&"(".repeat(size)));
    });
    is_linear(2_000, |size| {
        let _ = black_box(Filter::parse(&format!("title eq \"{}\"", "\\u00e9".repeat(size))));
    });
}

#[test]
fn a_search_grows_with_its_arguments() {
    is_linear(200, |size| {
        let filter = repeated(size, |at| format!("urn:x:2.0:User:a{at:04} eq \"{at:04}\""), " or ");
        let attributes = repeated(size, |at| format!("name{at:04}"), ",");
        let body = json!({"filter": filter, "attributes": attributes}).to_string();
        let _ = black_box(parse("POST", "/.search", &body));
    });
}

#[test]
fn a_body_grows_with_its_attributes_values_and_depth() {
    is_linear(200, |size| {
        black_box(with_emails(size));
    });
    is_linear(200, |size| {
        let attributes = (0..size).map(|at| (format!("a{at:04}"), json!(at))).collect();
        black_box(user(&json!({"userName": "ada", "urn:x:2.0:User": Value::Object(attributes)})).unwrap());
    });
    is_linear(25, |size| {
        let body = format!(
            r#"{{"userName": "ada", "urn:x:2.0:User": {{"a": {}1{}}}}}"#,
            "[".repeat(size),
            "]".repeat(size)
        );
        let _ = black_box(parse("POST", "/Users", &body));
    });
}

#[test]
fn a_patch_grows_with_its_operations() {
    is_linear(200, |size| {
        let operation =
            |at: usize| json!({"op": "replace", "path": "name.givenName", "value": format!("{at:04}")});
        black_box(patched(user_kind(), &ada(), &(0..size).map(operation).collect::<Vec<_>>()).unwrap());
    });
    is_linear(1_000, |size| {
        let operation = |at: usize| json!({"op": "remove", "path": format!("members[value eq \"{at:04}\"]")});
        let group = user(&json!({"userName": "g"})).map(|mut group| {
            group.0.clear();
            group.0.insert("displayName".into(), "g".into());
            group
        });
        black_box(
            patched(group_kind(), &group.unwrap(), &(0..size).map(operation).collect::<Vec<_>>()).unwrap(),
        );
    });
}

#[test]
fn value_paths_that_create_elements_grow_with_their_number() {
    is_linear(250, |size| {
        let operation = |at: usize| json!({"op": "add", "path": format!("emails[type eq \"t{at:04}\"].value"), "value": format!("{at:04}")});
        black_box(patched(user_kind(), &ada(), &(0..size).map(operation).collect::<Vec<_>>()).unwrap());
    });
    is_linear(250, |size| {
        let operation =
            |at: usize| json!({"op": "add", "path": "emails", "value": [{"value": format!("{at:04}")}]});
        black_box(patched(user_kind(), &ada(), &(0..size).map(operation).collect::<Vec<_>>()).unwrap());
    });
}

#[test]
fn values_added_to_an_undeclared_attribute_grow_with_their_number() {
    let path = "urn:x:2.0:User:badges";
    is_linear(250, |size| {
        let all: Vec<usize> = (0..size).collect();
        let operations = [
            json!({"op": "add", "path": path, "value": [0]}),
            json!({"op": "add", "path": path, "value": all}),
        ];
        black_box(patched(user_kind(), &ada(), &operations).unwrap());
    });
    is_linear(250, |size| {
        let operation = |at: usize| json!({"op": "add", "path": path, "value": [format!("{at:04}")]});
        black_box(patched(user_kind(), &ada(), &(0..size).map(operation).collect::<Vec<_>>()).unwrap());
    });
    is_linear(25_000, |size| {
        let all: Vec<usize> = (0..size).collect();
        let operations = [
            json!({"op": "add", "path": path, "value": [0]}),
            json!({"op": "add", "path": path, "value": all}),
        ];
        let refusal = patched(user_kind(), &ada(), &operations).map(|_| ());
        assert!(refusal.is_err() || size < limits::ELEMENTS);
    });
}

#[test]
fn a_user_with_many_values_is_changed_at_a_cost_that_grows_with_them() {
    for path in ["emails[type sw \"T\"].display", "emails[type sw \"t\"]", "emails.display", "emails"] {
        is_linear(250, |size| {
            let operations = [json!({"op": "remove", "path": path})];
            black_box(patched(user_kind(), &with_emails(size), &operations).unwrap());
        });
    }
    is_linear(250, |size| {
        let operations = [json!({"op": "replace", "path": "emails[type sw \"t\"].display", "value": "d"})];
        black_box(patched(user_kind(), &with_emails(size), &operations).unwrap());
    });
}

#[test]
fn a_value_that_is_set_in_many_elements_does_not_make_a_large_resource_of_a_small_request() {
    let detail = "Operations[0]: what is set in several values comes to more than 1048576 bytes";
    let large = "x".repeat(2_000);
    let operations = [json!({"op": "replace", "path": "emails.display", "value": large})];
    assert_eq!(patched(user_kind(), &with_emails(1_000), &operations).unwrap_err().detail, detail);
    let badges = vec![json!({"a": 1}); 1_000];
    let before = user(&json!({"userName": "ada", "urn:x:2.0:User": {"badges": badges}})).unwrap();
    let operations = [json!({"op": "replace", "path": "urn:x:2.0:User:badges.b", "value": large})];
    assert_eq!(patched(user_kind(), &before, &operations).unwrap_err().detail, detail);
    // A little in each operation, and too much together.
    let operation = |at: usize| json!({"op": "replace", "path": format!("urn:x:2.0:User:badges.b{at}"), "value": "x".repeat(100)});
    let refusal = patched(user_kind(), &before, &(0..20).map(operation).collect::<Vec<_>>()).unwrap_err();
    assert_eq!(refusal.detail, detail.replace("[0]", "[10]"));
}

#[test]
fn a_patch_with_more_comparisons_than_are_made_is_refused() {
    let terms = |count: usize| repeated(count, |_| "type eq \"a\"".into(), " or ");
    let operation = |count: usize| json!({"op": "remove", "path": format!("emails[{}]", terms(count))});
    let before = ada();
    assert_eq!(patched(user_kind(), &before, &[operation(1_000), operation(1_000)]), Ok(before.clone()));
    let refusal =
        patched(user_kind(), &before, &[operation(1_000), operation(1_000), operation(1)]).unwrap_err();
    let detail = "the request has 2001 comparisons in its paths; at most 2000 are taken";
    assert_eq!((refusal.scim_type.unwrap().as_str(), refusal.detail.as_str()), ("tooMany", detail));
}

#[test]
fn a_patch_that_looks_at_all_members_too_often_is_refused() {
    let operation = |path: &str| json!({"op": "remove", "path": path});
    let all = vec![operation("members[display eq \"a\"]"); 101];
    let body = json!({"Operations": all}).to_string();
    let refusal = parse("PATCH", "/Groups/x", &body).unwrap_err();
    let detail = "the request has 101 comparisons that look at all members; at most 100 are taken";
    assert_eq!((refusal.scim_type.unwrap().as_str(), refusal.detail.as_str()), ("tooMany", detail));
    let by_id = vec![operation("members[value eq \"a\"]"); 5_000];
    assert!(parse("PATCH", "/Groups/x", &json!({"Operations": by_id}).to_string()).is_ok());
}

#[test]
fn a_resource_with_more_attributes_than_are_kept_is_refused() {
    let extension = |count: usize| {
        let attributes = (0..count).map(|at| (format!("a{at}"), json!(at))).collect();
        json!({"userName": "ada", "urn:x:2.0:User": Value::Object(attributes)})
    };
    let refusal = user(&extension(999)).unwrap_err();
    let detail = "the resource has 1001 attributes; at most 1000 are kept";
    assert_eq!((refusal.scim_type.unwrap().as_str(), refusal.detail.as_str()), ("tooMany", detail));
    let before = user(&extension(998)).unwrap();
    let operations = [json!({"op": "add", "path": "title", "value": "T"})];
    assert_eq!(
        patched(user_kind(), &before, &operations).unwrap_err().detail,
        format!("Operations[0]: {detail}")
    );
}

#[test]
fn a_page_grows_with_the_requested_attributes_and_not_with_their_product() {
    let document =
        user(&json!({"userName": "ada", "title": "T", "name": {"givenName": "G", "familyName": "F"}}))
            .unwrap();
    let resource = |at: usize| Resource {
        kind: user_kind(),
        id: format!("{at:04}"),
        version: 1,
        created: Instant(0),
        last_modified: Instant(0),
        document: document.clone(),
        members: None,
        groups: None,
        more: false,
    };
    let page = |size: usize| {
        let resources = (0..size).map(resource).collect();
        Outcome::Page(Page { total: None, start_index: None, next_cursor: None, resources })
    };
    // Both at once: the paths are looked up for the page and not for each of its resources.
    is_linear(100, |size| {
        let paths = repeated(size, |at| format!("name.givenName,title,urn:x:2.0:User:a{at:04}"), ",");
        let projection = Projection::new(Some(&paths), None, Dialect::TOLERANT).unwrap();
        black_box(render(&page(size), &projection, &REGISTRY, ""));
    });
}
