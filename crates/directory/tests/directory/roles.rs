//! Groups mapped to roles: who gets what, what the log and its readers say of it, and what it costs.

use database::{Database, Failure};
use directory::edge::{PeopleQuery, all_roles, people, touched};
use directory::roles::{self, Made, Mapping, MappingsQuery, Page, Reach};
use directory::{Event, Wanted};
use pollster::block_on;
use scim::Instant;
use serde_json::{Value, json};

use crate::harness::Directory;

fn map(directory: &Directory, group: &str, role: &str) -> Result<Made, Failure> {
    directory.run(async |database, context| {
        let (group, _) = roles::find_group(database, context.registry, context.tenant, group).await?;
        roles::map(database, context, &group, role, "Eve").await
    })
}

fn unmap(directory: &Directory, id: &str) -> Result<Mapping, Failure> {
    directory.run(async |database, context| roles::unmap(database, context, id).await)
}

fn list(directory: &Directory) -> Vec<Mapping> {
    directory.run(async |database, context| roles::list(database, context.tenant).await).unwrap()
}

fn page(directory: &Directory, asked: &MappingsQuery<'_>) -> Page {
    directory
        .run(async |database, context| roles::page(database, context.registry, context.tenant, asked).await)
        .unwrap()
}

/// Returns how many rows of mappings there are, those that belong to nothing included.
fn rows(directory: &Directory) -> i64 {
    directory.sql("SELECT count(*) AS count FROM group_roles")[0].integer("count").unwrap()
}

/// Returns the user's roles, as a look-up answers them.
fn roles_of(directory: &Directory, id: &str) -> Vec<String> {
    let asked = PeopleQuery { ids: vec![id.to_string()], with_names: true, ..PeopleQuery::default() };
    let found =
        directory.run(async |database, context| people(database, context.tenant, &asked).await).unwrap();
    let person = &found.people[0];
    all_roles(&person.roles, &person.groups).into_iter().map(str::to_string).collect()
}

/// Returns who is shown, each as `name: role by group, ..`.
fn shown(page: &Page) -> Vec<String> {
    let given = |(role, group): &(String, String)| format!("{role} by {group}");
    let line = |roles: Vec<String>| roles.join(", ");
    page.people
        .iter()
        .map(|one| format!("{}: {}", one.user_name, line(one.given.iter().map(given).collect())))
        .collect()
}

fn events(directory: &Directory, wanted: Wanted) -> Vec<Event> {
    let wanted = Wanted { limit: 100, bytes: 1 << 20, ..wanted };
    let read = directory.run(async |database, context| {
        directory::events(database, context.registry, context.tenant, None, &wanted).await
    });
    read.unwrap().events
}

fn refused<T: std::fmt::Debug>(result: Result<T, Failure>) -> (u16, String) {
    let refusal = result.unwrap_err().into_refusal().unwrap();
    (refusal.status, refusal.into_detail())
}

#[test]
fn a_group_is_mapped_by_its_name_or_id_and_once_for_each_role() {
    let directory = Directory::new();
    let group = directory.group("Sales", &[]);
    directory.at_second(100);
    let made = map(&directory, "sALES", "approver").unwrap();
    let id = made.mapping.id.clone();
    let expected = Mapping {
        id: id.clone(),
        group_id: group.clone(),
        group_name: Some("Sales".to_string()),
        role: "approver".to_string(),
        created: Instant(1_767_225_600_000 + 100_000),
        maker: "Eve".to_string(),
    };
    assert_eq!(made, Made { mapping: expected.clone(), is_new: true });
    assert_eq!(
        map(&directory, &group, "approver").unwrap(),
        Made { mapping: expected.clone(), is_new: false }
    );
    let other = map(&directory, &group, "Approver").unwrap();
    assert!(other.is_new, "a role is the application's own word: letter case counts");
    assert_eq!(list(&directory), [expected.clone(), other.mapping]);
    assert_eq!(unmap(&directory, &id).unwrap(), expected);
    assert_eq!(
        refused(unmap(&directory, &id)),
        (404, format!("the tenant has no group mapped to a role by `{id}`"))
    );
    assert_eq!((list(&directory).len(), rows(&directory)), (1, 1));
}

#[test]
fn what_is_not_a_group_of_the_tenant_is_not_mapped_and_nothing_is_seen_of_other_tenants() {
    let directory = Directory::new();
    let other = directory.of_tenant("acme");
    let group = directory.group("Sales", &[]);
    let ada = directory.user("ada");
    let id = map(&directory, "Sales", "approver").unwrap().mapping.id;
    for (of, name) in
        [(&other, "Sales"), (&other, group.as_str()), (&directory, ada.as_str()), (&directory, "ada")]
    {
        let detail = format!("the tenant has no group with the name or id `{name}`");
        assert_eq!(refused(map(of, name, "approver")), (404, detail));
    }
    assert_eq!(refused(unmap(&other, &id)).0, 404);
    assert_eq!((list(&other).len(), list(&directory).len()), (0, 1));
    let seen = page(&other, &MappingsQuery { group: Some(&group), ..MappingsQuery::default() });
    assert_eq!((seen.mappings.len(), seen.group, seen.people.len()), (0, None, 0));
    assert_eq!(page(&other, &MappingsQuery { person: Some(&ada), ..MappingsQuery::default() }).people, []);
}

#[test]
fn a_tenant_has_at_most_a_thousand_mappings() {
    let directory = Directory::new();
    let group = directory.group("Sales", &[]);
    directory.sql(format!(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000) \
             INSERT INTO group_roles SELECT 'default', '{group}', 'r' || n, 'i' || n, 0, '' FROM n"
    ));
    let changes = events(&directory, Wanted::default()).len();
    let detail = "the tenant has 1000 groups mapped to roles, which is as many as it may have";
    assert_eq!(refused(map(&directory, "Sales", "one more")), (409, detail.to_string()));
    assert_eq!(events(&directory, Wanted::default()).len(), changes);
    unmap(&directory, "i1").unwrap();
    assert!(map(&directory, "Sales", "one more").unwrap().is_new);
}

#[test]
fn members_get_the_roles_of_their_groups_and_of_those_that_contain_these_each_once() {
    let directory = Directory::new();
    let ada = directory
        .created("/Users", json!({"userName": "ada", "roles": [{"value": "approver"}, {"value": "own"}]}));
    let bob = directory.user("bob");
    let inner = directory.group("Inner", &[&ada]);
    let outer = directory.group("Outer", &[&inner, &bob]);
    // A cycle of groups.
    directory.patch(
        &format!("/Groups/{inner}"),
        json!([{"op": "add", "path": "members", "value": [{"value": outer}]}]),
    );
    map(&directory, "Outer", "approver").unwrap();
    map(&directory, "Outer", "reader").unwrap();
    let inner_role = map(&directory, "Inner", "writer").unwrap().mapping.id;
    assert_eq!(roles_of(&directory, &ada), ["approver", "own", "writer", "reader"]);
    assert_eq!(roles_of(&directory, &bob), ["writer", "approver", "reader"]);
    let all = page(&directory, &MappingsQuery::default());
    assert_eq!(
        shown(&all),
        [
            "ada: writer by Inner, approver by Outer, reader by Outer",
            "bob: writer by Inner, approver by Outer, reader by Outer"
        ]
    );
    let two = Reach { people: 2, is_least: false };
    assert_eq!(
        (all.reach, all.mappings.iter().map(|(_, reach)| *reach).collect::<Vec<_>>()),
        (two, vec![two; 3])
    );
    assert_eq!(all.people[0].own, ["approver", "own"]);
    unmap(&directory, &inner_role).unwrap();
    directory.delete(&format!("/Groups/{outer}"));
    assert_eq!((rows(&directory), roles_of(&directory, &bob).len()), (0, 0));
    assert_eq!(roles_of(&directory, &ada), ["approver", "own"]);
}

#[test]
fn a_group_shows_whom_it_would_give_a_role_before_it_is_mapped() {
    let directory = Directory::new();
    let (ada, bob, eve) = (directory.user("ada"), directory.user("bob"), directory.user("eve"));
    let sales = directory.group("Sales", &[&ada, &bob]);
    directory.group("Engines", &[&bob, &eve]);
    map(&directory, "Engines", "builder").unwrap();
    let seen = page(&directory, &MappingsQuery { group: Some("sales"), ..MappingsQuery::default() });
    let group = seen.group.clone().unwrap();
    assert_eq!((group.id, group.name.as_deref()), (sales, Some("Sales")));
    assert_eq!(seen.reach, Reach { people: 2, is_least: false });
    assert_eq!(shown(&seen), ["ada: ", "bob: builder by Engines"]);
    assert_eq!(
        page(&directory, &MappingsQuery { group: Some("none"), ..MappingsQuery::default() }).group,
        None
    );
}

#[test]
fn one_person_is_found_by_id_by_user_name_and_by_external_id_in_this_order() {
    let directory = Directory::new();
    let ada = directory.created("/Users", json!({"userName": "ada", "externalId": "x1"}));
    directory.created("/Users", json!({"userName": "x1", "externalId": "bob-is"}));
    directory.created("/Users", json!({"userName": "eve", "externalId": ada}));
    let named = |text: &str| {
        let found = page(&directory, &MappingsQuery { person: Some(text), ..MappingsQuery::default() });
        found.people.into_iter().map(|person| person.user_name).collect::<Vec<_>>()
    };
    assert_eq!(named(&ada), ["ada"]);
    assert_eq!(named("ADA"), ["ada"]);
    assert_eq!(named("x1"), ["x1"]);
    assert_eq!(named("bob-is"), ["x1"]);
    assert_eq!(named("Bob-is"), [""; 0]);
}

#[test]
fn a_mapping_is_an_event_of_the_group_and_not_a_security_event_token() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let inner = directory.group("Inner", &[&ada]);
    let sales = directory.group("Sales", &[&inner]);
    let id = map(&directory, "Sales", "reader").unwrap().mapping.id;
    map(&directory, "Sales", "approver").unwrap();
    map(&directory, "Sales", "approver").unwrap();
    unmap(&directory, &id).unwrap();
    let all = events(&directory, Wanted::default());
    let of_roles = |event: &&Event| event.event_type.starts_with("group.role_");
    let told: Vec<(&str, &Value)> =
        all.iter().filter(of_roles).map(|event| (event.event_type.as_str(), &event.body["data"])).collect();
    let group = json!({"id": sales, "version": 1, "displayName": "Sales"});
    assert_eq!(
        told,
        [
            ("group.role_added", &json!({"group": group, "role": "reader"})),
            ("group.role_added", &json!({"group": group, "role": "approver"})),
            ("group.role_removed", &json!({"group": group, "role": "reader"})),
        ]
    );
    let roles_at = |id: &str| {
        let of_member = |event: &&Event| {
            event.event_type == "group.member_added" && event.body["data"]["group"]["id"] == id
        };
        all.iter().find(of_member).unwrap().body["data"]["roles"].clone()
    };
    assert_eq!((roles_at(&sales), roles_at(&inner)), (json!(["approver"]), json!(["approver"])));
    let thin = events(&directory, Wanted { thin: true, ..Wanted::default() });
    assert_eq!(
        thin.last().unwrap().body["data"],
        json!({"group": {"id": sales, "version": 1}, "role": "reader"})
    );
    assert!(thin.iter().all(|event| event.body["data"].get("roles").is_none()));
    let tokens = events(&directory, Wanted { security: true, ..Wanted::default() });
    assert_eq!(tokens.len(), all.len() - 3);
    let only = Wanted { types: vec!["group.role_*".to_string()], ..Wanted::default() };
    assert_eq!(events(&directory, only).len(), 3);
}

#[test]
fn the_log_the_snapshot_and_the_copy_know_the_roles_of_a_group() {
    let directory = Directory::new();
    let group = directory.group("Sales", &[]);
    let before = events(&directory, Wanted::default()).last().unwrap().cursor.sequence;
    map(&directory, "Sales", "approver").unwrap();
    let found = directory
        .run(async |database, context| touched(database, context.registry, context.tenant, before).await)
        .unwrap();
    assert_eq!(found.groups.into_iter().collect::<Vec<_>>(), std::slice::from_ref(&group));
    assert!(found.members.is_empty() && found.users.is_empty());
    let asked = PeopleQuery { groups: vec![group.clone()], ..PeopleQuery::default() };
    let copied = block_on(people(&*directory.database, "default", &asked)).unwrap();
    assert_eq!((copied.sequence, &copied.groups[0].roles[..]), (before + 1, &["approver".to_string()][..]));
    let export = |cursor: Option<&str>| {
        directory
            .run(async |database, context| {
                directory::export(database, context.registry, "default", cursor).await
            })
            .unwrap()
    };
    let groups = export(export(None).cursor.as_deref());
    let line: Value = serde_json::from_str(groups.lines.trim()).unwrap();
    assert_eq!(line["meta"]["roles"], json!(["approver"]));
    let other = directory.of_tenant("acme");
    let imported = other
        .run(async |database, context| directory::import(database, context, &groups.lines).await)
        .unwrap();
    assert_eq!(imported.created, 1, "a reader that does not know it ignores it");
    assert_eq!(list(&other), []);
    let change =
        block_on(directory::activity::change(&*directory.database, "default", before + 1)).unwrap().unwrap();
    let entry = &change.entry;
    assert_eq!(
        (&entry["operation"], &entry["gave"], &entry["version"]),
        (&json!("roles"), &json!(["approver"]), &json!(1))
    );
    assert_eq!((entry.get("took"), entry.get("came"), entry.get("changes")), (None, None, None));
}

#[test]
fn a_page_costs_the_same_however_many_people_there_are() {
    assert_bounded("User", 5_000, 1_000);
}

#[test]
fn a_page_costs_the_same_however_many_groups_are_within_a_group() {
    assert_bounded("Group", 0, 0);
}

/// Fails unless a page costs the same if a mapped group has 6,000 members of that type or 60,000, and says that it has not counted all.
#[track_caller]
fn assert_bounded(member_type: &str, people: i64, of_one: i64) {
    let directory = Directory::new();
    let group = directory.group("Many", &[]);
    let fill = |from: usize, to: usize| {
        directory.sql(format!(
            "WITH RECURSIVE n (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM n WHERE n < {to}) \
                 INSERT INTO memberships (tenant, group_id, member_id, member_type) \
                 SELECT 'default', '{group}', 'm' || n, '{member_type}' FROM n"
        ));
    };
    fill(1, 6_000);
    map(&directory, "Many", "reader").unwrap();
    let cost = |asked: &MappingsQuery<'_>| {
        let before = directory.database.sqlite.steps();
        directory.database.take_recorded();
        let seen = page(&directory, asked);
        (directory.database.sqlite.steps() - before, seen)
    };
    let kinds = [MappingsQuery::default(), MappingsQuery { group: Some("Many"), ..MappingsQuery::default() }];
    let few = kinds.map(|asked| cost(&asked).0);
    fill(6_001, 60_000);
    let many = kinds.map(|asked| cost(&asked));
    for ((steps, seen), few) in many.into_iter().zip(few) {
        assert!(steps < few + few / 20, "{steps} steps, and {few} before");
        assert_eq!(seen.reach, Reach { people, is_least: true });
        assert_eq!(seen.mappings[0].1, Reach { people: of_one, is_least: true });
    }
}

#[test]
fn a_page_has_twenty_five_mappings_and_is_one_call() {
    let directory = Directory::new();
    directory.group("Sales", &[]);
    for number in 0..30 {
        map(&directory, "Sales", &format!("role{number}")).unwrap();
    }
    let calls = std::rc::Rc::new(std::cell::Cell::new(0));
    let counted = calls.clone();
    directory.database.before_calls(move |_, _| counted.set(counted.get() + 1));
    let first = page(&directory, &MappingsQuery::default());
    assert_eq!((first.mappings.len(), calls.get()), (25, 1));
    let next = first.next.unwrap();
    let second = page(&directory, &MappingsQuery { after: &next, ..MappingsQuery::default() });
    assert_eq!((second.mappings.len(), second.next), (5, None));
    assert_eq!(second.mappings[0].0.role, "role25");
}

#[test]
fn a_user_who_is_deleted_takes_no_role_of_a_group_along() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    directory.group("Sales", &[&ada]);
    map(&directory, "Sales", "approver").unwrap();
    directory.delete(&format!("/Users/{ada}"));
    assert_eq!((list(&directory).len(), rows(&directory)), (1, 1));
}

#[test]
fn a_tenant_that_is_emptied_has_no_mappings() {
    let directory = Directory::new();
    directory.group("Sales", &[]);
    map(&directory, "Sales", "approver").unwrap();
    let other = directory.of_tenant("acme");
    other.group("Sales", &[]);
    map(&other, "Sales", "approver").unwrap();
    block_on(directory.database.sqlite.run(directory::empty("acme").statements)).unwrap();
    assert_eq!((rows(&directory), list(&directory).len()), (1, 1));
}
