//! The body of a bulk request (RFC 7644 s3.7).

use std::collections::BTreeMap;

use serde_json::Value;

use super::HttpRequest;
use super::resources::parse_part;
use super::route::resource_of;
use crate::bulk::{Bulk, BulkOperation, replaced};
use crate::message::Message;
use crate::operation::Operation;
use crate::schema::Registry;
use crate::{Dialect, Kind, ScimError, limits, urn};

/// Parses a BulkRequest. An error in one of its operations is reported for that operation alone.
pub(super) fn read(body: Value, dialect: Dialect) -> Result<Bulk, ScimError> {
    let mut body = Message::read(body, urn::BULK_REQUEST, dialect)?;
    let fail_on_errors = match body.take("failOnErrors") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
            Some(count.ok_or_else(|| ScimError::invalid_value("`failOnErrors` is not a count of errors"))?)
        }
    };
    let Some(Value::Array(operations)) = body.take("Operations") else {
        return Err(ScimError::invalid_syntax("the body has no array of `Operations`"));
    };
    let (count, most) = (operations.len(), limits::BULK_OPERATIONS);
    if count > most {
        // RFC 7644 s3.7.4: the response states the limit that was exceeded.
        return Err(ScimError::new(
            413,
            format!("the request has {count} operations; maxOperations is {most}"),
        ));
    }
    let operation = |(index, operation)| match Message::part(operation) {
        Some(operation) => read_operation(operation, index),
        None => {
            Err(ScimError::invalid_syntax(format!("Operations[{index}]: the operation is not an object")))
        }
    };
    let operations = operations.into_iter().enumerate().map(operation).collect::<Result<_, _>>()?;
    Ok(Bulk { fail_on_errors: fail_on_errors.filter(|count| *count > 0), operations, dialect })
}

fn read_operation(mut operation: Message, index: usize) -> Result<BulkOperation, ScimError> {
    let data = operation.take("data").unwrap_or_default();
    let mut text = |name: &str| match operation.take(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ScimError::invalid_syntax(format!("Operations[{index}]: `{name}` is not a string"))),
    };
    let needed = |name: &str, found: Option<String>| {
        found.ok_or_else(|| ScimError::invalid_syntax(format!("Operations[{index}] has no `{name}`")))
    };
    let method = needed("method", text("method")?)?.to_ascii_uppercase();
    let path = needed("path", text("path")?)?;
    let (bulk_id, version) = (text("bulkId")?, text("version")?);
    Ok(BulkOperation { method, path, bulk_id, version, data })
}

impl Bulk {
    /// Parses an operation, once all its references to other operations are replaced by ids.
    pub fn parse<'r>(
        &self,
        registry: &'r Registry,
        operation: BulkOperation,
    ) -> Result<Operation<'r>, ScimError> {
        // RFC 7644 s3.7: without it, the client could not tell which result belongs to which new resource.
        if operation.method == "POST" && operation.bulk_id.is_none() {
            return Err(ScimError::invalid_syntax("a POST needs a `bulkId`"));
        }
        let path = operation.path.split('?').next().unwrap_or_default();
        let request = HttpRequest {
            method: &operation.method,
            path,
            if_match: operation.version.as_deref(),
            ..Default::default()
        };
        parse_part(registry, self.dialect, &request, operation.data)
    }
}

impl BulkOperation {
    /// Returns the resource type that it creates, if it is a POST to an endpoint of resources.
    pub fn creates(&self, registry: &Registry) -> Option<Kind> {
        match resource_of(registry, &self.path)? {
            (kind, None) if self.method == "POST" => Some(kind),
            _ => None,
        }
    }

    /// Returns the resource that its path names, once references are ids.
    pub fn resource(&self, registry: &Registry, ids: &BTreeMap<String, String>) -> Option<(Kind, String)> {
        let (kind, id) = resource_of(registry, &replaced(&self.path, &mut |id| ids.get(id).cloned()))?;
        Some((kind, id?))
    }
}
