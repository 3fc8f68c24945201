//! Finding one person in the copy of a tenant, with the names of groups and the roles that they give. Both are remembered by the instance for
//! a minute, as Workers KV itself remembers what was read.

use std::cell::RefCell;
use std::collections::BTreeMap;

use database::Failure;
use directory::edge::GroupName;
use scim::Instant;
use serde::Deserialize;

use super::kv::Copy;
use super::layout::{self, Copied};

/// Milliseconds for which a group is remembered.
const REMEMBERED: i64 = 60_000;
/// Groups that are remembered.
const MOST: usize = 10_000;

thread_local! {
    /// Groups by their keys. Never borrowed across an await.
    static GROUPS: RefCell<BTreeMap<String, (Group, Instant)>> = RefCell::default();
}

/// What the copy says of a group. What cannot be read says nothing, and neither does a value of a release that knew no roles.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Group {
    /// Whether it was deleted.
    deleted: bool,
    display_name: Option<String>,
    roles: Vec<String>,
}

/// Whom a reader looks up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// By id.
    Id(String),
    /// By userName, as the directory compares it.
    Name(String),
    /// By externalId.
    ExternalId(String),
}

/// A person of the copy.
pub struct Found {
    /// The value.
    pub copied: Copied,
    /// Its groups, with their names and roles.
    pub groups: Vec<GroupName>,
}

/// Finds a person; None if the copy does not have one, or lacks a part, such as the name of a group.
///
/// # Errors
/// Those of Workers KV.
pub async fn find(copy: &Copy, tenant: &str, who: &Who, now: Instant) -> Result<Option<Found>, Failure> {
    let key = match who {
        Who::Id(id) => layout::of_id(tenant, id),
        Who::Name(name) => layout::of_name(tenant, name),
        Who::ExternalId(external_id) => layout::of_external_id(tenant, external_id),
    };
    let Some(text) = copy.get(&key).await? else { return Ok(None) };
    let Ok(copied) = serde_json::from_str::<Copied>(&text) else { return Ok(None) };
    if copied.deleted {
        return Ok(None);
    }
    let groups = named(copy, tenant, &copied.groups, now).await?;
    Ok(groups.map(|groups| Found { copied, groups }))
}

/// Returns the groups with their names and roles, without those that were deleted; None if one is not in the copy.
async fn named(
    copy: &Copy,
    tenant: &str,
    ids: &[String],
    now: Instant,
) -> Result<Option<Vec<GroupName>>, Failure> {
    let keys: Vec<String> = ids.iter().map(|id| layout::of_group(tenant, id)).collect();
    let known = |key: &String| {
        GROUPS.with_borrow(|groups| {
            let (group, asked) = groups.get(key)?;
            (0..REMEMBERED).contains(&now.0.saturating_sub(asked.0)).then(|| group.clone())
        })
    };
    let unknown: Vec<String> = keys.iter().filter(|key| known(key).is_none()).cloned().collect();
    if !unknown.is_empty() {
        remember(copy.get_all(&unknown).await?, now);
    }
    let mut groups = Vec::new();
    for (id, key) in ids.iter().zip(&keys) {
        match known(key) {
            Some(Group { deleted: true, .. }) => {}
            Some(Group { display_name, roles, .. }) => {
                groups.push(GroupName { id: id.clone(), display_name, roles })
            }
            None => return Ok(None),
        }
    }
    Ok(Some(groups))
}

fn remember(values: BTreeMap<String, String>, now: Instant) {
    GROUPS.with_borrow_mut(|groups| {
        if groups.len() + values.len() > MOST {
            groups.clear();
        }
        for (key, text) in values {
            groups.insert(key, (serde_json::from_str(&text).unwrap_or_default(), now));
        }
    });
}
