//! The URNs that SCIM registers (RFC 7643 s10, RFC 7644 s8) and this service uses, what a URN looks like, and which
//! of them are reserved for SCIM. `path` parses what stands after the URN of a schema.

use serde_json::Value;

/// RFC 7643 s4.1.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// RFC 7643 s4.2.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// RFC 7643 s4.3.
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// RFC 7643 s5.
pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// RFC 7643 s6.
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// RFC 7643 s7.
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// RFC 7644 s3.4.2.
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// RFC 7644 s3.4.3.
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// RFC 7644 s3.5.2.
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// RFC 7644 s3.7.
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// RFC 7644 s3.7.
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// RFC 7644 s3.12.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The namespaces of the specifications (RFC 7643 s10.3, RFC 7644 s8.3, SCIM 1.1 s4). A URN there that no schema of
/// this service declares does not exist, and is never an extension of a customer's own.
const RESERVED: [&str; 5] = [
    "urn:ietf:params:scim:schemas:core",
    "urn:ietf:params:scim:schemas:extension:enterprise",
    "urn:ietf:params:scim:api",
    "urn:scim:schemas:core",
    "urn:scim:schemas:extension:enterprise",
];

/// Returns whether the URN is in a namespace of the specifications. A namespace ends with a colon, a dot or the end of
/// the text, so `core>2.0` is in none.
pub fn is_reserved(text: &str) -> bool {
    RESERVED.iter().any(|namespace| after(text, namespace).is_some())
}

/// Returns whether the `schemas` of a body list the URN. Letter case does not count: not in `urn:ietf` (RFC 8141 s3.1),
/// and not in the rest either, as in the URN before an attribute (RFC 7644 s3.10).
pub(crate) fn lists(schemas: &[Value], urn: &str) -> bool {
    schemas.iter().filter_map(Value::as_str).any(|listed| listed.eq_ignore_ascii_case(urn))
}

/// Returns whether the text can be the URN of a schema, or begins with one.
pub(crate) fn is_urn(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
        && !text.ends_with(':')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'[' | b']' | b'(' | b')'))
}

/// Returns what follows the URN in the text, its `:` or `.` included; empty if the text is the URN itself. Letter
/// case does not count (RFC 7644 s3.10).
pub(crate) fn after<'t>(text: &'t str, urn: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(urn.len())?;
    let ends = rest.is_empty() || rest.starts_with([':', '.']);
    (ends && start.eq_ignore_ascii_case(urn)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::{USER, after, is_reserved};

    #[test]
    fn what_follows_a_urn_begins_with_a_colon_or_a_dot() {
        for (text, rest) in [
            (USER.to_uppercase(), Some("")),
            (format!("{USER}:active"), Some(":active")),
            (format!("{USER}.active"), Some(".active")),
            (format!("{USER}s"), None),
            ("urn:é".to_string(), None),
        ] {
            assert_eq!(after(&text, USER), rest, "{text}");
        }
    }

    #[test]
    fn the_namespaces_of_the_specifications_are_reserved_and_no_others() {
        for urn in [
            "urn:ietf:params:scim:schemas:core:2.0:active",
            "URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:User.active",
            "urn:ietf:params:scim:schemas:extension:enterprise:3.0:User:department",
            "urn:ietf:params:scim:api:messages:2.0:PatchOp",
            "urn:scim:schemas:core:1.0",
            "urn:scim:schemas:extension:enterprise:1.0:department",
        ] {
            assert!(is_reserved(urn), "{urn}");
        }
        for urn in [
            "urn:ietf:params:scim:schemas:extension:Contoso:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprises:2.0:User",
            "urn:ietf:params:scim:schemas:core>2.0:active",
            "urn:scim:schemas:extension:atlassian-external:1.0",
            "urn:okta:app:1.0:user:custom",
        ] {
            assert!(!is_reserved(urn), "{urn}");
        }
    }
}
