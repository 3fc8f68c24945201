//! Deliveries, health, roles, audit.

use console::{
    Audit, AuditRow, Banner, Bar, Cycle, Deliveries, Departures, EdgeLag, Endpoint, EndpointLag,
    EndpointPage, Expiry, Health, Made, MadeKind, NewEndpoint, PreviewRow, Reach, RoleRow, Roles, Shown,
    Trouble, forecast,
};

use super::people::{group, user};
use super::{DAY, HOUR, Kind, MINUTE, NOW, Page, Sample, page};

pub fn pages(sample: Sample) -> Vec<Page> {
    let deliveries = Deliveries {
        frame: sample.frame("Deliveries", "deliveries"),
        endpoints: sample.few(50, |index| endpoint(sample, index)),
        entered: entered(sample),
        problem: sample.trouble(),
    };
    let one = |index| EndpointPage {
        frame: sample.frame("Endpoint", "deliveries"),
        endpoint: endpoint(sample, index),
        made: (index == 1).then(|| secret(sample)),
        problem: sample.trouble(),
    };
    vec![
        page("deliveries", &deliveries),
        page("deliveries-one", &one(1)),
        page("deliveries-paused", &one(2)),
        page("health", &health(sample)),
        page("roles", &roles(sample, Shown::All)),
        page("roles-of-group", &roles(sample, Shown::Group(group(sample, 0)))),
        page("roles-of-person", &roles(sample, Shown::Person)),
        page("audit", &audit(sample)),
    ]
}

fn secret(sample: Sample) -> Made {
    let secret = sample.text("whsec_C2FVsBQIhrscChlQIMV1b5sSYspob7oD");
    Made {
        kind: MadeKind::WebhookSecret,
        values: vec![("Secret".to_string(), secret)],
        expires: None,
        old_until: Some(NOW + DAY),
    }
}

fn endpoint(sample: Sample, index: i64) -> Endpoint {
    let is_failing = index % 4 == 1;
    Endpoint {
        id: sample.id(index),
        url: sample.pick(index, &["https://app.vendor.example/hooks/scim", "https://siem.vendor.example/in"]),
        types: sample.few(index % 3, |index| sample.pick(index, &["user.*", "group.member_added"])),
        batch: 20,
        is_thin: index % 2 == 1,
        is_paused: index % 4 == 2,
        stopped: (index % 4 == 3).then(|| sample.text("the receiver answered 410: it is gone")),
        position: sample.text("48190:1"),
        behind: (index % 4 != 3).then_some(index * 21),
        failures: if is_failing { 3 } else { 0 },
        next_attempt: is_failing.then_some(NOW + 5 * MINUTE + 4_000),
        last_delivery: (index % 4 != 3).then_some(NOW - index * 19 * MINUTE - 30_000),
        last_status: is_failing.then_some(503),
        last_error: is_failing.then(|| sample.text("503 Service Unavailable: upstream connect error")),
        deliveries: 48_190 - index * 3_000,
        old_secret_until: is_failing.then_some(NOW + DAY),
        created: NOW - 41 * DAY,
    }
}

fn health(sample: Sample) -> Health {
    let trouble = Trouble {
        operations: 9_000,
        failures: 4_100,
        reference_failures: 20,
        failures_last_hour: 240,
        ..Trouble::default()
    };
    let calm = sample.kind == Kind::Empty;
    let there = |at: i64| (!calm).then_some(at);
    let cycle = |began: i64, minutes: i64| {
        there(began).map(|began| Cycle {
            began,
            last_request: began + minutes * MINUTE,
            is_over: minutes > 5,
        })
    };
    let mut frame = sample.frame("Health", "health");
    if !calm {
        let gone = Departures { users: 412, of: 1_240, since: NOW - 44 * MINUTE };
        frame.banners.push(Banner::departures(&gone, &frame.base()));
    }
    Health {
        frame,
        last_request: there(NOW - 40_000),
        cycle: cycle(NOW - 4 * MINUTE, 3),
        previous: cycle(NOW - 44 * MINUTE, 9),
        forecast: forecast(&if calm { Trouble::default() } else { trouble }),
        bars: Sample { rows: 48, ..sample }.list(bar),
        expiries: sample.few(3, |index| Expiry {
            name: sample.pick(index, &["Okta preview", "Entra, production", "Reporting"]),
            address: sample.text("/console/acme/connect/tokens/1"),
            expires: (index < 2).then_some(NOW + (10 + index * 320) * DAY + HOUR),
        }),
        edge: (!calm).then_some(EdgeLag { is_filling: false, behind: 14, caught_up: Some(NOW - 50_000) }),
        endpoints: sample.few(3, |index| EndpointLag {
            id: sample.id(index),
            url: sample.text("https://app.vendor.example/hooks/scim"),
            state: endpoint(sample, index).state(),
            behind: Some(index * 21),
        }),
    }
}

fn bar(index: i64) -> Bar {
    let at = NOW - (48 - index) * 30 * MINUTE;
    let is_cycle = index % 4 != 3;
    let answered = if is_cycle { 300 + (index * 7_919) % 900 } else { 12 };
    Bar {
        at,
        answered,
        refused: (index * index) % 97 * i64::from(index > 30),
        failed: (index % 11) * i64::from(index > 40),
    }
}

fn roles(sample: Sample, shown: Shown) -> Roles {
    let role = |index: i64| sample.pick(index, &["approver", "viewer", "admin"]);
    Roles {
        frame: sample.frame("Roles", "roles"),
        may_map: sample.may_change,
        rows: sample.few(20, |index| RoleRow {
            id: sample.id(index),
            group: group(sample, index),
            role: role(index),
            reach: Reach { people: 40 + index * 311, is_least: index > 2 },
            created: NOW - index * DAY - HOUR,
            maker: sample.some("ada@vendor.example"),
        }),
        next: sample.some("0190"),
        shown,
        preview: sample.few(20, |index| PreviewRow {
            user: user(sample, index),
            roles: vec![
                (role(index), Some(sample.text("Engineering"))),
                (role(index + 1), Some(sample.text("All staff"))),
                (role(index + 2), None),
            ],
            more: index as usize % 2,
        }),
        reach: Reach { people: 1_204, is_least: true },
        group: sample.trouble().unwrap_or_default(),
        role: sample.trouble().unwrap_or_default(),
        person: sample.trouble().unwrap_or_default(),
        problem: sample.trouble(),
    }
}

fn entered(sample: Sample) -> NewEndpoint {
    let text = || sample.trouble().unwrap_or_default();
    NewEndpoint { url: text(), types: text(), batch: "1".to_string(), is_thin: true }
}

fn audit(sample: Sample) -> Audit {
    let row = |index: i64| AuditRow {
        at: NOW - index * 5 * HOUR - 90_000,
        actor: sample.pick(index, &["ada@vendor.example", "set-up link: grace@acme.example"]),
        what: sample
            .pick(index, &["signed in", "made a token", "changed the settings", "exported the activity"]),
        target: sample.pick(index, &["", "Entra, production", "maxUsers", "2026-10-01 to 2026-11-01"]),
    };
    Audit { frame: sample.frame("Audit", "audit"), rows: sample.list(row), older: sample.some("b2xkZXI") }
}
