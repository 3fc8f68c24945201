//! Cursors (RFC 9865): where a page ended, as text that is opaque to clients.
//!
//! A cursor holds the sort key and id of the last resource, so that the next page begins after it, whatever was
//! created or deleted in between. It grants no access: each request is authorised by itself.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::{Kind, ScimError, ScimType, read_json};

/// A place among sorted resources.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// The value that the resource is sorted by; null if it has none, or the query does not sort.
    pub key: Value,
    /// Its type.
    pub kind: Kind,
    /// Its id.
    pub id: String,
}

impl Position {
    /// Returns the cursor that leads to what follows this place, in a query with that fingerprint.
    pub fn to_cursor(&self, query: u64) -> String {
        let content = json!([format!("{query:x}"), self.kind.name(), self.id, self.key]);
        URL_SAFE_NO_PAD.encode(content.to_string())
    }

    /// Parses a cursor; the empty one is the beginning.
    pub(crate) fn from_cursor(
        cursor: &str,
        query: u64,
        kinds: &[Kind],
    ) -> Result<Option<Position>, ScimError> {
        if cursor.is_empty() {
            return Ok(None);
        }
        let refused = |detail: &str| ScimError::paging(ScimType::InvalidCursor, detail);
        let content = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|content| read_json(&content).ok());
        let parts = content.as_ref().and_then(Value::as_array).map(Vec::as_slice);
        let Some([Value::String(of), Value::String(kind), Value::String(id), key]) = parts else {
            return Err(refused("the cursor was not issued by this service"));
        };
        if *of != format!("{query:x}") {
            return Err(refused("the cursor belongs to a query with another filter, order or endpoint"));
        }
        let kind = kinds.iter().find(|of| of.name() == kind);
        let kind = *kind.ok_or_else(|| refused("the cursor was not issued by this service"))?;
        Ok(Some(Position { key: key.clone(), kind, id: id.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Position;
    use crate::testing::user;

    #[test]
    fn a_cursor_reads_back_in_its_own_query_only() {
        let position = Position { key: json!("müller"), kind: user(), id: "a".into() };
        let cursor = position.to_cursor(7);
        assert!(
            cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)),
            "{cursor}"
        );
        assert_eq!(Position::from_cursor(&cursor, 7, &[user()]), Ok(Some(position)));
        assert!(Position::from_cursor(&cursor, 8, &[user()]).is_err());
        assert!(Position::from_cursor("x", 7, &[user()]).is_err());
        assert_eq!(Position::from_cursor("", 7, &[user()]), Ok(None));
    }
}
