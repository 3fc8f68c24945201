//! Random sequences of operations, bulks, imports and races: the directory follows from the log after each of them.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::replay::assert_gives_the_directory;
use crate::harness::{Directory, ENTERPRISE, members};

/// Few names, so that requests meet one another.
const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

#[derive(Debug, Clone)]
enum Step {
    CreateUser(Value),
    CreateGroup(usize, Vec<Index>),
    ReplaceUser(Index, Value),
    PatchUser(Index, Value),
    PatchGroup(Index, Vec<Change>),
    ReplaceGroup(Index, usize, Vec<Index>),
    DeleteUser(Index),
    DeleteGroup(Index),
    /// Creates of users, and two groups that are members of one another, in one request.
    Bulk(Vec<Value>, Vec<Index>),
    /// Users and a group, twice: the second time they are there.
    Import(Vec<Value>, Vec<Index>),
    /// A PATCH of a user during which another request writes.
    Race(Index, Value, Value),
}

#[derive(Debug, Clone)]
enum Change {
    Add(Vec<Index>),
    Remove(Vec<Index>),
    Rename(usize),
    Clear,
}

fn attribute() -> impl Strategy<Value = (String, Value)> {
    let value = select(vec![json!("x"), json!("Y\u{e4}\u{0}\"'"), json!("")]);
    let list = select(vec![
        json!([]),
        json!([{"type": "work", "value": "a@x.example"}]),
        json!([{"type": "home", "value": "b@x.example", "primary": true}, {"type": "work", "value": "c@x.example"}]),
    ]);
    let name =
        select(vec![json!({"givenName": "G"}), json!({"familyName": "F", "formatted": "GF"}), json!({})]);
    let extension = select(vec![
        json!({"department": "D"}),
        json!({"manager": {"value": "m"}}),
        json!({"department": "E", "costCenter": "1"}),
    ]);
    let free = select(vec![
        json!({"a.b": 1}),
        json!({"x": {"y": {"z": [1.5]}}}),
        json!({"n": 9_007_199_254_740_993_i64}),
    ]);
    prop_oneof![
        value.clone().prop_map(|value| ("title".to_string(), value)),
        value.clone().prop_map(|value| ("externalId".to_string(), value)),
        value.prop_map(|value| ("odd".to_string(), value)),
        list.prop_map(|list| ("emails".to_string(), list)),
        name.prop_map(|name| ("name".to_string(), name)),
        any::<bool>().prop_map(|active| ("active".to_string(), json!(active))),
        extension.prop_map(|extension| (ENTERPRISE.to_string(), extension)),
        free.prop_map(|free| ("urn:example:free:2.0:User".to_string(), free)),
        Just(("password".to_string(), json!("secret"))),
    ]
}

fn attributes() -> impl Strategy<Value = Value> {
    let attributes = prop::collection::vec(attribute(), 0..5);
    attributes.prop_map(|attributes| Value::Object(attributes.into_iter().collect()))
}

fn user() -> impl Strategy<Value = Value> {
    (select(NAMES.to_vec()), attributes()).prop_map(|(name, mut user)| {
        user["userName"] = name.into();
        user
    })
}

fn some() -> impl Strategy<Value = Vec<Index>> {
    prop::collection::vec(any::<Index>(), 0..4)
}

fn step() -> impl Strategy<Value = Step> {
    let name = || 0..NAMES.len();
    let change = prop_oneof![
        some().prop_map(Change::Add),
        some().prop_map(Change::Remove),
        name().prop_map(Change::Rename),
        Just(Change::Clear),
    ];
    prop_oneof![
        4 => user().prop_map(Step::CreateUser),
        3 => (name(), some()).prop_map(|(name, members)| Step::CreateGroup(name, members)),
        2 => (any::<Index>(), user()).prop_map(|(at, user)| Step::ReplaceUser(at, user)),
        3 => (any::<Index>(), attributes()).prop_map(|(at, values)| Step::PatchUser(at, values)),
        4 => (any::<Index>(), prop::collection::vec(change, 1..4)).prop_map(|(at, changes)| Step::PatchGroup(at, changes)),
        2 => (any::<Index>(), name(), some()).prop_map(|(at, name, members)| Step::ReplaceGroup(at, name, members)),
        1 => any::<Index>().prop_map(Step::DeleteUser),
        1 => any::<Index>().prop_map(Step::DeleteGroup),
        1 => (prop::collection::vec(user(), 0..4), some()).prop_map(|(users, members)| Step::Bulk(users, members)),
        1 => (prop::collection::vec(user(), 0..4), some()).prop_map(|(users, members)| Step::Import(users, members)),
        1 => (any::<Index>(), attributes(), attributes()).prop_map(|(at, one, other)| Step::Race(at, one, other)),
    ]
}

fn pick<'i>(ids: &'i [String], at: &Index) -> &'i str {
    if ids.is_empty() { "nobody" } else { at.get(ids).as_str() }
}

fn run(directory: &Directory, step: &Step, number: usize) {
    let (users, groups) = (directory.ids("/Users"), directory.ids("/Groups"));
    let all: Vec<String> = users.iter().chain(&groups).cloned().collect();
    let chosen = |some: &[Index]| members(&some.iter().map(|at| pick(&all, at)).collect::<Vec<_>>());
    let set = |values: &Value| json!([{"op": "replace", "value": values}]);
    let status = match step {
        Step::CreateUser(user) => directory.post("/Users", user.clone()).0,
        Step::CreateGroup(name, some) => {
            directory.post("/Groups", json!({"displayName": NAMES[*name], "members": chosen(some)})).0
        }
        Step::ReplaceUser(at, user) => directory.put(&format!("/Users/{}", pick(&users, at)), user.clone()).0,
        Step::PatchUser(at, values) => {
            directory.patch(&format!("/Users/{}", pick(&users, at)), set(values)).0
        }
        Step::PatchGroup(at, changes) => {
            let operation = |change: &Change| match change {
                Change::Add(some) => json!({"op": "add", "path": "members", "value": chosen(some)}),
                Change::Remove(some) => json!({"op": "remove", "path": "members", "value": chosen(some)}),
                Change::Rename(name) => {
                    json!({"op": "replace", "path": "displayName", "value": NAMES[*name]})
                }
                Change::Clear => json!({"op": "remove", "path": "members"}),
            };
            directory
                .patch(&format!("/Groups/{}", pick(&groups, at)), changes.iter().map(operation).collect())
                .0
        }
        Step::ReplaceGroup(at, name, some) => {
            let body = json!({"displayName": NAMES[*name], "members": chosen(some)});
            directory.put(&format!("/Groups/{}", pick(&groups, at)), body).0
        }
        Step::DeleteUser(at) => directory.delete(&format!("/Users/{}", pick(&users, at))).0,
        Step::DeleteGroup(at) => directory.delete(&format!("/Groups/{}", pick(&groups, at))).0,
        Step::Bulk(users, some) => directory.post("/Bulk", bulk(users, &chosen(some))).0,
        Step::Import(users, some) => {
            let lines = lines(users, &chosen(some), number);
            for _ in 0..2 {
                directory
                    .run(async |database, context| directory::import(database, context, &lines).await)
                    .unwrap();
            }
            200
        }
        Step::Race(at, one, other) => {
            let path = format!("/Users/{}", pick(&users, at));
            let (writer, other, its_path) = (directory.clone(), set(other), path.clone());
            directory.database.before_calls(move |call, _| {
                if call == 1 {
                    writer.patch(&its_path, other.clone());
                }
            });
            let status = directory.patch(&path, set(one)).0;
            directory.database.leave_calls_alone();
            status
        }
    };
    assert!(status < 500, "{status}");
}

fn bulk(users: &[Value], members: &Value) -> Value {
    let create = |path: &str, id: &str, data: &Value| json!({"method": "POST", "path": path, "bulkId": id, "data": data});
    let mut operations: Vec<Value> = users
        .iter()
        .enumerate()
        .map(|(number, user)| create("/Users", &format!("u{number}"), user))
        .collect();
    let mut with = members.clone();
    with.as_array_mut().unwrap().push(json!({"value": "bulkId:g1"}));
    operations.push(create("/Groups", "g0", &json!({"displayName": "a", "members": with})));
    operations.push(create(
        "/Groups",
        "g1",
        &json!({"displayName": "e", "members": [{"value": "bulkId:g0"}]}),
    ));
    json!({"schemas": [scim::urn::BULK_REQUEST], "Operations": operations})
}

fn lines(users: &[Value], members: &Value, number: usize) -> String {
    let mut lines = Vec::new();
    for (index, user) in users.iter().enumerate() {
        let mut line = user.clone();
        line["id"] = format!("i{number}-{index}").into();
        line["meta"] =
            json!({"resourceType": "User", "version": "W/\"5\"", "created": "2020-01-01T00:00:00Z"});
        lines.push(line.to_string());
    }
    let group = |id: String, name: &str| json!({"id": id, "displayName": name, "members": members, "meta": {"resourceType": "Group", "version": "W/\"9\""}});
    lines.push(group(format!("g{number}"), "imported").to_string());
    // One that may be there already, of another import.
    lines.push(group("g".to_string(), "c").to_string());
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_directory_follows_from_the_log(steps in prop::collection::vec(step(), 1..24)) {
        let directory = Directory::new();
        for (number, step) in steps.iter().enumerate() {
            run(&directory, step, number);
        }
        assert_gives_the_directory(&directory);
    }
}
