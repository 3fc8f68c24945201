//! A bulk is many operations: each is done completely or not at all, and reported truly, whichever batch fails.

use serde_json::{Value, json};

use super::operations::{ADA, BOB, ENGINES, EVE, filled};
use super::{ask, state};
use crate::harness::{Directory, Headers, members, patch};
use crate::instrumented::Fault;

fn post(path: &str, bulk_id: &str, data: Value) -> Value {
    json!({"method": "POST", "path": path, "bulkId": bulk_id, "data": data})
}

fn on(method: &str, path: String, data: Value) -> Value {
    json!({"method": method, "path": path, "data": data})
}

/// Returns operations of all kinds that do not refer to one another.
fn independent() -> Vec<Value> {
    let title = patch(json!([{"op": "add", "path": "title", "value": "Countess"}]));
    let member = patch(json!([{"op": "add", "path": "members", "value": members(&[EVE])}]));
    vec![
        post("/Users", "u1", json!({"userName": "new1"})),
        post("/Users", "u2", json!({"userName": "new2"})),
        on("PATCH", format!("/Users/{ADA}"), title),
        post("/Groups", "g1", json!({"displayName": "New", "members": members(&[ADA])})),
        on("PATCH", format!("/Groups/{ENGINES}"), member),
        on("PUT", format!("/Users/{EVE}"), json!({"userName": "eve", "title": "Programmer"})),
        on("DELETE", format!("/Users/{BOB}"), Value::Null),
    ]
}

/// Returns users, then groups that are members of one another, then a change of one of them.
fn cycle() -> Vec<Value> {
    let refers = |bulk_ids: &[&str]| -> Value {
        bulk_ids.iter().map(|id| json!({"value": format!("bulkId:{id}")})).collect()
    };
    let member = patch(json!([{"op": "add", "path": "members", "value": members(&[EVE])}]));
    vec![
        post("/Groups", "outer", json!({"displayName": "Outer", "members": refers(&["inner", "user"])})),
        post("/Groups", "inner", json!({"displayName": "Inner", "members": refers(&["outer", "deep"])})),
        post("/Groups", "deep", json!({"displayName": "Deep", "members": refers(&["inner"])})),
        post("/Users", "user", json!({"userName": "new"})),
        on("PATCH", "/Groups/bulkId:inner".into(), member),
    ]
}

/// Returns the status of each operation.
fn bulk(directory: &Directory, time: u64, operations: &[Value]) -> Vec<String> {
    let body = json!({"Operations": operations});
    let answer = ask(directory, time, |directory| {
        directory.request("POST", "/Bulk", Some(body.clone()), Headers::default())
    });
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let results = answer.body["Operations"].as_array().unwrap().clone();
    results.iter().map(|result| result["status"].as_str().unwrap().to_string()).collect()
}

/// Returns the state after these of the operations.
fn made_by(operations: &[Value], chosen: &[bool]) -> Vec<String> {
    let directory = filled();
    let chosen = operations.iter().zip(chosen).filter(|(_, chosen)| **chosen);
    bulk(&directory, 1, &chosen.map(|(operation, _)| operation.clone()).collect::<Vec<_>>());
    state(&directory)
}

/// Fails each call in each way, and checks that operations reported as done are done, and that the others are done
/// completely or not at all. `repeated` gets the directory to send the request once more.
fn fails_completely_or_not_at_all(operations: &[Value], repeated: impl Fn(&str, &Directory)) {
    let directory = filled();
    directory.database.fail(Fault::Before, 0..0);
    assert!(bulk(&directory, 1, operations).iter().all(|status| status.starts_with('2')));
    let calls = directory.database.recover();
    for call in 0..calls {
        for times in [1, calls] {
            let within = (0..if times == 1 { 9 } else { 1 }).map(Fault::Within);
            for fault in
                [Fault::Before, Fault::After, Fault::Refused, Fault::CallLimit].into_iter().chain(within)
            {
                let name = format!("calls {call} to {} {fault:?}", call + times);
                let directory = filled();
                directory.database.fail(fault, call..call + times);
                let told = bulk(&directory, 1, operations);
                directory.database.recover();
                let done: Vec<bool> = told.iter().map(|status| status.starts_with('2')).collect();
                let left = state(&directory);
                let ambiguous = |chosen: &[bool]| {
                    let silent: Vec<bool> =
                        chosen.iter().zip(&told).map(|(chosen, told)| *chosen || told == "503").collect();
                    made_by(operations, &silent)
                };
                match fault {
                    // One lost answer: its operations were done.
                    Fault::After if times == 1 => assert_eq!(left, ambiguous(&done), "{name}: {told:?}"),
                    Fault::After => {}
                    _ => assert_eq!(left, made_by(operations, &done), "{name}: {told:?}"),
                }
                repeated(&name, &directory);
            }
        }
    }
}

#[test]
fn each_operation_of_a_bulk_is_complete_and_repeating_the_bulk_ends_as_if_nothing_had_failed() {
    let operations = independent();
    // The log says in which order things happened, which a repetition changes.
    let without_log =
        |rows: Vec<String>| rows.into_iter().filter(|row| !row.starts_with("changes ")).collect::<Vec<_>>();
    let after = without_log(made_by(&operations, &[true; 7]));
    fails_completely_or_not_at_all(&operations, |name, directory| {
        let told = bulk(directory, 2, &operations);
        assert_eq!(without_log(state(directory)), after, "{name}, repeated: {told:?}");
        for (told, allowed) in told.iter().zip(["409", "409", "200", "409", "204", "200", "404"]) {
            let done = [allowed, "201", "200", "204"].contains(&told.as_str());
            assert!(done, "{name}, repeated: {told}");
        }
    });
}

#[test]
fn groups_in_a_cycle_are_created_together_or_not_at_all() {
    let operations = cycle();
    let after = made_by(&operations, &[true; 5]);
    let untouched = state(&filled());
    fails_completely_or_not_at_all(&operations, |name, directory| {
        let before = state(directory);
        let told = bulk(directory, 2, &operations);
        // A resource that exists is a 409, so operations that refer to it are not done: the client must look it up.
        let expected = if before == untouched { &after } else { &before };
        assert_eq!(&state(directory), expected, "{name}, repeated: {told:?}");
    });
}

#[test]
fn a_cycle_that_cannot_be_closed_leaves_nothing_and_each_group_has_its_reason() {
    let refused = |change: &dyn Fn(&mut Vec<Value>), details: [&str; 4]| {
        let mut operations = cycle();
        operations.pop();
        change(&mut operations);
        let directory = filled();
        let body = json!({"Operations": operations});
        let answer = directory.post("/Bulk", body).1;
        let told: Vec<&str> = answer["Operations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| result["response"]["detail"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(told, details);
        assert_eq!(directory.names("/Groups", "displayName pr"), "Engines");
    };
    let cycle = "another group of its cycle could not be created";
    let taken = |operations: &mut Vec<Value>| operations[2]["data"]["displayName"] = "ENGINES".into();
    refused(&taken, [cycle, cycle, "another Group has the displayName `ENGINES`", ""]);
    let nobody = |operations: &mut Vec<Value>| {
        operations[0]["data"]["members"] = json!([{"value": "bulkId:inner"}, {"value": "nobody"}]);
    };
    refused(&nobody, ["no user or group has the id of these members: `nobody`", cycle, cycle, ""]);
    let broken = |operations: &mut Vec<Value>| drop(operations[0]["data"]["displayName"].take());
    let failed = "`bulkId:outer` was not created, since its operation failed";
    refused(&broken, ["a Group needs a value for `displayName`", failed, cycle, ""]);
    let twice = |operations: &mut Vec<Value>| operations[0]["data"]["displayName"] = "inner".into();
    refused(&twice, ["another Group has the displayName `inner`", cycle, cycle, ""]);
}

#[test]
fn a_cycle_waits_for_its_last_group_also_if_errors_are_counted_and_no_group_is_its_own_member() {
    let directory = filled();
    let operations = cycle();
    let body = json!({"failOnErrors": 1, "Operations": operations});
    let told = directory.post("/Bulk", body).1;
    assert_eq!(told["Operations"].as_array().unwrap().len(), 5, "{told}");
    assert_eq!(directory.names("/Groups", "displayName pr"), "Engines Outer Inner Deep");
    let of = |name: &str| {
        directory.query("/Groups", &format!("displayName eq \"{name}\"")).1["Resources"][0].clone()
    };
    assert_eq!(of("Inner")["members"].as_array().unwrap().len(), 3);
    assert_eq!(of("Deep")["meta"]["version"], "W/\"1\"");
    let own = post("/Groups", "own", json!({"displayName": "Own", "members": [{"value": "bulkId:own"}]}));
    let told = directory.post("/Bulk", json!({"Operations": [own]})).1;
    assert_eq!(told["Operations"][0]["response"]["detail"], "a group cannot be a member of itself");
    assert_eq!(directory.names("/Groups", "displayName eq \"Own\""), "");
}
