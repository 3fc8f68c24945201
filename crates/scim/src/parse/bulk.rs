//! The body of a bulk request (RFC 7644 s3.7).

use serde_json::{Map, Value};

use crate::bulk::{Bulk, BulkOperation};
use crate::{Dialect, Habit, ScimError, limits, urn};

/// Reads a BulkRequest. What is wrong with one of its operations is that operation's business.
pub(super) fn read(body: Value, dialect: Dialect) -> Result<Bulk, ScimError> {
    let Value::Object(mut body) = body else {
        return Err(ScimError::invalid_syntax("the body is no JSON object"));
    };
    let declared = body.get("schemas").and_then(Value::as_array);
    let is_bulk = declared.is_some_and(|urns| urns.iter().any(|listed| listed == urn::BULK_REQUEST));
    if !is_bulk && !dialect.takes(Habit::MessageWithoutUrn) {
        return Err(ScimError::invalid_syntax(format!("`schemas` does not list `{}`", urn::BULK_REQUEST)));
    }
    let fail_on_errors = match body.get("failOnErrors") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
            Some(count.ok_or_else(|| ScimError::invalid_value("`failOnErrors` is no count of errors"))?)
        }
    };
    let Some(Value::Array(operations)) = body.remove("Operations") else {
        return Err(ScimError::invalid_syntax("the body has no array of `Operations`"));
    };
    let (count, most) = (operations.len(), limits::BULK_OPERATIONS);
    if count > most {
        // RFC 7644 s3.7.4: the limit that was exceeded stands in the answer.
        return Err(ScimError::new(
            413,
            format!("the request has {count} operations; maxOperations is {most}"),
        ));
    }
    let operation = |(index, operation)| match operation {
        Value::Object(operation) => read_operation(operation, index),
        _ => Err(ScimError::invalid_syntax(format!("Operations[{index}]: the operation is no object"))),
    };
    let operations = operations.into_iter().enumerate().map(operation).collect::<Result<_, _>>()?;
    Ok(Bulk { fail_on_errors: fail_on_errors.filter(|count| *count > 0), operations, dialect })
}

fn read_operation(mut operation: Map<String, Value>, index: usize) -> Result<BulkOperation, ScimError> {
    let text = |name: &str| match operation.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ScimError::invalid_syntax(format!("Operations[{index}]: `{name}` is no text"))),
    };
    let needed = |name: &str| {
        text(name)?.ok_or_else(|| ScimError::invalid_syntax(format!("Operations[{index}] has no `{name}`")))
    };
    let (method, path) = (needed("method")?.to_ascii_uppercase(), needed("path")?);
    let (bulk_id, version) = (text("bulkId")?, text("version")?);
    Ok(BulkOperation { method, path, bulk_id, version, data: operation.remove("data").unwrap_or_default() })
}
