//! Events: what readers get of the log, page by page.

use database::{Database, Statement};
use directory::{Cursor, Event, Page, Wanted};
use serde_json::{Value, json};

use crate::harness::{Directory, second};

const WANTED: Wanted =
    Wanted { types: Vec::new(), resource: None, thin: false, security: false, limit: 100, bytes: 1 << 20 };

fn read(directory: &Directory, after: Option<Cursor>, wanted: &Wanted) -> Result<Page, database::Failure> {
    directory.run(async |database, context| {
        directory::events(database, context.registry, context.tenant, after, wanted).await
    })
}

fn all(directory: &Directory) -> Vec<Event> {
    read(directory, None, &WANTED).unwrap().events
}

/// Returns the types and ids of events, with blanks between them.
fn brief(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .map(|event| format!("{} {}", event.id.trim_start_matches("evt_default_"), event.event_type))
        .collect()
}

/// A user and a group, each changed.
fn changed() -> (Directory, String, String, String) {
    let directory = Directory::new();
    let (ada, bob) = (directory.user("ada"), directory.user("bob"));
    let group = directory.group("Sales", &[&ada, &bob]);
    let operations = json!([
        {"op": "replace", "path": "active", "value": false},
        {"op": "add", "path": "emails", "value": [{"type": "work", "value": "ada@x.example"}]},
    ]);
    assert_eq!(directory.patch(&format!("/Users/{ada}"), operations).0, 200);
    assert_eq!(directory.delete(&format!("/Users/{bob}")).0, 204);
    (directory, ada, bob, group)
}

#[test]
fn each_change_is_an_event_and_each_membership_one_of_its_own() {
    let (directory, ..) = changed();
    assert_eq!(
        brief(&all(&directory)),
        [
            "1_0 user.created",
            "2_0 user.created",
            "3_0 group.created",
            "3_1 group.member_added",
            "3_2 group.member_added",
            "4_0 user.updated",
            "4_1 user.disabled",
            "5_0 group.member_removed",
            "6_0 user.deleted",
        ]
    );
}

#[test]
fn an_event_holds_its_resource_and_what_has_changed() {
    let (directory, ada, bob, group) = changed();
    let events = all(&directory);
    let member = |id: &str, name: &str, active: bool| json!({"id": id, "userName": name, "active": active});
    let user = |id: &str, name: &str, active: bool, version: i64| json!({"id": id, "userName": name, "active": active, "version": version});
    let sales = |version: i64| json!({"id": group, "displayName": "Sales", "version": version});
    let change = |path: &str, old: Value, new: Value| json!({"path": path, "old": old, "new": new});
    let created = [change("active", Value::Null, json!(true)), change("userName", Value::Null, json!("ada"))];
    let mailed = [change("emails[type eq \"work\"].value", Value::Null, json!("ada@x.example"))];
    let disabled = [change("active", json!(true), json!(false))];
    for (index, event_type, at, sequence, data) in [
        (0, "user.created", 0, 1, json!({"user": user(&ada, "ada", true, 1), "changes": created})),
        // How members are called is as of now; a deleted one is called what it was.
        (3, "group.member_added", 2, 3, json!({"group": sales(1), "user": member(&ada, "ada", false)})),
        (4, "group.member_added", 2, 3, json!({"group": sales(1), "user": member(&bob, "bob", true)})),
        (5, "user.updated", 3, 4, json!({"user": user(&ada, "ada", false, 2), "changes": mailed})),
        (6, "user.disabled", 3, 4, json!({"user": user(&ada, "ada", false, 2), "changes": disabled})),
        (7, "group.member_removed", 4, 5, json!({"group": sales(2), "user": member(&bob, "bob", true)})),
        (8, "user.deleted", 4, 6, json!({"user": user(&bob, "bob", true, 2)})),
    ] {
        let expected = json!({
            "id": events[index].id, "type": event_type, "timestamp": second(at), "tenant": "default",
            "sequence": sequence, "data": data, "actor": {"id": "token1"}, "correlationId": "request1",
        });
        assert_eq!(events[index].body, expected, "{index}");
    }
}

#[test]
fn pages_of_any_size_give_the_same_events_each_once() {
    let (directory, ..) = changed();
    let events = all(&directory);
    for limit in 1..=events.len() + 1 {
        for bytes in [1, 1 << 20] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let wanted = Wanted { limit, bytes, ..WANTED };
                let page = read(&directory, after, &wanted).unwrap();
                assert!(page.events.len() <= limit);
                found.extend(page.events);
                after = Cursor::parse(&page.next.text("default"), "default");
                assert_eq!(after, Some(page.next));
                if !page.more {
                    break;
                }
            }
            assert_eq!(found, events, "{limit} {bytes}");
        }
    }
    for (place, event) in events.iter().enumerate() {
        let rest = read(&directory, Some(event.cursor), &WANTED).unwrap();
        assert_eq!(rest.events, events[place + 1..]);
        assert!(!rest.more);
    }
}

#[test]
fn types_resources_and_thin_events_are_chosen_and_the_cursor_passes_the_others() {
    let (directory, ada, _, group) = changed();
    let of = |wanted: Wanted| {
        let page = read(&directory, None, &wanted).unwrap();
        assert_eq!((page.next, page.more), (Cursor::after(6), false));
        page.events
    };
    let types =
        |types: &[&str]| Wanted { types: types.iter().map(|text| text.to_string()).collect(), ..WANTED };
    assert_eq!(brief(&of(types(&["user.disabled"]))), ["4_1 user.disabled"]);
    assert_eq!(
        brief(&of(types(&["group.member_*", "user.deleted"]))),
        ["3_1 group.member_added", "3_2 group.member_added", "5_0 group.member_removed", "6_0 user.deleted"]
    );
    assert_eq!(brief(&of(types(&["nothing"]))), [""; 0]);
    let resource = |id: &str| {
        read(&directory, None, &Wanted { resource: Some(id.to_string()), ..WANTED }).unwrap().events
    };
    assert_eq!(brief(&resource(&ada)), ["1_0 user.created", "4_0 user.updated", "4_1 user.disabled"]);
    assert_eq!(brief(&resource(&group)).len(), 4);
    let thin = of(Wanted { thin: true, ..WANTED });
    assert_eq!(
        thin[5].body["data"],
        json!({"user": {"id": ada, "version": 2}, "changes": [{"path": "emails[type eq \"work\"].value"}]})
    );
    assert_eq!(thin[3].body["data"], json!({"group": {"id": group, "version": 1}, "user": {"id": ada}}));
    assert_eq!(brief(&thin), brief(&all(&directory)));
}

#[test]
fn a_page_costs_one_round_trip_and_one_more_if_it_names_members() {
    let (directory, ..) = changed();
    let trips = |wanted: Wanted| {
        let before = directory.database.sqlite.round_trips();
        read(&directory, None, &wanted).unwrap();
        directory.database.sqlite.round_trips() - before
    };
    assert_eq!(trips(WANTED), 2);
    assert_eq!(trips(Wanted { thin: true, ..WANTED }), 1);
    assert_eq!(trips(Wanted { types: vec!["user.*".into()], ..WANTED }), 1);
}

#[test]
fn a_group_within_a_group_is_a_member_beside_it() {
    let directory = Directory::new();
    let inner = directory.group("Inner", &[]);
    let outer = directory.group("Outer", &[&inner]);
    assert_eq!(
        all(&directory)[2].body["data"],
        json!({
            "group": {"id": outer, "displayName": "Outer", "version": 1},
            "member": {"id": inner, "displayName": "Inner", "type": "Group"},
        })
    );
}

#[test]
fn a_member_is_named_however_many_others_the_row_has_that_are_not_wanted() {
    let directory = Directory::new();
    let ids: Vec<String> = ["a", "b", "c", "d"].map(|name| directory.user(name)).to_vec();
    let group = directory.group("Sales", &[&ids[0], &ids[1], &ids[2]]);
    let members = json!([{"value": ids[3]}]);
    let (status, _) =
        directory.put(&format!("/Groups/{group}"), json!({"displayName": "Sales", "members": members}));
    assert_eq!(status, 200);
    let wanted = Wanted { types: vec!["group.member_added".into()], limit: 2, ..WANTED };
    let events = read(&directory, Some(Cursor::after(5)), &wanted).unwrap().events;
    assert_eq!(brief(&events), ["6_3 group.member_added"]);
    assert_eq!(events[0].body["data"]["user"], json!({"id": ids[3], "userName": "d", "active": true}));
}

#[test]
fn a_cursor_before_what_is_kept_is_gone_and_no_other_tenant_is_seen() {
    let (directory, ..) = changed();
    directory.of_tenant("acme").user("eve");
    directory
        .run(async |database, _| {
            let trim = [
                "DELETE FROM changes WHERE tenant = 'default' AND seq <= 3",
                "INSERT INTO logs (tenant, trimmed) VALUES ('default', 3)",
            ];
            Ok(database.run(trim.map(|sql| Statement::new(sql, Vec::new())).to_vec()).await?)
        })
        .unwrap();
    for after in [Cursor::START, Cursor { sequence: 2, index: 0 }] {
        let error = read(&directory, Some(after), &WANTED).unwrap_err().into_refusal().unwrap();
        let detail = "events after this one were deleted, since they are older than they are kept; the oldest \
            sequence is 4: begin with a snapshot";
        assert_eq!((error.status, error.detail.as_str()), (410, detail));
    }
    assert_eq!(
        brief(&read(&directory, Some(Cursor::after(3)), &WANTED).unwrap().events)[0],
        "4_0 user.updated"
    );
    assert_eq!(brief(&all(&directory))[0], "4_0 user.updated");
    assert_eq!(all(&directory).len(), 4);
}

fn trim(directory: &Directory, up_to: i64) {
    directory
        .run(async |database, _| {
            let trim = [
                format!("DELETE FROM changes WHERE tenant = 'default' AND seq <= {up_to}"),
                format!("INSERT INTO logs (tenant, trimmed) VALUES ('default', {up_to})"),
            ];
            Ok(database.run(trim.map(|sql| Statement::new(sql, Vec::new())).to_vec()).await?)
        })
        .unwrap();
}

#[test]
fn a_log_that_was_trimmed_whole_is_followed_from_its_next() {
    let (directory, ..) = changed();
    directory.of_tenant("acme").user("eve");
    trim(&directory, 6);
    let page = read(&directory, None, &WANTED).unwrap();
    assert_eq!(page.next, Cursor::after(6));
    let again = read(&directory, Some(page.next), &WANTED);
    assert!(again.is_ok(), "{again:?}");
}

#[test]
fn a_cursor_within_a_row_that_was_trimmed_is_gone() {
    let (directory, ..) = changed();
    // 3_1 was read; 3_2 was not, and its row is trimmed.
    trim(&directory, 3);
    let page = read(&directory, Some(Cursor { sequence: 3, index: 1 }), &WANTED);
    assert!(page.is_err(), "3_2 is lost without a word: {:?}", brief(&page.unwrap().events));
}

#[test]
fn the_cursor_of_a_resource_passes_the_changes_of_others() {
    let (directory, ada, ..) = changed();
    let wanted = Wanted { resource: Some(ada), ..WANTED };
    let page = read(&directory, None, &wanted).unwrap();
    assert_eq!(page.next, Cursor::after(6));
    trim(&directory, 5);
    let again = read(&directory, Some(page.next), &wanted);
    assert!(again.is_ok(), "{again:?}");
}
