//! A page ends early before it would exceed the memory of an instance, by documents and by memberships, and the
//! following resources are found by index and by cursor.

use database::{Database, Statement};
use scim::limits;
use serde_json::{Value, json};

use crate::harness::{Directory, encoded};

/// Makes the users `u1` to `u<count>` members of the group, by statements of the test: a request accepts fewer.
fn fill(directory: &Directory, group: &str, count: usize) {
    let numbers = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) "
    );
    let users = format!(
        "{numbers} INSERT OR IGNORE INTO resources (tenant, type, id, version, revision, created, last_modified, \
         unique_key, document, search) SELECT 'default', 'User', printf('10000000-0000-7000-8000-%012d', n), 1, '', 0, 0, \
         'u' || n, json_object('userName', 'u' || n), json_object('userName', 'u' || n) FROM numbers"
    );
    let members = format!(
        "{numbers} INSERT INTO memberships (tenant, group_id, member_id, member_type) \
         SELECT 'default', ?1, printf('10000000-0000-7000-8000-%012d', n), 'User' FROM numbers"
    );
    let statements = vec![Statement::new(users, vec![]), Statement::new(members, vec![group.into()])];
    pollster::block_on(directory.database.sqlite.run(statements)).unwrap();
}

#[track_caller]
fn page(directory: &Directory, path: &str) -> Value {
    let (status, body) = directory.get(path);
    assert_eq!(status, 200, "{path}: {body}");
    assert_eq!(body["itemsPerPage"], resources(&body).len(), "{path}");
    body
}

fn resources(body: &Value) -> &[Value] {
    body["Resources"].as_array().unwrap()
}

fn texts(body: &Value, name: &str) -> Vec<String> {
    resources(body).iter().map(|one| one[name].as_str().unwrap_or_default().to_string()).collect()
}

/// Returns what the pages by index hold, one after the other.
fn by_index(directory: &Directory, path: &str, name: &str) -> Vec<Vec<String>> {
    let (mut pages, mut start) = (Vec::new(), 1);
    loop {
        let body = page(directory, &format!("{path}&startIndex={start}"));
        start += resources(&body).len();
        pages.push(texts(&body, name));
        if start > usize::try_from(body["totalResults"].as_u64().unwrap()).unwrap() {
            return pages;
        }
    }
}

/// Returns what the pages by cursor hold, one after the other.
fn by_cursor(directory: &Directory, path: &str, name: &str) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let body = page(directory, &format!("{path}&cursor={cursor}"));
        pages.push(texts(&body, name));
        match body["nextCursor"].as_str() {
            Some(next) => cursor = next.to_string(),
            None => return pages,
        }
    }
}

/// Returns a directory of ten users with documents of 900 KB, and two with small ones: `u00` before them and `u04` among them.
fn with_large_documents() -> Directory {
    let directory = Directory::new();
    for at in 0..12 {
        let title = if at == 0 || at == 4 { String::new() } else { "x".repeat(900_000) };
        directory.created("/Users", json!({"userName": format!("u{at:02}"), "title": title}));
    }
    directory
}

#[test]
fn a_page_ends_before_its_documents_are_too_many_bytes() {
    let directory = with_large_documents();
    let expected = vec![
        vec!["u00", "u01", "u02", "u03", "u04", "u05"],
        vec!["u06", "u07", "u08", "u09"],
        vec!["u10", "u11"],
    ];
    let filter = format!("filter={}", encoded("userName sw \"u\""));
    for query in [
        "count=100".to_string(),
        "count=100&excludedAttributes=groups".into(),
        format!("{filter}&count=50"),
        format!("{filter}&count=50&sortBy=userName"),
        "count=1000&sortBy=userName&excludedAttributes=groups".into(),
    ] {
        assert_eq!(by_index(&directory, &format!("/Users?{query}"), "userName"), expected, "{query}");
        assert_eq!(by_cursor(&directory, &format!("/Users?{query}"), "userName"), expected, "{query}");
        assert_eq!(by_index(&directory, &format!("/?{query}"), "userName"), expected, "{query}");
    }
    let body = json!({"schemas": [scim::urn::SEARCH_REQUEST], "startIndex": 7});
    let (_, body) = directory.post("/Users/.search", body);
    assert_eq!(texts(&body, "userName"), expected[1]);
    assert!(resources(&body).iter().all(|user| user["title"].as_str().unwrap().len() == 900_000));
}

#[test]
fn a_document_heavier_than_a_page_is_a_page_alone() {
    let directory = Directory::new();
    for name in ["u0", "u1", "u2"] {
        directory.user(name);
    }
    // An object takes more space in memory than as text, so that a row has room for more than a page.
    let heavy = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 65000) \
        UPDATE resources SET document = json_object('userName', 'u1', 'urn:example:1.0', \
        json_object('a', (SELECT json_group_array(json_object('b', n)) FROM numbers))) WHERE unique_key = 'u1'";
    directory.sql(heavy);
    let body = page(&directory, "/Users?startIndex=2");
    assert_eq!((texts(&body, "userName"), &body["totalResults"]), (vec!["u1".to_string()], &json!(3)));
    assert_eq!(resources(&body)[0]["urn:example:1.0"]["a"][64_999], json!({"b": 65_000}));
    assert_eq!(by_index(&directory, "/Users?count=3", "userName"), [["u0"], ["u1"], ["u2"]]);
    assert_eq!(by_cursor(&directory, "/Users?count=3", "userName"), [["u0"], ["u1"], ["u2"]]);
}

#[test]
fn a_page_ends_before_its_groups_have_too_many_members() {
    let directory = Directory::new();
    let sizes = [4_000, 6_000, 1, 0, 10_000, 0, 2];
    for (at, size) in sizes.into_iter().enumerate() {
        let group = directory.group(&format!("g{at}"), &[]);
        if size > 0 {
            fill(&directory, &group, size);
        }
    }
    let expected = vec![vec!["g0", "g1"], vec!["g2", "g3"], vec!["g4", "g5"], vec!["g6"]];
    let filter = format!("filter={}", encoded("displayName pr"));
    for query in ["count=100".to_string(), format!("{filter}&count=7&sortBy=displayName")] {
        assert_eq!(by_index(&directory, &format!("/Groups?{query}"), "displayName"), expected, "{query}");
        assert_eq!(by_cursor(&directory, &format!("/Groups?{query}"), "displayName"), expected, "{query}");
    }
    let body = page(&directory, "/Groups?count=100");
    let members = |at: usize| resources(&body)[at]["members"].as_array().unwrap().len();
    assert_eq!((members(0), members(1)), (4_000, 6_000));
    let all = page(&directory, "/Groups?count=100&excludedAttributes=members");
    assert_eq!(resources(&all).len(), sizes.len());
}

#[test]
fn a_group_with_more_members_than_a_page_stands_alone_with_all_of_them() {
    let directory = Directory::new();
    directory.group("a", &[]);
    let large = directory.group("b", &[]);
    directory.group("c", &[]);
    fill(&directory, &large, limits::PAGE_MEMBERSHIPS + 5);
    let expected = vec![vec!["a"], vec!["b"], vec!["c"]];
    assert_eq!(by_index(&directory, "/Groups?count=100", "displayName"), expected);
    assert_eq!(by_cursor(&directory, "/Groups?count=100", "displayName"), expected);
    let body = page(&directory, "/Groups?startIndex=2&attributes=members");
    let members = resources(&body)[0]["members"].as_array().unwrap();
    assert_eq!(members.len(), limits::PAGE_MEMBERSHIPS + 5);
    let id = |at: usize| format!("10000000-0000-7000-8000-{at:012}");
    assert_eq!((&members[0]["value"], &members[10_004]["value"]), (&json!(id(1)), &json!(id(10_005))));
}

#[test]
fn a_page_ends_before_its_users_are_in_too_many_groups() {
    let directory = Directory::new();
    let lowest = directory.group("g0", &[]);
    fill(&directory, &lowest, 120);
    directory.nest(lowest, 1..200);
    let expected: Vec<Vec<String>> = [1..51, 51..101, 101..121]
        .map(|users: std::ops::Range<usize>| users.map(|at| format!("u{at}")).collect())
        .to_vec();
    assert_eq!(by_index(&directory, "/Users?count=1000", "userName"), expected);
    assert_eq!(by_cursor(&directory, "/Users?count=1000", "userName"), expected);
    let filter = format!("filter={}", encoded("userName pr"));
    assert_eq!(by_index(&directory, &format!("/Users?count=1000&{filter}"), "userName"), expected);
    let body = page(&directory, "/Users?count=1000");
    for user in resources(&body) {
        let groups = user["groups"].as_array().unwrap();
        assert_eq!(groups.len(), 200);
        assert_eq!(groups.iter().filter(|group| group["type"] == "direct").count(), 1);
    }
}

#[test]
fn users_that_are_in_each_group_directly_and_through_another_are_counted_once_for_it() {
    let directory = Directory::new();
    let lowest = directory.group("g0", &[]);
    fill(&directory, &lowest, 120);
    directory.nest(lowest, 1..200);
    let everywhere = "INSERT INTO memberships (tenant, group_id, member_id, member_type) SELECT 'default', g.id, u.id, 'User' \
        FROM resources AS g CROSS JOIN resources AS u ON u.type = 'User' WHERE g.type = 'Group' ON CONFLICT DO NOTHING";
    directory.sql(everywhere);
    let pages = by_index(&directory, "/Users?count=1000", "userName");
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
    assert_eq!(by_cursor(&directory, "/Users?count=1000", "userName"), pages);
    for user in resources(&page(&directory, "/Users?count=1000")) {
        let groups = user["groups"].as_array().unwrap();
        assert_eq!((groups.len(), groups.iter().all(|group| group["type"] == "direct")), (200, true));
    }
}

#[test]
fn users_without_groups_stand_on_a_page_or_the_next_one_wherever_a_page_ends() {
    let directory = Directory::new();
    let lowest = directory.group("g0", &[]);
    fill(&directory, &lowest, 240);
    directory.nest(lowest, 1..200);
    // Before and after the user at which a page ends, some are in no group.
    for without in ["1 AND 60", "90 AND 120", "130 AND 180"] {
        let sql = format!(
            "DELETE FROM memberships WHERE member_type = 'User' AND substr(member_id, -12) + 0 BETWEEN {without}"
        );
        directory.sql(sql);
    }
    let users: Vec<String> = (1..=240).map(|at| format!("u{at}")).collect();
    assert_eq!(by_index(&directory, "/Users?count=1000", "userName").concat(), users);
    assert_eq!(by_cursor(&directory, "/Users?count=1000", "userName").concat(), users);
    for start in [1, 61, 90, 181] {
        let body = page(&directory, &format!("/Users?count=1000&startIndex={start}"));
        for (at, user) in resources(&body).iter().enumerate() {
            let is_in_groups = matches!(start + at, 61..90 | 121..130 | 181..);
            let groups = user["groups"].as_array().map_or(0, Vec::len);
            assert_eq!(groups, if is_in_groups { 200 } else { 0 }, "{} of {start}", start + at);
        }
    }
}

#[test]
fn a_page_of_both_types_is_bounded_by_the_memberships_of_both() {
    let directory = Directory::new();
    let group = directory.group("g", &[]);
    fill(&directory, &group, 9_990);
    let body = page(&directory, "/?count=1000");
    assert_eq!(resources(&body).len(), 11);
    assert_eq!(body["totalResults"], 9_991);
    assert_eq!(texts(&body, "displayName")[0], "g");
    assert_eq!(resources(&body)[10]["groups"][0]["display"], "g");
}

#[test]
fn a_user_in_more_groups_than_a_page_holds_stands_alone_with_all_of_them() {
    let directory = Directory::new();
    let [ada, bob] = ["ada", "bob"].map(|name| directory.user(name));
    let count = limits::PAGE_MEMBERSHIPS + 10;
    let numbers = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
    );
    let groups = format!(
        "{numbers} INSERT INTO resources (tenant, type, id, version, revision, created, last_modified, unique_key, \
         document, search) SELECT 'default', 'Group', printf('20000000-0000-7000-8000-%012d', n), 1, '', 0, 0, 'g' || n, \
         json_object('displayName', 'g' || n), json_object('displayName', 'g' || n) FROM numbers"
    );
    let memberships = format!(
        "{numbers} INSERT INTO memberships (tenant, group_id, member_id, member_type) \
         SELECT 'default', printf('20000000-0000-7000-8000-%012d', n), ?1, 'User' FROM numbers"
    );
    let statements =
        vec![Statement::new(groups, vec![]), Statement::new(memberships, vec![ada.as_str().into()])];
    pollster::block_on(directory.database.sqlite.run(statements)).unwrap();
    assert_eq!(by_index(&directory, "/Users?count=10", "userName"), vec![vec!["ada"], vec!["bob"]]);
    assert_eq!(by_cursor(&directory, "/Users?count=10", "userName"), vec![vec!["ada"], vec!["bob"]]);
    let body = page(&directory, "/Users?count=10");
    let groups = resources(&body)[0]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), limits::PAGE_MEMBERSHIPS + 10);
    assert_eq!(groups[0]["value"], "20000000-0000-7000-8000-000000000001");
    assert_eq!(groups[10_009]["value"], "20000000-0000-7000-8000-000000010010");
    assert_eq!(directory.get(&format!("/Users/{bob}")).1.get("groups"), None);
}
