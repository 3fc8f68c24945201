//! The database's side of the edge copy: what the log names, what is read of it, and the lease.

use database::{Cause, Database, Failure, Statement};
use directory::edge::{
    MOST_GROUPS, People, PeopleQuery, Progress, Todo, Touched, acquire, cleared, due, fill, members_of_group,
    people, rebuild, release, restrict, save, state_of, status, touched, turn_off, turn_on,
};
use pollster::block_on;
use scim::Instant;
use serde_json::json;

use crate::harness::Directory;

const NOW: Instant = Instant(1_000_000);

fn run(directory: &Directory, statement: Statement) {
    block_on(directory.database.run(vec![statement])).unwrap();
}

fn on() -> Directory {
    let directory = Directory::new();
    run(&directory, turn_on("default", NOW));
    directory
}

fn take(directory: &Directory, holder: &str, at: i64) -> Option<Progress> {
    block_on(acquire(&*directory.database, "default", holder, Instant(at))).unwrap()
}

fn touched_after(directory: &Directory, after: i64) -> Touched {
    directory
        .run(async |database, context| touched(database, context.registry, context.tenant, after).await)
        .unwrap()
}

fn read(directory: &Directory, asked: &PeopleQuery) -> People {
    block_on(people(&*directory.database, "default", asked)).unwrap()
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_string()).collect()
}

#[test]
fn the_log_names_all_names_that_a_user_had_and_all_members_that_came_or_went() {
    let directory = Directory::new();
    let (_, ada) = directory.post("/Users", json!({"userName": "Ada", "externalId": "E1"}));
    let ada = ada["id"].as_str().unwrap().to_string();
    let bob = directory.user("bob");
    let group = directory.group("Sales", &[&ada]);
    let rename = json!([{"op": "replace", "value": {"userName": "ÄDA", "externalId": "E2"}}]);
    assert_eq!(directory.patch(&format!("/Users/{ada}"), rename).0, 200);
    let members = json!([
        {"op": "add", "path": "members", "value": [{"value": bob}]},
        {"op": "remove", "path": format!("members[value eq \"{ada}\"]")},
    ]);
    assert!(directory.patch(&format!("/Groups/{group}"), members).0 < 300);
    let all = touched_after(&directory, 0);
    assert_eq!(all.users, [ada.clone(), bob.clone()].into());
    assert_eq!(all.names, texts(&["ada", "bob", "äda"]).into_iter().collect());
    assert_eq!(all.externals, texts(&["E1", "E2"]).into_iter().collect());
    assert_eq!(all.groups, [group].into());
    assert_eq!(all.members, [ada.clone(), bob].into());
    assert_eq!((all.sequence, all.lost), (Some(5), None));
    assert_eq!(directory.delete(&format!("/Users/{ada}")).0, 204);
    let last = touched_after(&directory, 5);
    assert_eq!(
        (last.names, last.externals),
        (texts(&["äda"]).into_iter().collect(), texts(&["E2"]).into_iter().collect())
    );
    assert_eq!(touched_after(&directory, 6), Touched::default());
}

#[test]
fn what_the_log_does_not_have_any_more_or_never_had_is_lost() {
    let directory = Directory::new();
    directory.user("ada");
    directory.user("bob");
    directory.sql("INSERT INTO logs (tenant, trimmed) VALUES ('default', 1)");
    directory.sql("DELETE FROM changes WHERE seq = 1");
    assert_eq!(touched_after(&directory, 0).lost, Some(2));
    assert_eq!(touched_after(&directory, 1).lost, None);
    // A database that was set back to an earlier time.
    assert_eq!(touched_after(&directory, 9).lost, Some(2));
}

#[test]
fn people_are_read_by_id_name_and_external_id_with_all_their_groups() {
    let directory = Directory::new();
    let user = json!({
        "userName": "Ada", "externalId": "e", "displayName": "Ada L.", "active": false,
        "roles": [{"value": "admin"}, {"display": "no value"}, {"value": "reader"}],
    });
    let ada = directory.post("/Users", user).1["id"].as_str().unwrap().to_string();
    let bob = directory.post("/Users", json!({"userName": "bob", "externalId": "e"})).1["id"]
        .as_str()
        .unwrap()
        .to_string();
    let inner = directory.group("Inner", &[&ada]);
    let outer = directory.group("Outer", &[&inner, &ada]);
    let mut groups = [inner.clone(), outer.clone()];
    groups.sort();
    let asked = PeopleQuery {
        names: texts(&["ada", "none"]),
        externals: texts(&["e", "x"]),
        ..PeopleQuery::default()
    };
    let found = read(&directory, &asked);
    assert_eq!((found.sequence, found.people.len()), (4, 1));
    let person = &found.people[0];
    assert_eq!(
        (person.id.as_str(), person.name_key.as_str(), person.user_name.as_str()),
        (ada.as_str(), "ada", "Ada")
    );
    assert_eq!((person.external_id.as_deref(), person.display_name.as_deref()), (Some("e"), Some("Ada L.")));
    assert_eq!((person.active, &person.roles), (false, &texts(&["admin", "reader"])));
    assert_eq!(person.groups.iter().map(|group| group.id.clone()).collect::<Vec<_>>(), groups);
    let asked = PeopleQuery {
        ids: vec![bob.clone(), inner.clone()],
        groups: vec![inner, bob.clone()],
        ..PeopleQuery::default()
    };
    let found = read(&directory, &asked);
    assert_eq!((found.people.len(), found.groups.len()), (1, 1));
    assert_eq!((found.people[0].active, found.people[0].holds_external_id), (true, false));
    assert_eq!(found.groups[0].display_name.as_deref(), Some("Inner"));
    let named = PeopleQuery { ids: vec![ada], with_names: true, ..PeopleQuery::default() };
    let names: Vec<_> =
        read(&directory, &named).people[0].groups.iter().map(|group| group.display_name.clone()).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&Some("Inner".into())) && names.contains(&Some("Outer".into())), "{names:?}");
}

#[test]
fn a_person_in_more_groups_than_are_read_has_the_first_of_them() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    for number in 0..=MOST_GROUPS {
        directory.group(&format!("g{number}"), &[&ada]);
    }
    let found = read(&directory, &PeopleQuery { ids: vec![ada], ..PeopleQuery::default() });
    assert_eq!((found.people[0].groups.len(), found.people[0].more_groups), (MOST_GROUPS, true));
}

#[test]
fn a_directory_is_filled_part_by_part_and_a_group_is_walked_page_by_page() {
    let directory = Directory::new();
    let users: Vec<String> = (0..5).map(|number| directory.user(&format!("u{number}"))).collect();
    let members: Vec<&str> = users.iter().map(String::as_str).collect();
    let inner = directory.group("Inner", &members);
    let outer = directory.group("Outer", &[&inner]);
    let part = |of_groups, after: &str| {
        block_on(fill(&*directory.database, "default", of_groups, after, 2)).unwrap()
    };
    assert_eq!(part(true, "").groups.len(), 2);
    assert_eq!(part(true, "").people, []);
    assert_eq!(
        part(false, &users[3]).people.iter().map(|person| person.id.as_str()).collect::<Vec<_>>(),
        [&users[4]]
    );
    let page = |group: &str, after: &str| {
        block_on(members_of_group(&*directory.database, "default", group, after, 3)).unwrap()
    };
    let first = page(&inner, "");
    assert_eq!((first.users.len(), first.last.as_deref()), (3, Some(users[2].as_str())));
    let last = page(&inner, &users[2]);
    assert_eq!((last.users, last.last), (users[3..].to_vec(), None));
    assert_eq!((page(&outer, "").users, page(&outer, "").groups), (Vec::<String>::new(), vec![inner]));
}

#[test]
fn one_holder_has_the_lease_until_it_gives_it_back_or_it_expires() {
    let directory = on();
    assert!(take(&directory, "a", 0).is_some());
    assert_eq!(take(&directory, "b", 1), None);
    assert!(take(&directory, "a", 1).is_some(), "its own");
    assert!(take(&directory, "b", 60_001).is_some(), "expired");
    directory.user("ada");
    let give = |holder: &str| block_on(release(&*directory.database, "default", holder, true, NOW)).unwrap();
    assert_eq!((give("a"), give("b"), take(&directory, "c", 2).is_some()), (false, true, true));
}

#[test]
fn progress_is_kept_by_the_holder_alone_and_another_one_s_place_goes_back() {
    let directory = on();
    let before = take(&directory, "a", 0).unwrap();
    let todo = Todo { members: texts(&["u"]), ..Todo::default() };
    let after = Progress { sequence: 7, todo: todo.clone(), filling: Some("1x".into()), ..before.clone() };
    let keep = |holder: &str, before: &Progress, after: &Progress| {
        block_on(save(&*directory.database, ("default", holder), before, after, Instant(5))).unwrap()
    };
    assert!(keep("a", &before, &after));
    assert_eq!(take(&directory, "a", 6).unwrap(), after);
    assert!(take(&directory, "b", 100_000).is_some());
    assert!(!keep("a", &Progress { sequence: 3, filling: Some("1a".into()), ..after.clone() }, &after));
    let back = take(&directory, "b", 100_001).unwrap();
    assert_eq!((back.sequence, back.todo, back.filling.as_deref()), (3, Todo::default(), Some("1a")));
}

#[test]
fn what_an_administrator_begins_meanwhile_is_not_overwritten() {
    let directory = on();
    let keep = |before: &Progress, after: &Progress| {
        block_on(save(&*directory.database, ("default", "a"), before, after, Instant(5))).unwrap()
    };
    let start = take(&directory, "a", 0).unwrap();
    let filled = Progress { filling: None, ..start.clone() };
    assert!(keep(&start, &filled));
    assert!(block_on(rebuild(&*directory.database, "default")).unwrap());
    assert!(keep(&filled, &Progress { sequence: 9, ..filled.clone() }));
    assert_eq!(take(&directory, "a", 6).unwrap().filling.as_deref(), Some(""));
    run(&directory, turn_off("default"));
    assert!(keep(&filled, &Progress { sequence: 10, ..filled.clone() }));
    let off = take(&directory, "a", 7).unwrap();
    assert_eq!((off.is_on, off.clearing.as_deref(), off.filling.as_deref()), (false, Some(""), None));
}

#[test]
fn a_copy_that_is_removed_goes_with_its_row_or_is_filled_again() {
    let directory = on();
    let state = || block_on(state_of(&*directory.database, "default")).unwrap();
    assert_eq!(state(), Some(true));
    run(&directory, turn_off("default"));
    assert_eq!(state(), Some(false));
    run(&directory, turn_on("default", NOW));
    assert_eq!(state(), Some(false), "first it is removed");
    take(&directory, "a", 0).unwrap();
    block_on(cleared(&*directory.database, "default", "a")).unwrap();
    assert_eq!(state(), Some(true));
    assert_eq!(take(&directory, "a", 0).unwrap().filling.as_deref(), Some(""));
    run(&directory, turn_off("default"));
    block_on(cleared(&*directory.database, "default", "b")).unwrap();
    assert_eq!(state(), Some(false), "not the holder");
    block_on(cleared(&*directory.database, "default", "a")).unwrap();
    assert_eq!((state(), block_on(rebuild(&*directory.database, "default")).unwrap()), (None, false));
}

#[test]
fn a_tenant_with_a_residency_gets_no_copy_and_loses_the_one_that_it_has() {
    let directory = Directory::new().of_tenant("acme");
    directory.sql("INSERT INTO tenants (id, name, dialect, log_retention_days, created, residency) VALUES ('acme', 'Acme', 'strict', 30, 0, 'eu')",
    );
    let state = || block_on(state_of(&*directory.database, "acme")).unwrap();
    run(&directory, turn_on("acme", NOW));
    assert_eq!(state(), None);
    directory.sql("UPDATE tenants SET residency = NULL");
    run(&directory, turn_on("acme", NOW));
    run(&directory, restrict("acme"));
    assert_eq!(state(), Some(true));
    directory.sql("UPDATE tenants SET residency = 'eu'");
    run(&directory, restrict("acme"));
    assert_eq!(state(), Some(false));
}

#[test]
fn copies_that_are_behind_are_due_those_first_that_waited_longest() {
    let directory = on();
    let due_at = |at: i64| block_on(due(&*directory.database, Instant(at), 10)).unwrap();
    assert_eq!(due_at(0), ["default"], "to be filled");
    directory.sql("UPDATE edge SET filling = NULL");
    assert_eq!(due_at(0), Vec::<String>::new());
    directory.user("ada");
    assert_eq!(due_at(0), ["default"]);
    run(&directory, turn_on("acme", NOW));
    directory.sql("UPDATE edge SET held_until = 5 WHERE tenant = 'default'");
    assert_eq!((due_at(4), due_at(5)), (texts(&["acme"]), texts(&["acme", "default"])));
    let shown = block_on(status(&*directory.database, "default")).unwrap().unwrap();
    assert_eq!((shown.behind, shown.caught_up), (1, None));
}

#[test]
fn a_row_that_cannot_be_read_is_an_error() {
    let directory = on();
    directory.sql("UPDATE edge SET todo = 'x'");
    let failure = block_on(acquire(&*directory.database, "default", "a", NOW));
    assert!(matches!(failure.as_ref().map_err(Failure::cause), Err(Cause::Corrupt(_))), "{failure:?}");
}

#[test]
fn a_look_up_reads_the_same_however_many_people_there_are_with_an_external_id_and_without() {
    let directory = Directory::new();
    let fill = |from: usize, to: usize| {
        let sql = format!(
            "WITH RECURSIVE n (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM n WHERE n < {to}) \
             INSERT INTO resources (tenant, type, id, version, revision, created, last_modified, unique_key, external_id, document, search) \
             SELECT 'default', 'User', printf('id%07d', n), 1, 'r', 1, 1, 'u' || n, iif(n % 2 = 0, 'e' || n, NULL), \
             json_object('userName', 'u' || n), '{{}}' FROM n"
        );
        directory.sql(sql);
    };

    let cost = |asked: &PeopleQuery| {
        let before = directory.database.sqlite.steps();
        assert_eq!(read(&directory, asked).people.len(), 1);
        directory.database.sqlite.steps() - before
    };
    let ways = [
        PeopleQuery { ids: texts(&["id0000099"]), ..PeopleQuery::default() },
        PeopleQuery { ids: texts(&["id0000100"]), ..PeopleQuery::default() },
        PeopleQuery { names: texts(&["u99"]), ..PeopleQuery::default() },
        PeopleQuery { externals: texts(&["e100"]), ..PeopleQuery::default() },
    ];
    fill(1, 100);
    let few: Vec<_> = ways.iter().map(cost).collect();
    fill(101, 5_000);
    let many: Vec<_> = ways.iter().map(cost).collect();
    assert_eq!(many, few);
}
