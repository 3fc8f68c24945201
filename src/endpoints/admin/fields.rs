//! The body of a request to the administration: one JSON object, all of whose members are known. A misspelt member is
//! refused, since it would otherwise be a setting that silently has no effect.

use oauth::Scopes;
use scim::{Dialect, Instant, ScimError, read_json};
use serde_json::{Map, Value};

use crate::manage::bounds::Bounds;
use crate::manage::changes::RESIDENCIES;
use crate::manage::lines;

/// The longest address, issuer or audience, in characters.
const IDENTIFIER: usize = 1_000;

/// A body whose members are all known.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Parses a body; an empty one has no members.
    pub(super) fn read(body: &[u8], known: &[&str]) -> Result<Fields, ScimError> {
        if body.is_empty() {
            return Ok(Fields(Map::new()));
        }
        let Value::Object(members) = read_json(body)? else {
            return Err(refused("the body is not a JSON object"));
        };
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => {
                Err(refused(&format!("`{name}` is not known here; known are {}", known.join(", "))))
            }
            None => Ok(Fields(members)),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, ScimError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(refused(&format!("`{name}` is not a string"))),
        }
    }

    /// Returns a name to be shown to administrators.
    pub(super) fn name(&self, name: &str) -> Result<Option<&str>, ScimError> {
        self.text(name)?.map(|text| lines::name(name, text)).transpose()
    }

    /// Returns a text that programs compare: an address, an issuer, an audience.
    pub(super) fn identifier(&self, name: &str) -> Result<Option<String>, ScimError> {
        self.text(name)?.map(|text| lines::line(name, text, IDENTIFIER).map(str::to_string)).transpose()
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, ScimError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(refused(&format!("`{name}` is neither true nor false"))),
        }
    }

    pub(super) fn integer(&self, name: &str, bounds: Bounds) -> Result<Option<i64>, ScimError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_i64().filter(|value| bounds.hold(*value)) {
                Some(value) => Ok(Some(value)),
                None => Err(bounds.refusal(name)),
            },
        }
    }

    /// Returns a number: None if it is not named, Some(None) for the default, which is written `null`.
    pub(super) fn number(&self, name: &str, bounds: Bounds) -> Result<Option<Option<i64>>, ScimError> {
        match self.0.get(name) {
            Some(Value::Null) => Ok(Some(None)),
            _ => Ok(self.integer(name, bounds)?.map(Some)),
        }
    }

    pub(super) fn dialect(&self) -> Result<Option<Dialect>, ScimError> {
        let Some(name) = self.text("dialect")? else { return Ok(None) };
        let dialect = Dialect::from_name(name);
        dialect.map(Some).ok_or_else(|| refused("`dialect` is neither `tolerant` nor `strict`"))
    }

    /// Returns where data must stay: None if it is not named, Some(None) for anywhere, which is written `null`.
    pub(super) fn residency(&self) -> Result<Option<Option<String>>, ScimError> {
        match self.0.get("residency") {
            Some(Value::Null) => Ok(Some(None)),
            _ => match self.text("residency")? {
                Some(place) if !RESIDENCIES.contains(&place) => {
                    Err(refused(&format!("`residency` is one of {}, or null", RESIDENCIES.join(", "))))
                }
                place => Ok(place.map(|place| Some(place.to_string()))),
            },
        }
    }

    /// Returns a list of scopes.
    pub(super) fn scopes(&self) -> Result<Option<Scopes>, ScimError> {
        let Some(names) = self.texts("scopes")? else { return Ok(None) };
        Scopes::parse(names.iter().map(String::as_str)).map(Some).map_err(|reason| refused(&reason))
    }

    /// Returns a list of texts.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, ScimError> {
        let texts = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Array(texts)) => texts.iter().map(|text| text.as_str().map(str::to_string)).collect(),
            Some(_) => None,
        };
        let texts: Option<Vec<String>> = texts;
        texts.map(Some).ok_or_else(|| refused(&format!("`{name}` must be a list of texts")))
    }

    /// Returns a time in the future.
    pub(super) fn future(&self, name: &str, now: Instant) -> Result<Option<Instant>, ScimError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match Instant::parse(text).filter(|time| *time > now) {
            Some(time) => Ok(Some(time)),
            None => {
                Err(refused(&format!("`{name}` is not a time in the future, such as `2030-01-31T00:00:00Z`")))
            }
        }
    }
}

fn refused(detail: &str) -> ScimError {
    ScimError::new(400, detail)
}

#[cfg(test)]
mod tests {
    use scim::Instant;

    use super::Fields;
    use crate::manage::bounds::Bounds;

    #[test]
    fn a_member_that_is_not_known_or_of_the_wrong_kind_is_named() {
        let known = ["name", "enabled", "days", "expires"];
        let to = |most: i64| Bounds { least: 0, most };
        let refusal = Fields::read(br#"{"enabeld": true}"#, &known).err().unwrap();
        assert_eq!(refusal.detail, "`enabeld` is not known here; known are name, enabled, days, expires");
        assert_eq!(Fields::read(b"[]", &known).err().unwrap().detail, "the body is not a JSON object");
        let body = br#"{"name": "", "enabled": "yes", "days": 0.5, "expires": "1999-01-01T00:00:00Z"}"#;
        let fields = Fields::read(body, &known).unwrap();
        assert!(fields.name("name").is_err());
        assert!(fields.boolean("enabled").is_err());
        assert!(fields.integer("days", to(9)).is_err());
        assert!(fields.number("days", to(9)).is_err());
        assert!(fields.future("expires", Instant(1_000_000_000_000)).is_err());
        assert_eq!(Fields::read(b"", &known).unwrap().name("name"), Ok(None));
        for (body, scopes) in [
            (r#"{"scopes": ["scim:read"]}"#, Ok(Some("scim:read".to_string()))),
            (r#"{"scopes": null}"#, Ok(None)),
            (r#"{"scopes": "scim"}"#, Err("`scopes` must be a list of texts".to_string())),
            (r#"{"scopes": ["scim", 1]}"#, Err("`scopes` must be a list of texts".to_string())),
            (r#"{"scopes": []}"#, Err("at least one scope is needed".to_string())),
        ] {
            let read = Fields::read(body.as_bytes(), &["scopes"]).unwrap().scopes();
            let read = read
                .map(|scopes| scopes.map(|scopes| scopes.to_string()))
                .map_err(|error| error.into_detail());
            assert_eq!(read, scopes, "{body}");
        }
        let fields = Fields::read(br#"{"days": null, "name": 7}"#, &known).unwrap();
        assert_eq!(
            (fields.number("days", to(7)), fields.number("name", to(7)), fields.number("enabled", to(7))),
            (Ok(Some(None)), Ok(Some(Some(7))), Ok(None))
        );
        let refusal = fields.number("name", to(6)).err().unwrap();
        assert_eq!(refusal.detail, "`name` is not an integer from 0 to 6");
    }
}
