//! Versions: ETag, If-Match, If-None-Match (RFC 7644 s3.14, RFC 9110 s13.1).

use serde_json::{Value, json};

use crate::harness::{Directory, Headers, Response, members, patch, refusal};

const STALE: [&str; 4] = ["W/\"7\"", "\"01\"", "W/\"+1\"", "\"abc\", W/\"2\""];
const MET: [&str; 4] = ["W/\"1\"", "\"1\"", "*", "\"9\", W/\"1\""];

fn when(directory: &Directory, method: &str, path: &str, body: Option<Value>, if_match: &str) -> Response {
    let headers = Headers { if_match: Some(if_match), ..Headers::default() };
    directory.request(method, path, body, headers)
}

fn precondition_failed() -> (u16, Value) {
    refusal(412, "", "the resource is not at the version that the request names")
}

#[test]
fn what_is_at_another_version_than_if_match_names_is_left_alone() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let group = directory.group("Engines", &[&ada]);
    let title = patch(json!([{"op": "add", "path": "title", "value": "x"}]));
    let clear = patch(json!([{"op": "remove", "path": "members"}]));
    let nothing = patch(json!([{"op": "add", "path": "members", "value": members(&[&ada])}]));
    let before = directory.database.dump();
    for tag in STALE {
        for (method, kind, body) in [
            ("PUT", "Users", Some(json!({"userName": "x"}))),
            ("PUT", "Groups", Some(json!({"displayName": "x"}))),
            ("PATCH", "Users", Some(title.clone())),
            ("PATCH", "Groups", Some(clear.clone())),
            ("PATCH", "Groups", Some(nothing.clone())),
            ("DELETE", "Users", None),
            ("DELETE", "Groups", None),
        ] {
            let id = if kind == "Users" { &ada } else { &group };
            let response = when(&directory, method, &format!("/{kind}/{id}"), body, tag);
            assert_eq!((response.status, response.body), precondition_failed(), "{method} {kind} {tag}");
            assert_eq!(directory.database.dump(), before, "{method} {kind} {tag}");
        }
    }
}

#[test]
fn what_is_at_the_version_that_if_match_names_is_changed() {
    for tag in MET {
        for (method, kind, body, status) in [
            ("PUT", "Users", Some(json!({"userName": "x"})), 200),
            ("PUT", "Groups", Some(json!({"displayName": "x"})), 200),
            ("PATCH", "Users", Some(patch(json!([{"op": "add", "path": "title", "value": "x"}]))), 200),
            ("PATCH", "Groups", Some(patch(json!([{"op": "remove", "path": "members"}]))), 204),
            ("DELETE", "Users", None, 204),
            ("DELETE", "Groups", None, 204),
        ] {
            let directory = Directory::new();
            let ada = directory.user("ada");
            let group = directory.group("Engines", &[&ada]);
            let id = if kind == "Users" { &ada } else { &group };
            let response = when(&directory, method, &format!("/{kind}/{id}"), body, tag);
            assert_eq!(response.status, status, "{method} {kind} {tag}");
            let etag = (method != "DELETE").then_some("W/\"2\"");
            assert_eq!(response.header("ETag"), etag, "{method} {kind} {tag}");
        }
    }
}

#[test]
fn if_match_on_what_is_not_there_is_a_404() {
    let directory = Directory::new();
    let gone = refusal(404, "", "there is no User `nobody`");
    for (method, body) in [
        ("PUT", Some(json!({"userName": "x"}))),
        ("PATCH", Some(patch(json!([{"op": "add", "path": "title", "value": "x"}])))),
        ("DELETE", None),
    ] {
        let response = when(&directory, method, "/Users/nobody", body, "*");
        assert_eq!((response.status, response.body), gone, "{method}");
    }
}

#[test]
fn a_client_that_has_the_version_gets_a_304() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let path = format!("/Users/{ada}");
    let get = |tag: &str| {
        let headers = Headers { if_none_match: Some(tag), ..Headers::default() };
        let response = directory.request("GET", &path, None, headers);
        assert_eq!(response.header("ETag"), Some("W/\"1\""), "{tag}");
        (response.status, response.body)
    };
    for tag in MET {
        assert_eq!(get(tag), (304, Value::Null), "{tag}");
    }
    for tag in STALE {
        assert_eq!(get(tag).0, 200, "{tag}");
    }
}

#[test]
fn a_put_that_changes_nothing_does_not_pass_a_stale_if_match() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let path = format!("/Users/{ada}");
    let response = when(&directory, "PUT", &path, Some(json!({"userName": "ada"})), "W/\"2\"");
    assert_eq!((response.status, response.body), precondition_failed());
}
