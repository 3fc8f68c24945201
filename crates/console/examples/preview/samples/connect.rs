//! The page that connects an identity provider, and that of one credential.

use console::{
    ClientRow, Connect, Credential, CredentialKind, Idp, IssuerRow, LinkRow, Made, MadeKind, State, Ticks,
    TokenRow,
};

use super::{DAY, HOUR, Kind, MINUTE, NOW, Page, Sample, page};

pub fn pages(sample: Sample) -> Vec<Page> {
    let mut pages = vec![
        page("connect", &connect(sample, Idp::Entra, None)),
        page("connect-made", &connect(sample, Idp::Entra, Some(made(sample)))),
        page("connect-okta", &connect(sample, Idp::Okta, None)),
        page("connect-token", &credential(sample, CredentialKind::Token)),
        page("connect-client", &credential(sample, CredentialKind::Client)),
        page("connect-issuer", &credential(sample, CredentialKind::Issuer)),
    ];
    if sample.kind == Kind::Empty {
        let others = [Idp::OneLogin, Idp::JumpCloud, Idp::Google];
        let others = others.map(|idp| page(&format!("connect-{}", idp.key()), &connect(sample, idp, None)));
        pages.extend(others);
    }
    pages
}

fn connect(sample: Sample, idp: Idp, made: Option<Made>) -> Connect {
    let is_default = sample.kind == Kind::Real && idp == Idp::Okta;
    let tenant_url = "https://scim-edge.vendor.workers.dev/acme/scim/v2";
    Connect {
        frame: sample.frame("Connect", "connect"),
        idp,
        is_default,
        tenant_url: sample.text(tenant_url),
        application: sample.text("Vendor (Acme Inc.)"),
        ticks: ticks(sample),
        tokens: sample.few(20, |index| token(sample, index)),
        more_tokens: 3,
        clients: sample.few(2, |index| client(sample, index)),
        has_oauth: true,
        issuers: sample.few(10, |index| issuer(sample, index)),
        links: sample.few(2, |index| link(sample, index)),
        made,
        problem: sample.trouble(),
    }
}

fn made(sample: Sample) -> Made {
    let token = sample.text("scim_Jt3vT0bqXz9YwP5kQ2mLr8sN4cFgHdUeA7iV1oRxWyE");
    Made {
        kind: MadeKind::Token,
        values: vec![("Secret Token".to_string(), token)],
        expires: Some(NOW + 365 * DAY + HOUR),
        old_until: None,
    }
}

fn ticks(sample: Sample) -> Ticks {
    let at = |at: i64| (sample.kind != Kind::Empty).then_some(at);
    Ticks {
        address: sample.text("/console/acme/connect/ticks"),
        now: NOW,
        credential: at(NOW - 12 * MINUTE),
        test_connection: at(NOW - 11 * MINUTE),
        first_user: at(NOW - 3 * MINUTE),
        first_group: None,
        first_cycle: None,
        users: if sample.kind == Kind::Empty { 0 } else { 1_240 },
        groups: 0,
    }
}

fn token(sample: Sample, index: i64) -> TokenRow {
    TokenRow {
        id: sample.id(index),
        name: sample.pick(index, &["Entra, production", "Okta preview", "Reporting"]),
        scopes: vec![sample.pick(index, &["scim", "scim", "events"])],
        created: NOW - (index + 1) * 40 * DAY,
        expires: (index % 3 != 2).then_some(NOW + (330 - index * 320) * DAY + HOUR),
        last_used: (index % 3 != 2).then_some(NOW - index * 9 * DAY - 2 * MINUTE),
        revoked: (index % 4 == 3).then_some(NOW - DAY),
    }
}

fn client(sample: Sample, index: i64) -> ClientRow {
    ClientRow {
        id: sample.id(index),
        name: sample.pick(index, &["Entra, OAuth", "Ping"]),
        secrets: 2 - index,
        expires: Some(NOW + 700 * DAY + HOUR),
        last_used: (index == 0).then_some(NOW - 3 * HOUR),
        created: NOW - 30 * DAY,
        revoked: (index == 1).then_some(NOW - DAY),
    }
}

fn issuer(sample: Sample, index: i64) -> IssuerRow {
    IssuerRow {
        id: sample.id(index),
        name: sample.pick(index, &["Entra, federated", "Entra's own token"]),
        issuer: sample.text("https://sts.windows.net/01234567-89ab-cdef-0123-456789abcdef/"),
        subject: (index % 2 == 0).then(|| sample.id(index + 7)),
        client: (index % 2 == 0).then(|| sample.id(index + 9)),
        created: NOW - (index + 1) * 30 * DAY,
        last_used: (index == 0).then_some(NOW - 4 * MINUTE),
        revoked: (index == 1).then_some(NOW - DAY),
    }
}

fn link(sample: Sample, index: i64) -> LinkRow {
    LinkRow {
        id: sample.id(index),
        name: sample.pick(index, &["grace@acme.example", "help desk"]),
        created: NOW - (index * 31 + 1) * DAY,
        expires: NOW + (29 - index * 31) * DAY + HOUR,
        last_used: (index == 0).then_some(NOW - 20 * MINUTE),
        revoked: None,
    }
}

fn credential(sample: Sample, kind: CredentialKind) -> Credential {
    Credential {
        frame: sample.frame("Credential", "connect"),
        kind,
        id: sample.id(1),
        name: sample.text("Entra, production"),
        state: State::good(sample.text("in force")),
        facts: sample.few(1, |_| (sample.text("Scopes"), sample.text("scim:read scim:write"))),
        created: NOW - 40 * DAY,
        expires: Some(NOW + 325 * DAY),
        last_used: Some(NOW - 2 * MINUTE),
        is_in_force: true,
        problem: sample.trouble(),
    }
}
