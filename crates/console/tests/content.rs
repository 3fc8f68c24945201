//! What single pages say, page by page.

#![allow(clippy::expect_used, reason = "a test may fail so")]

#[path = "../examples/preview/samples/mod.rs"]
mod samples;

use askama::Template;
use console::{Frame, Idp, Tenant, Ticks};
use samples::{Kind, NOW, Sample, pages};

/// Returns the page of that name.
fn page(sample: Sample, wanted: &str) -> String {
    let found = pages(sample).into_iter().find(|(name, _)| name == wanted);
    found.map(|(_, html)| html).expect("there is a page of that name")
}

fn real(name: &str) -> String {
    page(Sample::of(Kind::Real), name)
}

fn has(html: &str, texts: &[&str]) {
    for text in texts {
        assert!(html.contains(text), "`{text}` is missing in {html}");
    }
}

#[test]
fn times_are_relative_with_the_exact_one_beside_them() {
    let time = r#"<time datetime="2026-11-26 04:31:10Z" title="2026-11-26 04:31:10 UTC">40 s ago</time>"#;
    has(&real("tenants"), &[time]);
}

#[test]
fn the_list_of_tenants_has_names_first_and_states_in_words() {
    let html = real("tenants");
    has(
        &html,
        &[
            "<bdi>Acme Inc.</bdi></a> <code",
            "state off\">suspended<",
            "state bad\">credential refused<",
            ">15,880<",
        ],
    );
    has(&html, &["href=\"/console/kyoto-steel/connect\"", "href=\"/console?after=zenith\""]);
}

#[test]
fn a_token_that_was_made_is_in_the_scripts_and_otherwise_they_ask() {
    let token = "scim_Jt3vT0bqXz9YwP5kQ2mLr8sN4cFgHdUeA7iV1oRxWyE";
    let html = real("connect-made");
    assert_eq!(html.matches(token).count(), 3, "where it is shown, and in both scripts");
    has(&html, &["data-copy=\"made-1\"", "in 365 days"]);
    let html = real("connect");
    assert!(!html.contains(token));
    has(&html, &["Read-Host", "read -r token"]);
}

#[test]
fn trusted_issuers_are_listed_with_their_subjects_and_the_command_that_makes_one() {
    has(
        &real("connect"),
        &[
            "/connect/issuers/019ac0de-5c1e-7d40-9b3a-000000895440\"><bdi>Entra, federated</bdi></a> <small>of the client 019bd745-",
            "<bdi>https://sts.windows.net/01234567-89ab-cdef-0123-456789abcdef/</bdi></td><td><bdi>019b9967-",
            "<td><span class=\"dim\">any</span></td>",
            "<code>npm run tenant -- trust</code>",
        ],
    );
}

#[test]
fn a_trusted_issuer_is_revoked_on_its_page_and_neither_rotated_nor_given_a_secret() {
    let html = real("connect-issuer");
    has(
        &html,
        &["A trusted issuer of this tenant", "/connect/issuers/019a", "/revoke\"", "name=\"confirm\""],
    );
    for absent in ["/rotate\"", "/secrets\"", "<dt>Expires</dt>"] {
        assert!(!html.contains(absent), "{absent}");
    }
}

#[test]
fn the_choice_of_an_identity_provider_changes_the_steps() {
    has(&real("connect-okta"), &["aria-current=\"true\">Okta<", "Test Connector Configuration"]);
    assert!(!real("connect-okta").contains("Connect-MgGraph"));
    assert_eq!(Idp::of("jumpcloud"), Idp::JumpCloud);
    assert_eq!(Idp::of("<script>"), Idp::Entra);
}

#[test]
fn the_links_of_connect_hold_on_the_answer_to_a_form_too() {
    // The page that shows a token has the address of the form, so that a link may not be relative.
    let html = real("connect-made");
    assert!(!html.contains("href=\"?") && !html.contains("href=\"\""));
}

#[test]
fn ticks_go_on_until_the_first_cycle_is_done() {
    let ticks = Ticks {
        address: "/console/acme/connect/ticks".to_string(),
        now: NOW,
        credential: Some(NOW - 60_000),
        test_connection: None,
        first_user: None,
        first_group: None,
        first_cycle: None,
        users: 0,
        groups: 0,
    };
    let html = ticks.render().expect("a template writes into a text");
    assert!(html.starts_with("<ol") && html.trim_end().ends_with("</ol>"), "the script replaces one element");
    has(
        &html,
        &[
            "data-refresh=\"/console/acme/connect/ticks\"",
            "state done\">Credential seen<",
            "state off\">Test Connection<",
        ],
    );
    let done = Ticks { first_user: Some(NOW), first_cycle: Some(NOW), ..ticks };
    assert!(!done.render().expect("a template writes into a text").contains("data-refresh"));
}

#[test]
fn a_refusal_says_what_arrived_why_what_entra_shows_and_what_to_do() {
    let html = real("activity-refusal");
    has(
        &html,
        &[
            "PATCH /Users/{id}",
            "name.giveName",
            "ServiceIncompatible",
            "probably misspelt",
            "What to do",
            "36 times",
        ],
    );
}

#[test]
fn a_change_shows_its_difference() {
    let html = real("activity-change");
    has(
        &html,
        &[
            "<del><bdi>Engineer</bdi></del>",
            "<ins><bdi>Lead engineer</bdi></ins>",
            "taken away",
            "Members that came",
        ],
    );
}

#[test]
fn the_link_to_older_entries_keeps_the_filters() {
    let html = real("activity-filtered");
    has(
        &html,
        &[
            "/activity?outcome=refused&#38;resource=",
            "&#38;actor=key_1&#38;from=2026-11-01",
            "&#38;cursor=b2xkZXI6NDcxMQ",
            "<option value=\"refused\" selected>",
        ],
    );
    let html = page(Sample::of(Kind::Hostile), "users");
    has(&html, &["/users?q=%3Cscript%3Ealert%281%29"]);
}

#[test]
fn a_user_has_attributes_groups_and_history() {
    let html = real("users-one");
    has(
        &html,
        &[
            "name.givenName",
            "<del><bdi>true</bdi></del> <ins><bdi>false</bdi></ins>",
            "by <bdi>Entra, production</bdi>",
            "Finance approvers",
            "/users/019ac0de-5c1e-7d40-9b3a-000000895440/erase",
        ],
    );
    assert!(!real("groups-one").contains("/erase\""));
}

#[test]
fn an_endpoint_offers_what_its_state_allows() {
    let running = real("deliveries-one");
    assert!(running.contains("/pause\"") && !running.contains("/resume\""));
    let paused = real("deliveries-paused");
    assert!(!paused.contains("/pause\"") && paused.contains("/resume\""));
    has(&paused, &["/replay\"", "/skip\"", "/test\"", "/secret\"", "/delete\""]);
}

#[test]
fn health_has_a_plot_with_its_table_and_a_forecast() {
    let html = real("health");
    has(
        &html,
        &[
            "<svg viewBox",
            "<desc",
            "The same as a table",
            "quarantine near",
            "412 of 1,240 users were disabled or deleted since",
            "Prevent accidental deletions",
        ],
    );
    assert_eq!(html.matches("<svg").count(), 1);
}

#[test]
fn a_customer_sees_the_pages_of_one_tenant_and_no_others() {
    let tenant = Tenant { id: "a/b?c".to_string(), name: "A".to_string() };
    let frame = Frame {
        person: Some("set-up link".to_string()),
        tenant: Some(tenant),
        section: "health",
        ..Frame::default()
    };
    let problem = console::Problem {
        frame,
        status: 403,
        what: "x".to_string(),
        next: "y".to_string(),
        link: None,
        correlation_id: None,
    };
    let html = problem.render().expect("a template writes into a text");
    has(
        &html,
        &["href=\"/console/a%2Fb%3Fc/health\" aria-current=\"page\"", "/connect\"", "/audit\"", "may read"],
    );
    for of_vendor in ["/deliveries\"", "/settings\"", ">Tenants<"] {
        assert!(!html.contains(of_vendor), "{of_vendor}");
    }
}
