//! URNs that no schema declares. Such a text is the URN of an extension, or that of an extension with an attribute
//! after it: `urn:okta:app:1.0:user:custom` may be either, since a URN has colons and dots of its own (RFC 8141).
//!
//! What a resource holds decides between the two. If it holds neither, the value decides: an extension is an object
//! (RFC 7643 s3.3). So the same text means the same in POST and in PATCH. `patch` says what a PATCH does with the
//! values.

use serde_json::{Map, Value};

use crate::{Dialect, Kind, dialect};

/// A URN that no schema declares, with or without an attribute after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undeclared {
    pub text: String,
    /// Whether its last part is the resource type's name, as in the URNs that RFC 7643 and Entra give extensions.
    ends_in_type: bool,
}

/// Where such a text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// As the `path` of an operation.
    Path,
    /// As a key beside other attributes. There an object is an extension, whatever else is there (RFC 7643 s3.3).
    Key,
}

/// What such a text names in a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named<'u> {
    /// The whole of the extension.
    Extension(&'u str),
    /// An attribute of the extension, or a sub-attribute of it.
    Attribute { urn: &'u str, name: &'u str, sub: Option<&'u str> },
}

impl Undeclared {
    pub(crate) fn new(text: &str, kind: Kind) -> Undeclared {
        let last = text.rsplit(':').next().unwrap_or_default();
        Undeclared { text: text.to_string(), ends_in_type: last.eq_ignore_ascii_case(kind.name()) }
    }

    /// Returns the attribute if nothing but the text is known: `URN ":" name ["." sub]` (RFC 7644 s3.10).
    pub(crate) fn attribute(&self) -> Option<(&str, &str, Option<&str>)> {
        let (urn, rest) = self.text.rsplit_once(':').filter(|_| !self.ends_in_type)?;
        let (name, sub) = crate::attr_name::names(rest, &['.'])?;
        crate::urn::is_urn(urn).then_some((urn, name, sub))
    }

    /// Returns everything that the text may name, the longest URN first.
    pub(crate) fn readings(&self, dialect: Dialect) -> impl Iterator<Item = Named<'_>> {
        let text = self.text.as_str();
        let attributes = text.rmatch_indices([':', '.']).take(2).filter_map(move |(at, _)| {
            let (urn, rest) = text.split_at_checked(at)?;
            let (name, sub) = dialect::after_urn(rest, dialect).filter(|_| crate::urn::is_urn(urn))?;
            Some(Named::Attribute { urn, name, sub })
        });
        std::iter::once(Named::Extension(text)).chain(attributes)
    }

    /// Returns what the text names in a resource: of the extensions that the resource holds, the one with the longest
    /// URN decides. None if it holds none of them.
    pub(crate) fn held(&self, resource: &Map<String, Value>, dialect: Dialect) -> Option<Named<'_>> {
        let holds = |urn: &str| {
            let is_held =
                |(key, value): (&String, &Value)| key.eq_ignore_ascii_case(urn) && value.is_object();
            resource.iter().any(is_held)
        };
        self.readings(dialect).find(|named| match named {
            Named::Extension(urn) | Named::Attribute { urn, .. } => holds(urn),
        })
    }

    /// Returns where a value is to be stored.
    pub(crate) fn place(
        &self,
        resource: &Map<String, Value>,
        value: &Value,
        written: Written,
        dialect: Dialect,
    ) -> Named<'_> {
        if written == Written::Key && value.is_object() {
            return Named::Extension(&self.text);
        }
        let by_value = || match self.attribute() {
            Some((urn, name, sub)) if !dialect::unwrapped_is_object(value, dialect) => {
                Named::Attribute { urn, name, sub }
            }
            _ => Named::Extension(&self.text),
        };
        self.held(resource, dialect).unwrap_or_else(by_value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Named, Undeclared, Written};
    use crate::Dialect;

    #[track_caller]
    fn names(text: &str, resource: Value, value: Value, expected: &str) {
        let path = Undeclared::new(text, crate::testing::user());
        let resource = resource.as_object().unwrap();
        let found = match path.place(resource, &value, Written::Path, Dialect::TOLERANT) {
            Named::Extension(urn) => urn.to_string(),
            Named::Attribute { urn, name, sub } => format!("{urn} {name} {}", sub.unwrap_or_default()),
        };
        assert_eq!(found.trim_end(), expected);
        let as_key = path.place(resource, &value, Written::Key, Dialect::TOLERANT);
        assert!(!value.is_object() || as_key == Named::Extension(text));
    }

    #[test]
    fn the_value_tells_an_extension_from_an_attribute() {
        for urn in ["urn:okta:app:1.0:user:custom", "urn:x:2.0:User", "urn:x:2.0", "urn:x:a.b"] {
            names(urn, json!({}), json!({"a": 1}), urn);
            names(urn, json!({}), json!([{"a": 1}]), urn);
        }
        names("urn:x:1.0:user:custom", json!({}), json!("v"), "urn:x:1.0:user custom");
        names("urn:x:1.0:user:custom.sub", json!({}), json!(["v"]), "urn:x:1.0:user custom sub");
        names("urn:x:2.0:User", json!({}), json!("v"), "urn:x:2.0:User");
    }

    #[test]
    fn what_the_resource_holds_comes_before_the_value() {
        let held = json!({"URN:A:B:1.0": {"c": 1}, "urn:a:b:1.0:c": {"d": 1}});
        names("urn:a:b:1.0:c", held.clone(), json!("v"), "urn:a:b:1.0:c");
        names("urn:a:b:1.0:c:d", held.clone(), json!({}), "urn:a:b:1.0:c d");
        names("urn:a:b:1.0:c.d", held.clone(), json!({}), "urn:a:b:1.0:c d");
        names("urn:a:b:1.0:e.d", held.clone(), json!({}), "urn:a:b:1.0 e d");
        names("urn:a:b:1.0.e:d", held, json!("v"), "urn:a:b:1.0 e d");
    }
}
