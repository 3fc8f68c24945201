//! Groups mapped to roles, as JSON; `manage::roles` does the work.

use database::Failure;
use directory::roles::Mapping;
use scim::ScimError;
use serde_json::{Value, json};

use super::fields::Fields;
use super::request::AdminRequest;
use crate::http::Response;
use crate::manage::by::By;
use crate::manage::roles;

pub(super) async fn list(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let mappings = roles::list(request.context, tenant).await?;
    let mappings: Vec<Value> = mappings.iter().map(show).collect();
    Ok(Response::json(200, &json!({"roles": mappings})))
}

/// Maps a group. One that is mapped to the role already is answered 200.
pub(super) async fn map(request: &AdminRequest<'_>, tenant: &str, body: &[u8]) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["group", "role"])?;
    let needed = |name: &str, what: &str| {
        let missing = || ScimError::new(400, format!("`{name}` is missing: {what}"));
        fields.text(name)?.filter(|text| !text.is_empty()).ok_or_else(missing)
    };
    let group = needed("group", "the name or id of a group")?;
    let role = needed("role", "what the members of the group get")?;
    let made = roles::map(request.context, By::ADMINISTRATOR, tenant, (group, role)).await?;
    Ok(Response::json(if made.is_new { 201 } else { 200 }, &show(&made.mapping)))
}

pub(super) async fn unmap(request: &AdminRequest<'_>, tenant: &str, id: &str) -> Result<Response, Failure> {
    Ok(Response::json(200, &show(&roles::unmap(request.context, By::ADMINISTRATOR, tenant, id).await?)))
}

fn show(mapping: &Mapping) -> Value {
    json!({
        "id": mapping.id,
        "group": {"id": mapping.group_id, "displayName": mapping.group_name},
        "role": mapping.role,
        "created": mapping.created.to_rfc3339(),
        "maker": mapping.maker,
    })
}
