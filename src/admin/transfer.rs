//! A customer's directory as SCIM JSON lines, out and in. The default tenant's as well, which has no row.

use database::Failure;
use scim::{HttpResponse, ScimError};
use serde_json::{Value, json};
use tenants::DEFAULT;

use super::{Asked, answer, typed};
use crate::log::Entry;
use crate::{ids, service};

/// The header that leads to the next page of an export: `?cursor=` of the next request.
const NEXT: &str = "X-Next-Cursor";

pub(super) async fn export(asked: &Asked<'_>, tenant: &str) -> Result<HttpResponse, Failure> {
    check(asked, tenant).await?;
    let cursor = asked.parameter("cursor").filter(|cursor| !cursor.is_empty());
    let page = directory::export(asked.station.database, service::registry()?, tenant, cursor).await?;
    let mut response = typed(200, "application/jsonl; charset=utf-8", page.lines);
    response.headers.extend(page.cursor.map(|cursor| (NEXT, cursor)));
    Ok(response)
}

pub(super) async fn import(
    asked: &Asked<'_>,
    tenant: &str,
    body: &[u8],
    entry: &mut Entry,
) -> Result<HttpResponse, Failure> {
    check(asked, tenant).await?;
    let text = std::str::from_utf8(body).map_err(|_| ScimError::new(400, "the body is no UTF-8"))?;
    let context = directory::Context {
        tenant,
        now: asked.station.now,
        actor: "administrator",
        correlation_id: &entry.correlation_id,
        new_id: &ids::new_id,
        new_revision: &ids::new_id,
        registry: service::registry()?,
    };
    let imported = directory::import(asked.station.database, &context, text).await?;
    entry.limited = imported.limited;
    let refused: Vec<Value> =
        imported.refused.iter().map(|(line, detail)| json!({"line": line, "detail": detail})).collect();
    Ok(answer(
        200,
        &json!({
            "created": imported.created,
            "present": imported.present,
            "incomplete": imported.incomplete,
            "refused": refused,
        }),
    ))
}

/// Refuses a tenant that there is not, or not any more.
async fn check(asked: &Asked<'_>, tenant: &str) -> Result<(), Failure> {
    if tenant == DEFAULT {
        return Ok(());
    }
    let found = tenants::show(asked.station.database, tenant).await?;
    match found.deleted {
        Some(_) => Err(ScimError::new(409, format!("the tenant `{tenant}` is being deleted")).into()),
        None => Ok(()),
    }
}
