//! The reader of the edge copy in Rust (examples/edge/reader.rs), on values as docs/EDGE.md has them. That the service writes
//! such values is tested over HTTP (tests/edge).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

#[path = "../../../examples/edge/reader.rs"]
mod reader;

use std::collections::BTreeMap;

use reader::{Namespace, by_external_id, by_id, by_user_name};
use serde_json::json;
use tenants::Hash;

struct Values(BTreeMap<String, String>);

impl Namespace for Values {
    async fn get(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }
}

#[test]
fn a_person_is_found_by_each_key_and_what_is_gone_or_another_s_is_not() {
    let ada = json!({"seq": 7, "active": true, "id": "1", "userName": "Ada@x.example", "externalId": "e1"})
        .to_string();
    let gone = json!({"seq": 9, "gone": true}).to_string();
    let name = |name: &str| format!("v1:acme:n:{}", Hash::of(name).to_hex());
    let values = Values(BTreeMap::from([
        ("v1:acme:u:1".to_string(), ada.clone()),
        (name("ada@x.example"), ada.clone()),
        (format!("v1:acme:x:{}", Hash::of("e1").to_hex()), ada.clone()),
        ("v1:acme:u:2".to_string(), gone),
        (name("old"), ada),
    ]));
    let id =
        |found: Option<serde_json::Value>| found.map(|person| person["id"].as_str().unwrap().to_string());
    pollster::block_on(async {
        assert_eq!(id(by_id(&values, "acme", "1").await).as_deref(), Some("1"));
        assert_eq!(id(by_user_name(&values, "acme", "ADA@X.example").await).as_deref(), Some("1"));
        assert_eq!(id(by_external_id(&values, "acme", "e1").await).as_deref(), Some("1"));
        for missed in [
            by_id(&values, "acme", "2").await,
            by_id(&values, "other", "1").await,
            by_user_name(&values, "acme", "old").await,
            by_external_id(&values, "acme", "E1").await,
        ] {
            assert_eq!(missed, None);
        }
    });
}
