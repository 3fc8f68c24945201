//! SQL evaluates a filter as [`scim::Predicate::matches`] does, on random users and random filters.

use proptest::prelude::*;
use scim::Registry;
use serde_json::Value;

use super::random::{filter, named, user};
use crate::harness::Directory;

const EXTENSION: (&str, &str) = ("props.json", include_str!("extension.json"));

fn filled(users: Vec<Value>, strict: bool) -> Directory {
    let directory = Directory::with(Registry::with_documents(&[EXTENSION], &[]).unwrap());
    let directory = if strict { directory.strict() } else { directory };
    for (at, user) in users.into_iter().enumerate() {
        let (status, body) = directory.post("/Users", named(user, at));
        // In the strict dialect, a time must be a time.
        assert!(status == 201 || strict && status == 400, "{body}");
    }
    directory
}

fn stored(directory: &Directory) -> Vec<Value> {
    let resources = directory.sql("SELECT document FROM resources");
    resources.iter().map(|row| serde_json::from_str(row.text("document").unwrap()).unwrap()).collect()
}

fn name(document: &Value) -> &str {
    document["userName"].as_str().unwrap()
}

/// Returns the documents that the filter selects.
fn selected<'d>(directory: &Directory, documents: &'d [Value], filter: &str) -> Option<Vec<&'d str>> {
    let predicate = directory.predicate(filter)?;
    Some(documents.iter().filter(|document| predicate.matches(document)).map(name).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sql_selects_the_users_that_the_predicate_matches(
        users in prop::collection::vec(user(), 1..5),
        filters in prop::collection::vec(filter(), 20),
        strict in any::<bool>(),
    ) {
        let directory = filled(users, strict);
        let documents = stored(&directory);
        for filter in filters {
            if let Some(names) = selected(&directory, &documents, &filter) {
                prop_assert_eq!(directory.names("/Users", &filter), names.join(" "), "{} of {:?}", filter, documents);
            }
        }
    }
}
