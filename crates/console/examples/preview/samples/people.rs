//! What clients did, and the people and groups.

use console::{
    Activity, ActivityRow, Change, Difference, Filters, HistoryRow, Kind, LeftOut, Reference, Refusal,
    Repeated, Resource, ResourceRow, Resources, State,
};

use super::{DAY, HOUR, MINUTE, NOW, Page, Sample, page};

const PEOPLE: [&str; 7] = [
    "Ada Lovelace",
    "Grace Hopper",
    "Katherine Johnson",
    "Alan Turing",
    "Bahar Öztürk",
    "أمينة الفاسي",
    "Mary-Jane O'Neill",
];
const USERS: [&str; 7] = ["ada", "grace", "katherine", "alan", "bahar", "amina", "mj.oneill"];
const GROUPS: [&str; 5] = ["Engineering", "Sales EMEA", "All staff", "Finance approvers", "On call"];
const ACTORS: [&str; 1] = ["Entra, production"];

pub fn pages(sample: Sample) -> Vec<Page> {
    vec![
        page("activity", &activity(sample, Filters::default())),
        page("activity-filtered", &activity(sample, filters(sample))),
        page("activity-change", &change(sample)),
        page("activity-refusal", &refusal(sample)),
        page("users", &resources(sample, Kind::Users)),
        page("groups", &resources(sample, Kind::Groups)),
        page("users-one", &resource(sample, Kind::Users)),
        page("groups-one", &resource(sample, Kind::Groups)),
    ]
}

pub fn user(sample: Sample, index: i64) -> Reference {
    Reference { kind: Some(Kind::Users), id: sample.id(index), name: Some(sample.pick(index, &PEOPLE)) }
}

pub fn group(sample: Sample, index: i64) -> Reference {
    Reference { kind: Some(Kind::Groups), id: sample.id(index), name: Some(sample.pick(index, &GROUPS)) }
}

fn filters(sample: Sample) -> Filters {
    Filters {
        request: String::new(),
        outcome: "refused".to_string(),
        resource: sample.id(3),
        operation: String::new(),
        actor: sample.text("key_1"),
        from: "2026-11-01".to_string(),
        to: String::new(),
    }
}

fn activity(sample: Sample, filters: Filters) -> Activity {
    let repeated = Repeated { resource: user(sample, 6), path: sample.text("name.formatted"), times: 36 };
    Activity {
        frame: sample.frame("Activity", "activity"),
        filters,
        rows: sample.list(|index| row(sample, index)),
        older: sample.some("b2xkZXI6NDcxMQ"),
        repeated: sample.few(1, |_| repeated.clone()),
        problem: sample.trouble(),
    }
}

fn row(sample: Sample, index: i64) -> ActivityRow {
    let at = NOW - index * 47_000 - 20_000;
    let (refused, operation, resource, summary) = match index % 6 {
        2 => {
            (Some("409 uniqueness"), "POST /Users", None, "another user has the userName `ada@acme.example`")
        }
        4 => (None, "updated", Some(group(sample, index)), "3 members came, 1 went"),
        5 => (
            Some("400 invalidPath"),
            "PATCH /Users/{id}",
            Some(user(sample, index)),
            "there is no attribute `name.giveName`",
        ),
        0 => (None, "created", Some(user(sample, index)), "userName, displayName, name, emails, active"),
        _ => (None, "updated", Some(user(sample, index)), "title, department"),
    };
    ActivityRow {
        id: sample.text(&format!("{}", 48_211 - index)),
        at,
        refused: refused.map(|refused| sample.text(refused)),
        operation: sample.text(operation),
        is_warning: false,
        resource,
        summary: sample.text(summary),
        actor: sample.pick(index, &ACTORS),
        actor_id: sample.id(700),
    }
}

fn difference(sample: Sample, index: i64) -> Difference {
    let (path, old, new) = [
        ("title", Some("Engineer"), Some("Lead engineer")),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            None,
            Some("Analytical engines"),
        ),
        ("phoneNumbers[type eq \"work\"].value", Some("+44 20 7946 0018"), None),
        ("active", Some("true"), Some("false")),
    ][index as usize % 4];
    let text = |text: &str| sample.text(text);
    Difference { path: text(path), old: old.map(text), new: new.map(text) }
}

fn change(sample: Sample) -> Change {
    Change {
        frame: sample.frame("Change", "activity"),
        at: NOW - 3 * MINUTE,
        operation: sample.text("updated"),
        resource: user(sample, 0),
        version: 7,
        sequence: 48_208,
        actor: sample.text("Entra, production"),
        correlation_id: sample.text("01J9ZQ3T8YB4"),
        changes: sample.few(4, |index| difference(sample, index)),
        came: sample.few(2, |index| user(sample, index + 1)),
        went: sample.few(1, |index| user(sample, index + 3)),
        more_members: if sample.rows > 1 { 12 } else { 0 },
        departures: None,
        are_values_left_out: false,
    }
}

fn refusal(sample: Sample) -> Refusal {
    Refusal {
        frame: sample.frame("Refusal", "activity"),
        at: NOW - 5 * MINUTE,
        operation: sample.text("PATCH /Users/{id}"),
        status: 400,
        scim_type: sample.some("invalidPath"),
        detail: sample.text("there is no attribute `name.giveName`: nothing in this request could be done"),
        resource: Some(user(sample, 6)),
        actor: sample.text("Entra, production"),
        correlation_id: sample.text("01J9ZQ3T8YB4"),
        times: 36,
    }
}

fn resources(sample: Sample, kind: Kind) -> Resources {
    let (title, section) = match kind {
        Kind::Users => ("Users", "users"),
        Kind::Groups => ("Groups", "groups"),
    };
    Resources {
        frame: sample.frame(title, section),
        kind,
        search: sample.trouble().unwrap_or_default(),
        problem: sample.trouble(),
        total: Some(if kind == Kind::Users { 12_480 } else { 311 }),
        rows: sample.list(|index| resource_row(sample, kind, index)),
        next: sample.some("bmV4dDphZGE"),
    }
}

fn resource_row(sample: Sample, kind: Kind, index: i64) -> ResourceRow {
    let is_user = kind == Kind::Users;
    let user_name = format!("{}@acme.example", USERS[index as usize % USERS.len()]);
    ResourceRow {
        id: sample.id(index),
        name: if is_user { sample.pick(index, &PEOPLE) } else { sample.pick(index, &GROUPS) },
        user_name: is_user.then(|| sample.text(&user_name)),
        is_active: is_user.then_some(index % 4 != 3),
        members: (!is_user).then(|| if index > 0 { "over 1,000" } else { "4" }.to_string()),
        changed: NOW - index * 3 * HOUR - 20_000,
    }
}

fn resource(sample: Sample, kind: Kind) -> Resource {
    let is_user = kind == Kind::Users;
    let attributes = [
        ("userName", "ada@acme.example"),
        ("displayName", "Ada Lovelace"),
        ("name.givenName", "Ada"),
        ("name.familyName", "Lovelace"),
        ("active", "true"),
        ("title", "Lead engineer"),
        ("emails[type eq \"work\"].value", "ada@acme.example"),
        ("externalId", "ada"),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "Analytical engines"),
    ];
    let attribute = |index: i64| {
        let (path, value) = attributes[index as usize % attributes.len()];
        (sample.text(path), sample.text(value))
    };
    Resource {
        frame: sample.frame(if is_user { "User" } else { "Group" }, if is_user { "users" } else { "groups" }),
        kind,
        id: sample.id(0),
        name: sample.text(if is_user { "ada@acme.example" } else { "Engineering" }),
        state: State::good(sample.text(if is_user { "active" } else { "in use" })),
        changed: sample.some("").map(|_| NOW - 3 * MINUTE),
        attributes: sample.few(9, attribute),
        related: sample.list(|index| if is_user { group(sample, index) } else { user(sample, index) }),
        more_related: sample.some("4"),
        left_out: LeftOut::default(),
        history: sample.few(20, |index| history(sample, index)),
        older: sample.some("b2xkZXI"),
        problem: sample.trouble(),
    }
    .cut()
}

fn history(sample: Sample, index: i64) -> HistoryRow {
    HistoryRow {
        id: sample.text("48208"),
        at: NOW - index * 2 * DAY - 3 * MINUTE,
        operation: sample.text("updated"),
        actor: sample.pick(index, &ACTORS),
        changes: sample.few(index % 3 + 1, |row| difference(sample, row + index)),
        left_out: 0,
        came: index % 2,
        went: index % 3,
    }
}
