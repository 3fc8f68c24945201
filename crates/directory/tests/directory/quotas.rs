//! How much a tenant may hold: each quota at its limit, by each kind of write. That totals follow every write: `series`.

mod series;

use database::{Cause, Database, DatabaseError, Failure};
use directory::Quota;
use directory::{Imported, QuotaChanges, Usage};
use scim::ScimError;
use serde_json::{Value, json};

use crate::harness::{Directory, members, refusal};

/// Sets one quota, for the tenant of the directory.
fn set(directory: &Directory, quota: Quota, most: impl Into<Option<i64>>) {
    let changes = QuotaChanges(vec![(quota, most.into())]);
    directory
        .run(async |database, context| {
            database
                .run(directory::set_quotas_of_tenant(context.tenant, &changes))
                .await
                .map_err(Failure::from)
        })
        .unwrap();
}

fn usage(directory: &Directory, of: Quota) -> Usage {
    let all =
        directory.run(async |database, context| directory::usage(database, context.tenant).await).unwrap();
    *all.iter().find(|usage| usage.quota == of).unwrap()
}

fn used(directory: &Directory, of: Quota) -> i64 {
    usage(directory, of).used
}

fn import(directory: &Directory, lines: &[Value]) -> Imported {
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    directory.run(async |database, context| directory::import(database, context, &text).await).unwrap()
}

/// Returns the answer to a write beyond that quota.
fn beyond(quota: &str) -> (u16, Value) {
    refusal(400, "tooMany", &format!("this would be more than the tenant's quota of {quota}"))
}

fn bulk(directory: &Directory, operations: Value) -> Vec<(String, Value)> {
    let body =
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    let (status, body) = directory.post("/Bulk", body);
    assert_eq!(status, 200, "{body}");
    let operations = body["Operations"].as_array().unwrap();
    operations
        .iter()
        .map(|one| (one["status"].as_str().unwrap().to_string(), one["response"].clone()))
        .collect()
}

fn statuses(directory: &Directory, operations: Value) -> String {
    bulk(directory, operations).into_iter().map(|(status, _)| status).collect::<Vec<_>>().join(" ")
}

fn user(name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": name, "data": {"userName": name}})
}

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    json!({"method": "POST", "path": "/Groups", "bulkId": name, "data": {"displayName": name, "members": members}})
}

fn line(kind: &str, id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    json!({"id": id, "userName": id, "displayName": id, "members": members, "meta": {"resourceType": kind}})
}

/// Compares `totals` with the rows.
#[track_caller]
fn totals_are_exact(directory: &Directory, after: &str) {
    let counted = "SELECT tenant, type, count(*) AS total, \
        sum(octet_length(document) + octet_length(search)) AS bytes FROM resources GROUP BY tenant, type \
        UNION ALL SELECT tenant, 'Membership', count(*), 0 FROM memberships GROUP BY tenant ORDER BY tenant, type";
    let kept =
        "SELECT tenant, type, total, bytes FROM totals WHERE total <> 0 OR bytes <> 0 ORDER BY tenant, type";
    assert_eq!(directory.sql(kept), directory.sql(counted), "after {after}");
}

#[test]
fn the_last_place_of_a_quota_is_taken_and_one_more_is_refused_by_post() {
    let directory = Directory::new();
    set(&directory, Quota::Users, 2);
    set(&directory, Quota::Groups, 1);
    let ada = directory.user("ada");
    directory.user("bob");
    assert_eq!(directory.post("/Users", json!({"userName": "eve"})), beyond("2 users"));
    // A name in use is refused as such, so that Entra then finds the user by it.
    assert_eq!(directory.post("/Users", json!({"userName": "ADA"})).0, 409);
    directory.group("Engines", &[&ada]);
    assert_eq!(directory.post("/Groups", json!({"displayName": "Looms"})), beyond("1 groups"));
    let unknown = json!({"displayName": "Looms", "members": [{"value": "x"}]});
    assert_eq!(directory.post("/Groups", unknown).1["scimType"], "invalidValue");
    directory.delete(&format!("/Users/{ada}"));
    directory.user("eve");
    assert_eq!(directory.of_tenant("other").post("/Users", json!({"userName": "eve"})).0, 201);
    set(&directory, Quota::Users, None);
    directory.user("grace");
    assert_eq!(usage(&directory, Quota::Users).most, 1_000_000);
    totals_are_exact(&directory, "POST");
}

#[test]
fn creates_of_a_bulk_are_taken_as_far_as_they_fit() {
    let directory = Directory::new();
    set(&directory, Quota::Users, 3);
    directory.user("ada");
    let answers = bulk(&directory, json!([user("a"), user("ADA"), user("b"), user("c"), user("d")]));
    let statuses: Vec<&str> = answers.iter().map(|(status, _)| status.as_str()).collect();
    assert_eq!(statuses, ["201", "409", "201", "400", "400"], "a taken name takes no place");
    assert_eq!(answers[4].1, beyond("3 users").1);
    assert_eq!(used(&directory, Quota::Users), 3);
    totals_are_exact(&directory, "a bulk");
    let one = |name: &str| json!({"userName": name, "title": "x".repeat(1_000)});
    let created = Directory::new();
    created.created("/Users", one("a"));
    let size = used(&created, Quota::Bytes);
    set(&created, Quota::Bytes, 3 * size);
    let posts: Vec<Value> = ["b", "c", "d"]
        .map(|name| json!({"method": "POST", "path": "/Users", "bulkId": name, "data": one(name)}))
        .to_vec();
    let answers = bulk(&created, posts.into());
    let statuses: Vec<&str> = answers.iter().map(|(status, _)| status.as_str()).collect();
    assert_eq!(statuses, ["201", "201", "400"]);
    assert_eq!(answers[2].1, beyond(&format!("{} bytes", 3 * size)).1);
    totals_are_exact(&created, "a bulk of large ones");
}

#[test]
fn cycles_are_created_if_all_groups_fit_with_their_memberships_and_not_at_all_otherwise() {
    let directory = Directory::new();
    let cycle =
        json!([group("a", &["bulkId:b"]), group("b", &["bulkId:c", "bulkId:a"]), group("c", &["bulkId:a"])]);
    for (quota, most) in [(Quota::Groups, 2), (Quota::Memberships, 3), (Quota::Bytes, 40)] {
        set(&directory, quota, most);
        let answers = bulk(&directory, cycle.clone());
        assert!(answers.iter().all(|(status, _)| status == "400" || status == "409"), "{answers:?}");
        let said = beyond(&format!("{most} {}", quota.name())).1;
        assert!(answers.iter().any(|(_, response)| *response == said), "{answers:?}");
        totals_are_exact(&directory, "a cycle that does not fit");
        assert_eq!(used(&directory, Quota::Groups), 0);
        set(&directory, quota, None);
    }
    set(&directory, Quota::Groups, 3);
    set(&directory, Quota::Memberships, 4);
    assert_eq!(statuses(&directory, cycle), "201 201 201");
    totals_are_exact(&directory, "a cycle");
}

#[test]
fn new_memberships_count_by_post_patch_and_put() {
    let directory = Directory::new();
    let ids: Vec<String> = ["a", "b", "c", "d"].map(|name| directory.user(name)).to_vec();
    let [a, b, c, d] = [0, 1, 2, 3].map(|at| ids[at].as_str());
    set(&directory, Quota::Memberships, 3);
    let said = beyond("3 memberships");
    assert_eq!(
        directory.post("/Groups", json!({"displayName": "g", "members": members(&[a, b, c, d])})),
        said
    );
    let group = directory.group("g", &[a, b, a]);
    let path = format!("/Groups/{group}");
    let add = |ids: &[&str]| json!([{"op": "add", "path": "members", "value": members(ids)}]);
    assert_eq!(directory.patch(&path, add(&[c, d])), said);
    assert_eq!(directory.patch(&path, add(&[a, b, c])).0, 204, "those that are there are not new");
    assert_eq!(directory.patch(&path, add(&[d])), said);
    assert_eq!(directory.patch(&path, add(&[a])).0, 204);
    let swap = json!([{"op": "remove", "path": "members", "value": members(&[a])},
        {"op": "add", "path": "members", "value": members(&[d])}]);
    assert_eq!(directory.patch(&path, swap).0, 204);
    assert_eq!(directory.members_of(&group), [b, c, d]);
    let put = |ids: &[&str]| directory.put(&path, json!({"displayName": "g", "members": members(ids)}));
    assert_eq!(put(&[a, b, c, d]), said);
    assert_eq!(put(&[a, b, c]).0, 200);
    set(&directory, Quota::Memberships, 1);
    assert_eq!(put(&[b, c, d]).0, 200, "as many as before");
    assert_eq!(put(&[b, c]).0, 200);
    assert_eq!(
        directory.patch(&path, json!([{"op": "remove", "path": "members", "value": members(&[b])}])).0,
        204
    );
    assert_eq!(directory.members_of(&group), [c]);
    totals_are_exact(&directory, "changes of members");
    directory.delete(&format!("/Users/{c}"));
    totals_are_exact(&directory, "the end of a member");
    assert_eq!(used(&directory, Quota::Memberships), 0);
}

#[test]
fn a_resource_does_not_grow_beyond_the_bytes_and_shrinks_at_any_time() {
    let directory = Directory::new();
    let id = directory.created("/Users", json!({"userName": "ada", "title": "x".repeat(500)}));
    let path = format!("/Users/{id}");
    let most = used(&directory, Quota::Bytes);
    set(&directory, Quota::Bytes, most);
    let said = beyond(&format!("{most} bytes"));
    let title = |length: usize| json!([{"op": "replace", "path": "title", "value": "y".repeat(length)}]);
    assert_eq!(directory.patch(&path, title(501)), said);
    assert_eq!(directory.put(&path, json!({"userName": "ada", "title": "x".repeat(501)})), said);
    assert_eq!(directory.post("/Users", json!({"userName": "bob"})), said);
    assert_eq!(directory.patch(&path, title(500)).0, 200);
    assert_eq!(directory.version(&path).0, "W/\"2\"");
    set(&directory, Quota::Bytes, 10);
    assert_eq!(directory.patch(&path, title(400)).0, 200);
    assert_eq!(directory.put(&path, json!({"userName": "ada"})).0, 200);
    totals_are_exact(&directory, "changes of size");
    assert_eq!(directory.delete(&path).0, 204);
    assert_eq!(used(&directory, Quota::Bytes), 0);
}

#[test]
fn no_quota_stands_in_the_way_of_a_deactivation_or_a_removal() {
    let directory = Directory::new();
    let active = |value: Value| json!([{"op": "replace", "path": "active", "value": value}]);
    let user =
        |name: &str, active: Value| directory.created("/Users", json!({"userName": name, "active": active}));
    let (ada, bob) = (user("ada", true.into()), directory.user("bob"));
    let group = directory.group("g", &[&ada, &bob]);
    for quota in Quota::ALL {
        set(&directory, quota, 0);
    }
    for id in [&ada, &bob] {
        let (status, body) = directory.patch(&format!("/Users/{id}"), active(false.into()));
        assert_eq!((status, &body["active"]), (200, &json!(false)));
        assert_eq!(directory.patch(&format!("/Users/{id}"), active(true.into())).0, 200);
        assert_eq!(
            directory.put(&format!("/Users/{id}"), json!({"userName": body["userName"], "active": false})).0,
            200
        );
    }
    let gone = json!([{"op": "remove", "path": "members", "value": members(&[&ada])}]);
    assert_eq!(directory.patch(&format!("/Groups/{group}"), gone).0, 204);
    assert_eq!(directory.put(&format!("/Groups/{group}"), json!({"displayName": "g"})).0, 200);
    let disable = json!([{"method": "PATCH", "path": format!("/Users/{ada}"), "data": crate::harness::patch(active(true.into()))},
        {"method": "PATCH", "path": format!("/Users/{ada}"), "data": crate::harness::patch(active(false.into()))},
        {"method": "DELETE", "path": format!("/Users/{bob}")}]);
    assert_eq!(statuses(&directory, disable), "200 200 204");
    totals_are_exact(&directory, "deactivations");
}

#[test]
fn a_deactivation_may_bring_other_changes_along_into_a_reserve_and_no_further() {
    let directory = Directory::new();
    let id =
        directory.created("/Users", json!({"userName": "ada", "active": true, "title": "x".repeat(4_000)}));
    let path = format!("/Users/{id}");
    set(&directory, Quota::Bytes, used(&directory, Quota::Bytes));
    let change = |active: bool, title: usize| {
        json!([{"op": "replace", "path": "active", "value": active},
            {"op": "replace", "path": "title", "value": "y".repeat(title)}])
    };
    assert_eq!(directory.patch(&path, change(true, 4_001)).0, 400);
    assert_eq!(directory.patch(&path, change(false, 4_600)).0, 400, "more than an eighth");
    assert_eq!(directory.patch(&path, change(false, 4_400)).0, 200);
    assert_eq!(directory.patch(&path, change(false, 4_401)).0, 400, "it was inactive before");
    let directory = Directory::new();
    let [eve, bob] = ["eve", "bob"].map(|name| directory.user(name));
    let group = directory.group("g", &[&eve]);
    let rename = |more: Value| {
        let mut operations = vec![json!({"op": "replace", "path": "displayName", "value": "g".repeat(6)})];
        operations.push(more);
        directory.patch(&format!("/Groups/{group}"), operations.into())
    };
    set(&directory, Quota::Bytes, used(&directory, Quota::Bytes));
    assert_eq!(rename(json!({"op": "add", "path": "members", "value": members(&[&bob])})).0, 400);
    assert_eq!(rename(json!({"op": "remove", "path": "members", "value": members(&[&bob])})).0, 400);
    assert_eq!(rename(json!({"op": "remove", "path": "members", "value": members(&[&eve])})).0, 204);
}

#[test]
fn an_import_takes_what_fits_and_names_the_lines_that_do_not() {
    let directory = Directory::new();
    set(&directory, Quota::Users, 2);
    let lines = [
        line("User", "a", &[]),
        line("User", "b", &[]),
        line("User", "c", &[]),
        line("Group", "g", &["a", "b"]),
    ];
    let said = |quota: &str| format!("this would be more than the tenant's quota of {quota}");
    let imported = import(&directory, &lines);
    assert_eq!((imported.created, imported.limited), (3, Some("quota users")));
    assert_eq!(imported.refused, [(3, said("2 users"))]);
    // Members that the group has already do not count again.
    set(&directory, Quota::Users, 3);
    let imported = import(&directory, &lines);
    assert_eq!(
        (imported.created, imported.present, imported.refused, imported.limited),
        (1, 3, vec![], None)
    );
    set(&directory, Quota::Memberships, 3);
    let imported = import(&directory, &[line("Group", "g", &["a", "c"]), line("Group", "h", &["a", "b"])]);
    assert_eq!((imported.created, imported.present, imported.incomplete.len()), (1, 1, 0));
    assert_eq!(imported.refused, [(2, said("3 memberships"))]);
    assert_eq!(used(&directory, Quota::Memberships), 3);
    set(&directory, Quota::Groups, 2);
    assert_eq!(import(&directory, &[line("Group", "i", &[])]).refused, [(1, said("2 groups"))]);
    let most = used(&directory, Quota::Bytes);
    set(&directory, Quota::Users, 9);
    set(&directory, Quota::Bytes, most);
    assert_eq!(import(&directory, &[line("User", "d", &[])]).refused, [(1, said(&format!("{most} bytes")))]);
    totals_are_exact(&directory, "imports");
}

#[test]
fn a_recount_mends_what_another_program_has_written() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    directory.group("g", &[&ada]);
    for sql in [
        "INSERT INTO memberships SELECT 'default', id, 'x', 'User' FROM resources WHERE type = 'Group'",
        "UPDATE totals SET total = 9, bytes = 9",
        "INSERT INTO totals VALUES ('other', 'User', 3, 4)",
    ] {
        directory.sql(sql);
    }
    directory.run(async |database, context| directory::recount(database, context.tenant).await).unwrap();
    assert_eq!(used(&directory, Quota::Memberships), 2);
    assert_eq!(used(&directory.of_tenant("other"), Quota::Users), 3);
    directory
        .of_tenant("other")
        .run(async |database, _| directory::recount(database, "other").await)
        .unwrap();
    totals_are_exact(&directory, "a recount");
}

fn group_of(name: &str, member: &str) -> Value {
    group(name, &[&format!("bulkId:{member}")])
}

#[test]
fn a_full_database_is_reported_as_full_and_still_does_what_needs_no_room() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    directory.database.sqlite.limit_growth(0).unwrap();
    let large = json!({"userName": "bob", "title": "x".repeat(100_000)});
    let failed = directory.try_request("POST", "/Users", Some(large.clone()), Default::default());
    assert!(
        matches!(failed.as_ref().map_err(Failure::cause), Err(Cause::Database(DatabaseError::Full(_)))),
        "{failed:?}"
    );
    let post = json!({"method": "POST", "path": "/Users", "bulkId": "b", "data": large});
    let delete = json!({"method": "DELETE", "path": format!("/Users/{ada}")});
    let answers = bulk(&directory, json!([post, delete]));
    let full = ScimError::full();
    assert_eq!(answers[0].0, "503");
    assert_eq!(answers[0].1["detail"], full.detail);
    assert_eq!(answers[1].0, "204");
    totals_are_exact(&directory, "a write that found no room");
}
