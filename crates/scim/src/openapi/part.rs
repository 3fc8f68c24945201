//! What the parts of the document are made with.

use serde_json::{Value, json};

use crate::ScimError;

/// Parses a part of the document. The tests make the document, so a build with a broken one does not ship.
pub(super) fn parse(text: &str) -> Result<Value, ScimError> {
    serde_json::from_str(text).map_err(|error| ScimError::new(500, error.to_string()))
}

/// Returns a reference to a component of the document.
pub(super) fn reference(section: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{section}/{name}")})
}
