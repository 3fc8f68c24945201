//! SQL evaluates filters on `groups`, and sorts by them, as the groups of the users in the response show: on random
//! groups within groups, cycles among them.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::harness::{Directory, encoded};

const USERS: usize = 5;
const GROUPS: usize = 6;

/// Returns a directory with these memberships: of each group the users and the groups.
fn filled(users: &[u8], groups: &[u8]) -> Directory {
    let directory = Directory::new();
    let users_of = |at: usize| (0..USERS).filter(move |user| users[at] >> user & 1 == 1);
    let ids: Vec<String> = (0..USERS).map(|at| directory.user(&format!("u{at}"))).collect();
    // Names are not in the order of ids.
    let names = ["Delta", "alpha", "Charlie", "bravo", "Alphabet", "echo"];
    let of: Vec<String> = (0..GROUPS).map(|at| directory.group(names[at], &[])).collect();
    for at in 0..GROUPS {
        let inner = (0..GROUPS).filter(|other| *other != at && groups[at] >> other & 1 == 1);
        let members: Vec<Value> = users_of(at)
            .map(|user| &ids[user])
            .chain(inner.map(|other| &of[other]))
            .map(|id| json!({"value": id}))
            .collect();
        let add = json!([{"op": "add", "path": "members", "value": members}]);
        let (status, body) = directory.patch(&format!("/Groups/{}", of[at]), add);
        assert_eq!(status, 204, "{body}");
    }
    directory
}

fn comparison(prefix: &'static str) -> BoxedStrategy<String> {
    let op = || select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
    let display = select(vec!["alpha", "ALPHABET", "bravo", "e", "a", "delta", "x", ""]);
    let kind = select(vec!["direct", "indirect", "Direct", "in", "d", "x"]);
    let id = (1..12_u32).prop_map(|at| format!("00000000-0000-7000-8000-{at:012}"));
    prop_oneof![
        4 => (op(), display).prop_map(move |(op, text)| format!("{prefix}display {op} \"{text}\"")),
        3 => (op(), kind).prop_map(move |(op, text)| format!("{prefix}type {op} \"{text}\"")),
        2 => (op(), id).prop_map(move |(op, text)| format!("{prefix}value {op} \"{text}\"")),
        1 => select(vec!["display", "type", "value"]).prop_map(move |sub| format!("{prefix}{sub} pr")),
    ]
    .boxed()
}

fn logic(term: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let nested = |inner: BoxedStrategy<String>| {
        let list = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            list().prop_map(|terms| terms.join(" and ")),
            list().prop_map(|terms| format!("({})", terms.join(" or "))),
            inner.clone().prop_map(|term| format!("not ({term})")),
        ]
    };
    term.prop_recursive(2, 6, 3, nested).boxed()
}

fn filter() -> BoxedStrategy<String> {
    let path = logic(comparison("")).prop_map(|terms| format!("groups[{terms}]"));
    let user = select(vec!["userName eq \"u1\"", "userName sw \"u\"", "groups pr", "not (groups pr)"]);
    logic(prop_oneof![3 => comparison("groups."), 3 => path, 1 => user.prop_map(String::from)].boxed())
}

/// Returns the users as a list shows them.
fn shown(directory: &Directory, query: &str) -> Vec<Value> {
    let (status, body) = directory.get(&format!("/Users?{query}"));
    assert_eq!(status, 200, "{query}: {body}");
    body["Resources"].as_array().cloned().unwrap_or_default()
}

fn names(users: &[Value]) -> Vec<&str> {
    users.iter().map(|user| user["userName"].as_str().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sql_selects_users_by_the_groups_that_they_show(
        users in prop::collection::vec(0..32_u8, GROUPS),
        groups in prop::collection::vec((0..64_u8, 0..64_u8).prop_map(|(one, other)| one & other), GROUPS),
        filters in prop::collection::vec(filter(), 12),
    ) {
        let directory = filled(&users, &groups);
        let all = shown(&directory, "");
        for filter in filters {
            let Some(predicate) = directory.predicate(&filter) else { continue };
            let expected: Vec<Value> = all.iter().filter(|user| predicate.matches(user)).cloned().collect();
            let found = shown(&directory, &format!("filter={}", encoded(&filter)));
            prop_assert_eq!(names(&found), names(&expected), "{} of {:?} {:?}", filter, users, groups);
        }
    }

    #[test]
    fn sql_sorts_users_by_the_first_of_the_groups_that_they_show(
        users in prop::collection::vec(0..32_u8, GROUPS),
        groups in prop::collection::vec((0..64_u8, 0..64_u8).prop_map(|(one, other)| one & other), GROUPS),
    ) {
        let directory = filled(&users, &groups);
        for sub in ["display", "value", "type"] {
            let key = |user: &Value| user["groups"][0][sub].as_str().map(str::to_ascii_lowercase);
            let mut expected = shown(&directory, "");
            expected.sort_by_key(|user| (key(user).is_none(), key(user)));
            let found = shown(&directory, &format!("sortBy=groups.{sub}"));
            prop_assert_eq!(names(&found), names(&expected), "{} of {:?} {:?}", sub, users, groups);
            expected = shown(&directory, "");
            expected.sort_by(|one, other| key(one).is_some().cmp(&key(other).is_some()).then(key(other).cmp(&key(one))));
            let found = shown(&directory, &format!("sortBy=groups.{sub}&sortOrder=descending"));
            prop_assert_eq!(names(&found), names(&expected), "{} descending", sub);
            let mut paged = Vec::new();
            let mut cursor = String::new();
            loop {
                let query = format!("sortBy=groups.{sub}&sortOrder=descending&count=2&cursor={cursor}");
                let (_, body) = directory.get(&format!("/Users?{query}"));
                paged.extend(body["Resources"].as_array().cloned().unwrap_or_default());
                match body["nextCursor"].as_str() {
                    Some(next) => cursor = next.to_string(),
                    None => break,
                }
            }
            prop_assert_eq!(names(&paged), names(&expected), "{} by cursor", sub);
        }
    }
}
