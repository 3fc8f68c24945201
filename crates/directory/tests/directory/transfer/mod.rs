//! A directory is exported as lines, and lines are imported.

mod filling;

use serde_json::{Value, json};

use database::Sqlite;
use directory::export;
use filling::{Directory, group, run, user};
use pollster::block_on;

impl Directory<'_> {
    /// Exports a tenant page by page.
    fn export(&self, tenant: &str) -> Vec<String> {
        let (mut pages, mut cursor) = (Vec::new(), None);
        loop {
            let page = block_on(export(self.database, &self.registry, tenant, cursor.as_deref())).unwrap();
            pages.push(page.lines);
            cursor = page.cursor;
            if cursor.is_none() {
                return pages;
            }
        }
    }
}

#[test]
fn a_directory_goes_out_and_in_again_and_out_the_same() {
    let database = Sqlite::new().unwrap();
    let directory = Directory::of(&database);
    let users: String = (0..700).map(user).collect();
    let (first, second) = users.split_at(users.len() / 2 + users[users.len() / 2..].find('\n').unwrap() + 1);
    let created = directory.import("acme", first).created + directory.import("acme", second).created;
    assert_eq!(created, 700);
    let all: Vec<String> = (0..700).map(|number| format!("u{number:06}")).collect();
    let groups =
        group("g1", &["g2".into(), "u000001".into()]) + &group("g2", &["g1".into()]) + &group("g3", &all);
    let imported = directory.import("acme", &groups);
    assert_eq!((imported.created, imported.incomplete), (3, vec![]));
    let lines = directory.export("acme").concat();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(
        first["meta"],
        json!({"resourceType": "User", "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-02T00:00:00.000Z", "version": "W/\"7\""})
    );
    assert_eq!(first["urn:ietf:params:scim:schemas:extension:acme:2.0:User"], json!({"shoe": 41}));
    assert_eq!(lines.lines().count(), 703);
    let copied: Vec<&str> = lines.lines().collect();
    for part in copied.chunks(600) {
        let imported = directory.import("copy", &part.join("\n"));
        assert_eq!((imported.created, imported.refused), (part.len(), vec![]));
    }
    assert_eq!(directory.export("copy").concat(), lines);
    assert_eq!(directory.export("default").concat(), "", "nothing of it is in another tenant");
}

/// A client that holds the version must see that the members are others, and a reader of the log that compares versions too.
#[test]
fn members_that_an_import_adds_to_a_group_change_its_version_and_those_that_it_has_do_not() {
    let database = Sqlite::new().unwrap();
    let directory = Directory::of(&database);
    let member = |number: usize| format!("u{number:06}");
    directory.import("acme", &[0, 1].map(user).concat());
    let state = || {
        let stored = "SELECT version, last_modified FROM resources WHERE id = 'g'";
        let logged =
            "SELECT version, change->'$.came' AS came FROM changes WHERE resource_id = 'g' ORDER BY seq";
        json!([run(&database, stored), run(&database, logged)])
    };
    let line = |members: &[String]| {
        let meta = json!({"resourceType": "Group", "lastModified": "1970-01-01T00:00:00.003Z", "version": "W/\"5\""});
        group("g", members).replace(r#"{"resourceType":"Group"}"#, &meta.to_string())
    };
    directory.import("acme", &line(&[member(0)]));
    let created = json!([
        [{"version": 5, "last_modified": 3}],
        [{"version": 5, "came": null}, {"version": 5, "came": "[\"u000000\"]"}],
    ]);
    assert_eq!(state(), created);
    directory.import("acme", &line(&[member(0)]));
    assert_eq!(state(), created);
    directory.import("acme", &line(&[member(0), member(1)]));
    let mut changed = created;
    changed[0][0] = json!({"version": 6, "last_modified": 7});
    changed[1].as_array_mut().unwrap().push(json!({"version": 6, "came": "[\"u000001\"]"}));
    assert_eq!(state(), changed);
}

#[test]
fn a_group_of_many_members_takes_several_lines_and_loses_none() {
    let database = Sqlite::new().unwrap();
    let rows = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) \
        INSERT INTO memberships SELECT 'acme', 'g' || (i / 11000), printf('u%06d', i), 'User' FROM n";
    run(&database, rows);
    let directory = Directory::of(&database);
    directory.import("acme", &(group("g0", &[]) + &group("g1", &[]) + &group("g2", &[])));
    let pages = directory.export("acme");
    let mut members = std::collections::BTreeMap::<String, Vec<String>>::new();
    for line in pages.iter().flat_map(|page| page.lines()) {
        let line: Value = serde_json::from_str(line).unwrap();
        let of = members.entry(line["id"].as_str().unwrap().to_string()).or_default();
        let found = line["members"].as_array().cloned().unwrap_or_default();
        assert!(found.len() <= 5_000);
        of.extend(found.iter().map(|member| member["value"].as_str().unwrap().to_string()));
    }
    let expected = |range: std::ops::Range<usize>| range.map(|i| format!("u{i:06}")).collect::<Vec<_>>();
    assert_eq!(members["g0"], expected(0..11_000));
    assert_eq!(members["g1"], expected(11_000..12_001));
    assert!(members["g2"].is_empty());
}

#[test]
fn a_page_of_an_export_ends_before_it_grows_large() {
    let database = Sqlite::new().unwrap();
    let directory = Directory::of(&database);
    for number in 0..5 {
        let large = json!({"id": format!("u{number}"), "userName": format!("user{number}"), "title": "x".repeat(400_000),
            "meta": {"resourceType": "User"}});
        assert_eq!(directory.import("acme", &large.to_string()).created, 1);
    }
    let lines: Vec<usize> = directory.export("acme").iter().map(|page| page.lines().count()).collect();
    assert_eq!(lines, [3, 2, 0]);
}

#[test]
fn an_import_is_repeated_without_harm_and_says_what_it_did_not_take() {
    let database = Sqlite::new().unwrap();
    let directory = Directory::of(&database);
    let text = user(1) + &group("g1", &["u000001".into(), "u000002".into()]);
    let first = directory.import("acme", &text);
    assert_eq!((first.created, first.incomplete), (2, vec![2]));
    let again = directory.import("acme", &(user(2) + &text));
    assert_eq!((again.created, again.present, again.incomplete), (1, 2, vec![]));
    let of = run(&database, "SELECT member_id FROM memberships ORDER BY member_id");
    assert_eq!(of, [json!({"member_id": "u000001"}), json!({"member_id": "u000002"})]);
    let same_name = user(1).replace("u000001", "u000009");
    let bad = format!(
        "{same_name}no json\n{{\"id\": \"a/b\"}}\n{{\"id\": \"a\"}}\n{}",
        user(3).replace("userName", "name2")
    );
    let refused = directory.import("acme", &bad);
    assert_eq!((refused.created, refused.present), (0, 0));
    assert_eq!(
        refused.refused,
        [
            (1, "another User has the name of this one, or it is larger than 1900000 bytes".to_string()),
            (2, "the line is not JSON".to_string()),
            (3, "the line has no `id` that could be one of this service".to_string()),
            (4, "`meta.resourceType` is neither User nor Group".to_string()),
            (5, "a User needs a value for `userName`".to_string()),
        ]
    );
}

#[test]
fn a_user_comes_in_with_what_its_line_says_and_nothing_else() {
    let database = Sqlite::new().unwrap();
    let directory = Directory::of(&database);
    let line = json!({"id": "u1", "userName": "ada", "meta": {"resourceType": "User"}}).to_string();
    assert_eq!(directory.import("acme", &line).created, 1);
    let exported: Value = serde_json::from_str(directory.export("acme").concat().trim()).unwrap();
    assert_eq!((&exported["userName"], exported.get("active")), (&json!("ada"), None));
}

#[test]
fn a_large_import_is_several_transactions_and_its_members_come_last() {
    let database = Sqlite::new().unwrap();
    let directory = Directory::of(&database);
    let large = |number: usize| json!({"id": format!("large{number}"), "userName": format!("large{number}"), "title": "x".repeat(400_000), "meta": {"resourceType": "User"}});
    let members: Vec<String> = (0..8).map(|number| format!("large{number}")).collect();
    // The group stands before all of its members.
    let lines: Vec<String> = (0..8).map(|number| large(number).to_string()).collect();
    let text = group("g1", &members) + &lines.join("\n");
    let calls = database.round_trips();
    let imported = directory.import("acme", &text);
    assert_eq!(
        (imported.created, imported.present, imported.incomplete, imported.refused),
        (9, 0, vec![], vec![])
    );
    assert!(database.round_trips() - calls > 1);
    let of = run(&database, "SELECT count(*) AS count FROM memberships");
    assert_eq!(of, [json!({"count": 8})]);
    assert_eq!(directory.import("acme", &text).present, 9);
}

#[test]
fn a_line_of_too_many_values_is_refused_by_its_number() {
    let database = Sqlite::new().unwrap();
    let directory = Directory::of(&database);
    let many = json!({"id": "a", "userName": "a", "urn:x:y": {"a": vec![json!({}); 26_000]}, "meta": {"resourceType": "User"}});
    let imported = directory.import("acme", &(many.to_string() + "\n" + &user(1)));
    let detail = "the request has 26003 JSON objects; at most 26000 are taken";
    assert_eq!((imported.created, imported.refused), (1, vec![(1, detail.to_string())]));
}
