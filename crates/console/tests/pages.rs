//! Every page, with values of every kind: what holds of all of them.

#[path = "../examples/preview/samples/mod.rs"]
mod samples;

use samples::{Kind, Page, Sample, hostile, pages};

fn all_pages() -> Vec<Page> {
    [Kind::Real, Kind::Empty, Kind::Hostile].map(|kind| pages(Sample::of(kind))).concat()
}

/// Returns the tags of a page: what stands between `<` and `>`. A `>` within an attribute is escaped, as the tests of
/// hostile values show.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|part| part.split('>').next())
}

/// Returns the values of an attribute.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(start.as_str()).skip(1).filter_map(|part| part.split('"').next()).collect()
}

#[test]
fn no_page_is_larger_than_30_kb() {
    for (name, html) in pages(Sample::of(Kind::Real)) {
        assert!(html.len() <= 30 * 1024, "{name} has {} bytes", html.len());
    }
}

#[test]
fn hostile_values_are_text() {
    for (name, html) in pages(Sample::of(Kind::Hostile)) {
        assert!(!html.contains("<script>"), "{name}");
        assert!(!html.contains("<img"), "{name}");
        assert!(!html.contains("{{") || html.contains("{{7*7}}"), "{name}");
        assert_eq!(html.matches("<script").count(), 1, "{name}: the one of the page");
        for tag in tags(&html) {
            let known = |character: char| character.is_ascii_alphanumeric() || "!/".contains(character);
            assert!(tag.starts_with(known), "{name}: {tag}");
            assert_eq!(tag.matches('"').count() % 2, 0, "{name}: {tag}");
        }
    }
}

#[test]
fn hostile_values_do_arrive() {
    let start: String = hostile().chars().take(20).collect();
    let escaped =
        start.replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;").replace('\'', "&#39;");
    for (name, html) in pages(Sample::of(Kind::Hostile)) {
        assert!(html.contains(&escaped), "{name}");
    }
}

#[test]
fn nothing_is_inline_and_nothing_is_external() {
    for (name, html) in all_pages() {
        for tag in tags(&html) {
            let attributes = tag.split_once(' ').map_or("", |(_, attributes)| attributes);
            // Values in quotation marks are left out.
            let names: String = attributes.split('"').step_by(2).collect();
            assert!(!names.contains("style="), "{name}: {tag}");
            assert!(
                !names.split(' ').any(|name| name.starts_with("on") && name.ends_with('=')),
                "{name}: {tag}"
            );
        }
        assert!(!html.contains("<style"), "{name}");
        for attribute in ["src", "action", "data-refresh"] {
            for value in values(&html, attribute) {
                assert!(!value.contains("//"), "{name}: {attribute}={value}");
            }
        }
        for value in values(&html, "href") {
            assert!(!value.starts_with("javascript:") && !value.starts_with("data:"), "{name}: {value}");
        }
    }
}

#[test]
fn every_form_that_changes_anything_sends_the_token() {
    for (name, html) in all_pages() {
        for form in html.split("<form").skip(1).filter_map(|part| part.split("</form>").next()) {
            let is_before_the_sign_in = name == "redeem";
            let changes = form.contains("method=\"post\"");
            assert_eq!(
                changes && !is_before_the_sign_in,
                form.contains("name=\"form_token\""),
                "{name}: {form}"
            );
        }
    }
}

#[test]
fn a_viewer_gets_no_form_that_changes_anything() {
    for (name, html) in pages(Sample { may_change: false, ..Sample::of(Kind::Real) }) {
        let forms = html.matches("method=\"post\"").count();
        let sign_out = html.matches("action=\"/console/sign-out\"").count();
        if !["redeem", "settings"].contains(&name.as_str()) {
            assert_eq!(forms, sign_out, "{name}");
        }
        assert!(!html.contains(">Save<"), "{name}");
    }
}

#[test]
fn a_page_has_one_heading_one_lead_and_at_most_one_primary_button() {
    for (name, html) in all_pages() {
        assert_eq!(html.matches("<h1>").count(), 1, "{name}");
        assert_eq!(html.matches("class=\"lead\"").count(), 1, "{name}");
        assert!(html.matches("primary\"").count() <= 1, "{name}");
        assert!(html.contains("href=\"#content\"") && html.contains("id=\"content\""), "{name}");
    }
}

#[test]
fn the_current_page_is_marked() {
    for (name, html) in pages(Sample::of(Kind::Real)) {
        let marked = html.matches("aria-current=\"page\"").count();
        let is_outside = ["sign-in", "redeem", "problem"].contains(&name.as_str());
        assert_eq!(marked, usize::from(!is_outside), "{name}");
    }
}

#[test]
fn every_id_is_used_once_and_every_label_leads_somewhere() {
    for (name, html) in pages(Sample::of(Kind::Real)) {
        let mut ids = values(&html, "id");
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}");
        for attribute in ["for", "data-copy", "aria-describedby"] {
            for value in values(&html, attribute) {
                assert!(ids.contains(&value), "{name}: {attribute}={value}");
            }
        }
    }
}

#[test]
fn an_empty_page_says_what_will_appear() {
    let lists =
        ["tenants", "connect", "activity", "users", "groups", "deliveries", "health", "roles", "audit"];
    for (name, html) in pages(Sample::of(Kind::Empty)) {
        if lists.contains(&name.as_str()) {
            assert!(html.contains("class=\"empty\""), "{name}");
        }
    }
}

#[test]
fn the_sheet_and_the_script_are_small() {
    assert!(console::STYLE.len() <= 5 * 1024, "{}", console::STYLE.len());
    assert!(console::SCRIPT.len() <= 2 * 1024, "{}", console::SCRIPT.len());
    assert!(console::STYLE.len() + console::SCRIPT.len() <= 6 * 1024);
    for asset in [console::STYLE, console::SCRIPT] {
        assert!(!asset.contains("http:") && !asset.contains("https:") && !asset.contains("url("));
    }
}
