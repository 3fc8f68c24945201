//! Every page with values, realistic, empty or hostile: what the preview writes, and what `tests/pages.rs` reads.

#![allow(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "the values of previews and tests are fixed"
)]

mod access;
mod connect;
mod operation;
mod people;
mod tenants;

use askama::Template;
use console::{Banner, Frame, Tenant};

/// The present time of every sample: 2026-11-26 04:31:50.
pub const NOW: i64 = 1_795_667_510_000;
/// Minutes, hours and days in milliseconds.
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// Which values a page has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Real,
    Empty,
    Hostile,
}

/// Makes the values of pages.
#[derive(Clone, Copy)]
pub struct Sample {
    pub kind: Kind,
    /// How many rows a list has, unless it is empty.
    pub rows: i64,
    /// Whether the person may change anything.
    pub may_change: bool,
}

/// Returns a name of 1,000 characters that would like to be markup.
pub fn hostile() -> String {
    let start =
        "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}&amp;\u{202e}gpj.exe\u{200f} ";
    start.chars().chain(std::iter::repeat('W')).take(1_000).collect()
}

impl Sample {
    /// Returns what makes values of that kind.
    pub fn of(kind: Kind) -> Sample {
        Sample { kind, rows: 50, may_change: true }
    }

    /// Returns the text, unless all texts are hostile.
    pub fn text(self, real: &str) -> String {
        if self.kind == Kind::Hostile { hostile() } else { real.to_string() }
    }

    /// Returns the text if there is anything.
    pub fn some(self, real: &str) -> Option<String> {
        (self.kind != Kind::Empty).then(|| self.text(real))
    }

    /// Returns the text if there is trouble.
    pub fn trouble(self) -> Option<String> {
        (self.kind == Kind::Hostile).then(hostile)
    }

    /// Returns one of the texts.
    pub fn pick(self, index: i64, of: &[&str]) -> String {
        let index = usize::try_from(index).unwrap_or_default();
        self.text(of.get(index % of.len()).copied().unwrap_or_default())
    }

    /// Returns an id.
    pub fn id(self, index: i64) -> String {
        self.text(&format!(
            "{:08x}-5c1e-7d40-9b3a-{:012x}",
            0x019a_c0de + index * 7_919,
            index * 104_729 + 9_000_000
        ))
    }

    /// Returns rows.
    pub fn list<T>(self, row: impl Fn(i64) -> T) -> Vec<T> {
        if self.kind == Kind::Empty { Vec::new() } else { (0..self.rows).map(row).collect() }
    }

    /// Returns at most that many rows.
    pub fn few<T>(self, most: i64, row: impl Fn(i64) -> T) -> Vec<T> {
        Sample { rows: self.rows.min(most), ..self }.list(row)
    }

    /// Returns what surrounds a page of a tenant.
    pub fn frame(self, title: &str, section: &'static str) -> Frame {
        Frame {
            title: title.to_string(),
            section,
            tenant: Some(Tenant { id: self.text("acme"), name: self.text("Acme Inc.") }),
            person: Some(self.text("ada@vendor.example")),
            is_vendor: true,
            may_change: self.may_change,
            form_token: self.text("p3Jq0m2Zt8"),
            style: "console.css".to_string(),
            script: "console.js".to_string(),
            icon: "icon.svg".to_string(),
            now: NOW,
            banners: self.trouble().map(Banner::warning).into_iter().collect(),
        }
    }

    /// Returns what surrounds a page of no tenant.
    pub fn outer(self, title: &str, section: &'static str) -> Frame {
        Frame { tenant: None, ..self.frame(title, section) }
    }

    /// Returns what surrounds a page before the sign-in.
    pub fn alone(self, title: &str) -> Frame {
        Frame { person: None, is_vendor: false, may_change: false, ..self.outer(title, "") }
    }
}

/// A page of the console, with the name of its file.
pub type Page = (String, String);

/// Renders a page.
pub fn page(name: &str, page: &impl Template) -> Page {
    (name.to_string(), page.render().expect("a template writes into a text"))
}

/// Returns every page, with values of one kind.
pub fn pages(sample: Sample) -> Vec<Page> {
    [
        access::pages(sample),
        tenants::pages(sample),
        connect::pages(sample),
        people::pages(sample),
        operation::pages(sample),
    ]
    .concat()
}
