//! SQLite executes the frequent statements by index, according to EXPLAIN QUERY PLAN.

use database::Statement;
use serde_json::json;

use crate::harness::{Directory, members};

/// Returns a directory with a little of everything.
fn filled() -> (Directory, String, String) {
    let directory = Directory::new();
    let mut ids = Vec::new();
    for at in 0..50 {
        let name = format!("u{at}");
        ids.push(directory.created(
            "/Users",
            json!({"userName": name, "displayName": name, "externalId": name, "emails": [{"value": name}]}),
        ));
    }
    let group = directory.group("Engines", &[&ids[0], &ids[1], &ids[2]]);
    (directory, ids.swap_remove(0), group)
}

/// Returns the statements of what `operation` does.
fn statements(directory: &Directory, operation: impl FnOnce(&Directory) -> u16) -> Vec<Statement> {
    directory.database.take_recorded();
    let status = operation(directory);
    assert!(status < 300, "{status}");
    directory.database.take_recorded()
}

/// Checks that every statement of the operation finds every row by an index.
#[track_caller]
fn scans_nothing(directory: &Directory, operation: impl FnOnce(&Directory) -> u16) -> Vec<Vec<String>> {
    let statements = statements(directory, operation);
    assert!(!statements.is_empty());
    let plans: Vec<Vec<String>> =
        statements.iter().map(|statement| directory.database.sqlite.plan(statement).unwrap()).collect();
    for (statement, plan) in statements.iter().zip(&plans) {
        for step in plan {
            assert!(is_search(step), "`{step}` in {plan:#?} of {}", statement.sql);
        }
    }
    plans
}

/// Returns whether a step reads neither a whole table nor all rows of one tenant or type. JSON is walked through, a
/// total is one row, and an index of a page is built by the statement.
fn is_search(step: &str) -> bool {
    let tables = ["r", "m", "e", "other", "named", "resources", "memberships", "emails", "totals"]
        .map(|table| format!("SCAN {table}"));
    let scans = !step.contains("VIRTUAL TABLE")
        && tables.iter().any(|scan| step == scan || step.starts_with(&format!("{scan} ")));
    let walks = ["(tenant=?)", "(tenant=? AND type=?)"].iter().any(|wide| step.ends_with(wide));
    !scans
        && (!walks || step.contains(" totals "))
        && (!step.contains("AUTOMATIC")
            || step.starts_with("SEARCH page ")
            || step.starts_with("SEARCH counted "))
}

#[test]
fn lookups_of_users_use_the_index_of_the_attribute() {
    let (directory, ada, group) = filled();
    for (filter, index) in [
        ("userName eq \"U1\"".to_string(), "resources_by_unique_key (tenant=? AND type=? AND unique_key=?)"),
        ("externalId eq \"u1\"".into(), "resources_by_external_id (tenant=? AND type=? AND external_id=?)"),
        ("displayName eq \"U1\"".into(), "resources_by_display_key (tenant=? AND type=? AND display_key=?)"),
        (format!("id eq \"{ada}\""), "sqlite_autoindex_resources_1 (tenant=? AND type=? AND id=?)"),
        ("emails.value eq \"U1\"".into(), "SEARCH emails USING PRIMARY KEY (tenant=? AND value=?)"),
        ("emails eq \"U1\"".into(), "SEARCH emails USING PRIMARY KEY (tenant=? AND value=?)"),
        (
            "emails[type eq \"work\"].value eq \"U1\"".into(),
            "SEARCH emails USING PRIMARY KEY (tenant=? AND value=?)",
        ),
        (
            format!("id eq \"{ada}\" and manager eq \"x\""),
            "sqlite_autoindex_resources_1 (tenant=? AND type=? AND id=?)",
        ),
        (
            "userName eq \"U1\" and active eq true".into(),
            "resources_by_unique_key (tenant=? AND type=? AND unique_key=?)",
        ),
        (
            "userName eq \"U1\" or externalId eq \"u2\" or emails[type eq \"work\"].value eq \"U3\"".into(),
            "resources_by_external_id (tenant=? AND type=? AND external_id=?)",
        ),
        (
            "active eq true and (userName eq \"U1\" or (displayName eq \"u2\" or externalId eq \"u3\"))"
                .into(),
            "resources_by_display_key (tenant=? AND type=? AND display_key=?)",
        ),
        (
            "userName sw \"U1\"".into(),
            "resources_by_unique_key (tenant=? AND type=? AND unique_key>? AND unique_key<?)",
        ),
        (
            "displayName sw \"U1\"".into(),
            "resources_by_display_key (tenant=? AND type=? AND display_key>? AND display_key<?)",
        ),
        (
            "externalId sw \"u1\"".into(),
            "resources_by_external_id (tenant=? AND type=? AND external_id>? AND external_id<?)",
        ),
        ("id sw \"0\"".into(), "sqlite_autoindex_resources_1 (tenant=? AND type=? AND id>? AND id<?)"),
        (
            "emails.value sw \"U1\"".into(),
            "SEARCH emails USING PRIMARY KEY (tenant=? AND value>? AND value<?)",
        ),
        (
            "userName eq \"U1\" or userName eq \"U2\"".into(),
            "resources_by_unique_key (tenant=? AND type=? AND unique_key=?)",
        ),
        (format!("groups.value eq \"{group}\""), "SEARCH m USING PRIMARY KEY (tenant=? AND group_id=?)"),
    ] {
        uses(&directory, "/Users", &filter, index);
    }
}

#[test]
fn lookups_of_groups_use_the_index_of_the_attribute() {
    let (directory, ada, group) = filled();
    for (filter, index) in [
        (
            "displayName eq \"engines\"".to_string(),
            "resources_by_unique_key (tenant=? AND type=? AND unique_key=?)",
        ),
        ("externalId eq \"u1\"".into(), "resources_by_external_id (tenant=? AND type=? AND external_id=?)"),
        (format!("id eq \"{group}\""), "sqlite_autoindex_resources_1 (tenant=? AND type=? AND id=?)"),
        (format!("members.value eq \"{ada}\""), "memberships_by_member (tenant=? AND member_id=?)"),
        (format!("members eq \"{ada}\""), "memberships_by_member (tenant=? AND member_id=?)"),
        (format!("members[value eq \"{ada}\"]"), "memberships_by_member (tenant=? AND member_id=?)"),
        (
            format!("id eq \"{group}\" and members eq \"{ada}\""),
            "sqlite_autoindex_resources_1 (tenant=? AND type=? AND id=?)",
        ),
    ] {
        uses(&directory, "/Groups", &filter, index);
    }
}

/// What the console makes of a name that a person enters: one filter after another, since SQLite finds no index for all of them together.
#[test]
fn searches_of_people_by_a_name_use_an_index() {
    let (directory, ..) = filled();
    let names = "userName sw \"U1\" or displayName sw \"U1\"";
    let emails = format!("emails.value sw \"U1\" and not ({names})");
    let external = format!("externalId eq \"u1\" and not ({names} or emails.value sw \"U1\")");
    for (endpoint, filter, index) in [
        ("/Users", names, "MULTI-INDEX OR"),
        ("/Users", &emails, "SEARCH emails USING PRIMARY KEY (tenant=? AND value>? AND value<?)"),
        ("/Users", &external, "resources_by_external_id (tenant=? AND type=? AND external_id=?)"),
        ("/Users", "id eq \"U1\"", "sqlite_autoindex_resources_1 (tenant=? AND type=? AND id=?)"),
        (
            "/Users",
            "externalId eq \"u1\" and not (id eq \"u1\")",
            "resources_by_external_id (tenant=? AND type=? AND external_id=?)",
        ),
        (
            "/Groups",
            "displayName sw \"U1\"",
            "resources_by_unique_key (tenant=? AND type=? AND unique_key>? AND unique_key<?)",
        ),
        (
            "/Groups",
            "externalId eq \"u1\" and not (displayName sw \"U1\")",
            "resources_by_external_id (tenant=? AND type=? AND external_id=?)",
        ),
    ] {
        let filter = filter.replace(' ', "+").replace('"', "%22");
        for count in [1, 50] {
            let path =
                format!("{endpoint}?cursor=&count={count}&excludedAttributes=members,groups&filter={filter}");
            let plans = scans_nothing(&directory, |directory| directory.get(&path).0);
            assert!(plans.iter().flatten().any(|step| step.contains(index)), "{filter}: {plans:#?}");
        }
    }
}

/// Checks that the count, the page and the page's memberships all use the index, and that the matches are searched
/// for once.
#[track_caller]
fn uses(directory: &Directory, endpoint: &str, filter: &str, index: &str) {
    let plans = scans_nothing(directory, |directory| directory.query(endpoint, filter).0);
    assert!(matches!(plans.len(), 1 | 3), "{filter}");
    for plan in plans {
        assert!(plan.iter().any(|step| step.contains(index)), "{filter}: {plan:#?}");
    }
}

#[test]
fn reads_and_writes_of_one_resource_go_by_its_id() {
    let (directory, ada, group) = filled();
    let (user_path, group_path) = (format!("/Users/{ada}"), format!("/Groups/{group}"));
    scans_nothing(&directory, |directory| directory.get(&user_path).0);
    scans_nothing(&directory, |directory| directory.get(&group_path).0);
    let title = json!([{"op": "add", "path": "title", "value": "x"}]);
    scans_nothing(&directory, |directory| directory.patch(&user_path, title).0);
    let user = json!({"userName": "ada", "emails": [{"value": "x"}]});
    scans_nothing(&directory, |directory| directory.put(&user_path, user).0);
    scans_nothing(&directory, |directory| {
        directory.post("/Users", json!({"userName": "x", "emails": [{"value": "y"}]})).0
    });
    let rename = json!([{"op": "add", "path": "displayName", "value": "x"}]);
    scans_nothing(&directory, |directory| directory.patch(&group_path, rename).0);
    scans_nothing(&directory, |directory| directory.delete(&user_path).0);
    scans_nothing(&directory, |directory| directory.delete(&group_path).0);
}

#[test]
fn changes_of_members_go_by_group_and_member() {
    let (directory, ada, group) = filled();
    let path = format!("/Groups/{group}");
    for op in ["remove", "add"] {
        let operations = json!([{"op": op, "path": "members", "value": members(&[&ada])}]);
        let plans = scans_nothing(&directory, |directory| directory.patch(&path, operations).0);
        let all_of_the_group = "PRIMARY KEY (tenant=? AND group_id=?)";
        assert!(!plans.iter().flatten().any(|step| step.ends_with(all_of_the_group)), "{plans:#?}");
    }
    let body = json!({"displayName": "New", "members": members(&[&ada])});
    scans_nothing(&directory, |directory| directory.post("/Groups", body).0);
}
