//! The messages of the protocol that are not resources: PatchOp, SearchRequest, BulkRequest (RFC 7644 s3.4.3, s3.5.2,
//! s3.7). Each is an object that names its URN in `schemas`. The files that read its members say what they mean.

use serde_json::{Map, Value};

use crate::{Dialect, Habit, ScimError, urn};

/// A message whose members are taken out by name.
pub(crate) struct Message(Map<String, Value>);

impl Message {
    /// Reads the body of a request as the message with that URN.
    ///
    /// # Errors
    /// 400 if the body is not an object, or if it does not name the URN and the dialect demands it.
    pub(crate) fn read(body: Value, urn: &str, dialect: Dialect) -> Result<Message, ScimError> {
        let mut message = Message(members(body)?);
        let declared = message.take("schemas");
        let lists = |schemas: &Vec<Value>| urn::lists(schemas, urn);
        if !declared.as_ref().and_then(Value::as_array).is_some_and(lists)
            && !dialect.takes(Habit::MessageWithoutUrn)
        {
            return Err(ScimError::invalid_syntax(format!("`schemas` does not list `{urn}`")));
        }
        Ok(message)
    }

    /// Reads a part of a message, such as one operation; None if it is not an object.
    pub(crate) fn part(value: Value) -> Option<Message> {
        match value {
            Value::Object(members) => Some(Message(members)),
            _ => None,
        }
    }

    /// Takes the member of that name, whatever its letter case (RFC 7643 s2.1).
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let key = self.0.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
        self.0.remove(&key)
    }
}

/// Returns the members of a body.
///
/// # Errors
/// 400 if it is not an object.
pub(crate) fn members(body: Value) -> Result<Map<String, Value>, ScimError> {
    match body {
        Value::Object(members) => Ok(members),
        _ => Err(ScimError::invalid_syntax("the body is not a JSON object")),
    }
}
