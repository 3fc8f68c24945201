//! What a query costs depends on what it finds, and a query that would cost too much is refused before it begins.

use serde_json::json;

use crate::harness::{Directory, encoded, refusal};

const TOO_DEAR: &str = "the query makes too many comparisons for a directory of this size; ask with fewer terms, or add an \
                        `eq` of userName, externalId, id, displayName, emails.value or members.value";

/// Returns a directory that, according to its totals, has that many users.
fn counted(users: usize) -> Directory {
    let directory = Directory::new();
    directory.user("ada");
    let sql = format!("UPDATE totals SET total = {users} WHERE type = 'User'");
    directory.sql(sql);
    directory
}

fn or(count: usize, term: impl Fn(usize) -> String) -> String {
    (0..count).map(term).collect::<Vec<_>>().join(" or ")
}

fn and(count: usize, term: impl Fn(usize) -> String) -> String {
    (0..count).map(term).collect::<Vec<_>>().join(" and ")
}

#[test]
fn comparisons_times_the_total_are_refused_beyond_the_budget() {
    let directory = counted(10_000);
    let too_dear = refusal(400, "tooMany", TOO_DEAR);
    for term in ["title co", "emails.value ew", "name.givenName sw", "title gt"] {
        let list = |count| or(count, |at| format!("{term} \"z{at}\""));
        assert_eq!(directory.query("/Users", &list(150)).0, 200, "{term}");
        assert_eq!(directory.query("/Users", &list(151)), too_dear, "{term}");
        assert_eq!(directory.query("/", &list(151)), too_dear, "{term} at the root");
        assert_eq!(directory.query("/Users", &format!("not ({})", list(151))), too_dear, "not {term}");
        let cursor = format!("/Users?cursor&filter={}", encoded(&list(151)));
        assert_eq!(directory.get(&cursor), too_dear, "{term} by cursor");
    }
    let sorted =
        format!("/Users?sortBy=title&filter={}", encoded(&or(150, |at| format!("title co \"z{at}\""))));
    assert_eq!(directory.get(&sorted), too_dear, "an order is a comparison");
    let search = json!({"filter": or(200, |at| format!("title co \"z{at}\"")), "count": 0});
    assert_eq!(directory.post("/Users/.search", search), too_dear);
}

#[test]
fn what_identity_providers_ask_is_taken_at_a_million_users() {
    let directory = counted(1_000_000);
    for filter in [
        "employeeNumber eq \"1\"".to_string(),
        "phoneNumbers[type eq \"mobile\"].value eq \"1\"".into(),
        "userName eq \"ada\"".into(),
        "externalId eq \"1\"".into(),
        "emails.value eq \"1\"".into(),
        "emails[type eq \"work\"].value eq \"1\"".into(),
        "emails[type eq \"work\" and value eq \"1\"]".into(),
        "displayName eq \"1\"".into(),
        "id eq \"1\" and manager eq \"2\"".into(),
        "active eq true and (title pr or nickName pr) and meta.lastModified gt \"2026-01-01T00:00:00Z\""
            .into(),
        or(1_000, |at| format!("userName eq \"{at}\"")),
        or(1_000, |at| format!("title eq \"{at}\"")),
        or(400, |at| format!("externalId eq \"{at}\" or emails.value eq \"{at}\"")),
        format!("userName eq \"ada\" and {}", and(900, |at| format!("title ne \"{at}\""))),
        format!("externalId eq \"x\" and ({})", or(900, |at| format!("title co \"{at}\""))),
    ] {
        let (status, body) = directory.query("/Users", &filter);
        assert_eq!(status, 200, "{}: {body}", filter.chars().take(80).collect::<String>());
    }
    for path in
        ["/Users?startIndex=999901&count=100", "/Users?cursor&count=1000", "/?count=100", "/Groups?count=200"]
    {
        assert_eq!(directory.get(path).0, 200, "{path}");
    }
    assert_eq!(directory.query("/Groups", "displayName eq \"x\"").0, 200);
    assert_eq!(directory.query("/Groups", "id eq \"x\" and members eq \"y\"").0, 200);
    assert_eq!(directory.query("/Groups", "members[value eq \"y\"]").0, 200);
}

/// Returns a directory of users who are all in the group `large`, and groups `g0` to `g9` in a row, of which `large`
/// is the lowest.
fn nested(users: usize) -> Directory {
    let directory = Directory::new();
    let ids: Vec<String> = (0..users).map(|at| directory.user(&format!("u{at:05}"))).collect();
    let large = directory.group("large", &ids.iter().map(String::as_str).collect::<Vec<_>>());
    directory.nest(large, 0..10);
    directory
}

fn steps(directory: &Directory, path: &str) -> i64 {
    let before = directory.database.sqlite.steps();
    let (status, body) = directory.get(path);
    assert_eq!(status, 200, "{body}");
    directory.database.sqlite.steps() - before
}

#[test]
fn groups_are_walked_once_and_not_for_each_user() {
    let directory = nested(1_000);
    let all = steps(&directory, "/Users?count=1&attributes=id&filter=title%20eq%20%22x%22");
    for filter in [
        "groups.display co \"zzz\"",
        "groups.display co \"g\"",
        "not (groups.display co \"g\")",
        "groups.type eq \"indirect\"",
    ] {
        let path = format!("/Users?count=1&attributes=id&filter={}", encoded(filter));
        let cost = steps(&directory, &path);
        assert!(cost < 12 * all, "{filter}: {cost} steps, a filter by title {all}");
    }
    let sorted = steps(&directory, "/Users?count=1&attributes=id&sortBy=groups.display");
    assert!(sorted < 15 * all, "{sorted} steps, a filter by title {all}");
}

#[test]
fn the_pages_of_a_whole_directory_cost_the_same_each() {
    let directory = nested(3_000);
    let page =
        |start: usize| steps(&directory, &format!("/Users?startIndex={start}&count=100&attributes=id"));
    let (first, unknown) = (page(1), page(2_801));
    assert!(
        unknown > 3 * first,
        "what is skipped is read where no page has ended before: {unknown}, {first}"
    );
    for start in (1..2_800).step_by(100) {
        let cost = page(start);
        let skipped = start <= 1_001;
        assert!(skipped || cost < 2 * first, "from {start}: {cost} steps, the first page {first}");
    }
    let (_, body) = directory.get("/Users?startIndex=2701&count=2&attributes=userName");
    assert_eq!((&body["Resources"][0]["userName"], &body["totalResults"]), (&json!("u02700"), &json!(3_000)));
}
