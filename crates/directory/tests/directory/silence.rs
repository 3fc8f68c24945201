//! The database does not answer: reads are tried again, writes are the client's to repeat, and a repeat does no harm.

use directory::Failure;
use serde_json::{Value, json};

use crate::harness::{Directory, Headers};
use crate::tapped::Silence;

fn ask(directory: &Directory, method: &str, path: &str, body: Option<Value>) -> Option<u16> {
    match directory.try_request(method, path, body, Headers::default()) {
        Ok(response) => Some(response.status),
        Err(failure) => {
            assert!(failure.is_passing(), "{failure}");
            assert!(matches!(failure, Failure::Database(_)));
            None
        }
    }
}

#[test]
fn a_read_is_tried_again_and_a_third_silence_is_told() {
    let directory = Directory::new();
    let id = directory.user("ada");
    for path in [format!("/Users/{id}"), "/Users?filter=userName+eq+%22ada%22".to_string()] {
        directory.database.fall_silent(Silence::Before, 2);
        assert_eq!(ask(&directory, "GET", &path, None), Some(200));
        directory.database.fall_silent(Silence::Before, 3);
        assert_eq!(ask(&directory, "GET", &path, None), None);
    }
}

#[test]
fn a_write_is_not_tried_again_by_itself() {
    let directory = Directory::new();
    directory.database.fall_silent(Silence::Before, 1);
    assert_eq!(ask(&directory, "POST", "/Users", Some(json!({"userName": "ada"}))), None);
    assert_eq!(directory.names("/Users", "userName pr"), "");
}

#[test]
fn a_write_that_was_done_and_not_told_is_repeated_without_harm() {
    let directory = Directory::new();
    let user = directory.user("ada");
    let group = directory.group("G", &[]);
    let operations = |operations: Value| Some(json!({"Operations": operations}));
    let (of_user, of_group) = (format!("/Users/{user}"), format!("/Groups/{group}"));
    let member = operations(json!([{"op": "add", "path": "members", "value": [{"value": user}]}]));
    for (method, path, body, again) in [
        ("POST", "/Users", Some(json!({"userName": "bob"})), 409),
        ("PATCH", of_group.as_str(), member, 204),
        ("DELETE", of_user.as_str(), None, 404),
    ] {
        directory.database.fall_silent(Silence::After, 1);
        assert_eq!(ask(&directory, method, path, body.clone()), None, "{method}");
        let done = directory.database.dump();
        assert_eq!(ask(&directory, method, path, body), Some(again), "{method}");
        assert_eq!(directory.database.dump(), done, "{method} {path}: the repeat changes nothing");
    }
}
