//! How long the core takes: a filter, a PATCH from its bytes to the changed document, a page, and folding.
//! `npm run bench` runs it beside the npm library scim-patch, on the user and operations of `benches/*.json`.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use scim::{
    Dialect, Document, Filter, GroupRef, HttpRequest, HttpResponse, Instant, Operation, Outcome, Page,
    Projection, Registry, Resource, fold, render,
};

const USER: &[u8] = include_bytes!("user.json");
const PATCH: &[u8] = include_bytes!("patch.json");

/// What Entra sends to find a user, and what a person may write to find several.
const FILTERS: [(&str, &str); 2] = [
    ("one term", r#"userName eq "ada.lovelace@contoso.example""#),
    (
        "five terms",
        r#"active eq true and (emails[type eq "work" and value co "@contoso.example"] or not (title pr)) and meta.created gt "2026-01-01T00:00:00Z""#,
    ),
];

fn parse<'r>(registry: &'r Registry, method: &str, path: &str, body: &[u8]) -> Operation<'r> {
    let content_type = Some("application/scim+json");
    let request = HttpRequest { method, path, content_type, body, ..HttpRequest::default() };
    scim::parse(registry, Dialect::TOLERANT, &request).unwrap().operation().unwrap()
}

fn user(registry: &Registry) -> Document {
    match parse(registry, "POST", "/Users", USER) {
        Operation::Create { document, .. } => document,
        other => panic!("{other:?}"),
    }
}

/// Changes a document from the bytes of a PATCH. It is not inlined, so that callgrind can count its instructions
/// (docs/PERFORMANCE.md).
#[inline(never)]
fn patched(registry: &Registry, before: &Document, body: &[u8]) -> Document {
    match parse(registry, "PATCH", "/Users/2819c223", body) {
        Operation::Patch { patch, .. } => {
            patch.apply(registry.resource_type(registry.kind("User").unwrap()), before).unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[inline(never)]
fn rendered(outcome: &Outcome, projection: &Projection, registry: &Registry) -> HttpResponse {
    render(outcome, projection, registry, "https://x.example/scim/v2")
}

fn page(registry: &Registry, document: &Document) -> Outcome {
    let group = GroupRef { id: "e9e30dba".into(), display: Some("Employees".into()), direct: true };
    let resource = |number: usize| Resource {
        kind: registry.kind("User").unwrap(),
        id: format!("0193f3a0-0000-7000-8000-{number:012}"),
        version: 3,
        created: Instant(1_790_000_000_000),
        last_modified: Instant(1_790_000_100_000),
        document: document.clone(),
        members: None,
        groups: Some(vec![group.clone()]),
        more: false,
    };
    let resources = (0..100).map(resource).collect();
    Outcome::Page(Page { total: Some(100), start_index: Some(1), next_cursor: None, resources })
}

fn core(criterion: &mut Criterion) {
    let registry = Registry::load().unwrap();
    let before = user(&registry);
    assert_ne!(patched(&registry, &before, PATCH), before);
    for (name, text) in FILTERS {
        criterion.bench_function(&format!("filter/{name}"), |bench| {
            bench.iter(|| Filter::parse(black_box(text)).unwrap());
        });
    }
    criterion.bench_function("patch/4 operations", |bench| {
        bench.iter(|| patched(&registry, &before, black_box(PATCH)));
    });
    let of = registry.resource_type(registry.kind("User").unwrap());
    let Operation::Patch { patch, .. } = parse(&registry, "PATCH", "/Users/2819c223", PATCH) else {
        panic!()
    };
    criterion.bench_function("patch/4 operations, read before", |bench| {
        bench.iter(|| patch.apply(of, black_box(&before)).unwrap());
    });
    let outcome = page(&registry, &before);
    criterion.bench_function("render/100 users", |bench| {
        bench.iter(|| rendered(black_box(&outcome), &Projection::Default, &registry));
    });
    let some =
        Projection::new(Some("userName,name.givenName,emails.value"), None, Dialect::TOLERANT).unwrap();
    criterion.bench_function("render/100 users, 3 attributes", |bench| {
        bench.iter(|| rendered(black_box(&outcome), &some, &registry));
    });
    for (name, text) in [("ASCII", "Ada.Lovelace@Contoso.example"), ("Unicode", "Zoë Straße ΟΔΥΣΣΕΥΣ")]
    {
        criterion.bench_function(&format!("fold/{name}"), |bench| bench.iter(|| fold(black_box(text))));
    }
}

criterion_group!(benches, core);
criterion_main!(benches);
