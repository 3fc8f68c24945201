//! What a refusal means: the code that Entra shows for it, why it happens, and what the administrator can do.
//!
//! The codes are those of Microsoft's provisioning logs; docs/ENTRA.md explains those that an administrator of Entra meets.

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// What the administrator sees in Entra's provisioning log.
    pub entra_code: &'static str,
    /// Why such a request is refused.
    pub why: &'static str,
    /// What to do about it.
    pub what_to_do: &'static str,
}

/// Returns what a refusal means. `operation` is the method and the kind of path: `GET /Users`.
pub fn advice(status: u16, scim_type: Option<&str>, operation: &str) -> Advice {
    match (status, scim_type) {
        (400, scim_type) => of_value(scim_type.unwrap_or_default()),
        (401 | 403, _) => of_credential(status),
        (404, _) => of_missing(operation),
        (409 | 412, _) => of_conflict(status),
        (405 | 413 | 415 | 422 | 501, _) => of_form(status),
        (429, _) => new(
            "TooManyRequests",
            "More requests came than the limit for this tenant or this address allows.",
            "Nothing: Entra tries again by itself. If it lasts, the vendor raises the limit.",
        ),
        _ => new(
            "InternalServerError, or Timeout",
            "The service could not do it: its database did not answer, or is full.",
            "Nothing: Entra tries again in the next cycle. If it lasts, give the vendor the number of the request.",
        ),
    }
}

fn of_value(scim_type: &str) -> Advice {
    let (why, what_to_do) = match scim_type {
        "tooMany" => (
            "The tenant is at a quota, or the request holds more than a limit allows.",
            "The vendor raises the quota under Settings. Entra then tries these objects again by itself and goes on with the others meanwhile.",
        ),
        "invalidFilter" => (
            "The filter asks for something that is not an attribute of SCIM. Entra makes it from the matching attribute.",
            "Mappings: match people by userName and groups by displayName.",
        ),
        "invalidPath" => (
            "The request changes an attribute that does not exist; its name in the mapping is probably misspelt.",
            "Mappings: correct the target attribute, for example name.giveName to name.givenName. Entra’s provisioning log names it: what a client sent is not kept here.",
        ),
        "invalidValue" => (
            "A value has the wrong type, a required value is missing, two values are primary, or a member is not here.",
            "Mappings: correct the attribute that the detail names. If it is a member, provision that person first.",
        ),
        "mutability" => (
            "The request changes an attribute that is read-only, or takes away one that is required.",
            "Mappings: delete the mapping of that attribute, or give it a value for everyone.",
        ),
        "noTarget" => (
            "The path of a change chooses no value, or cannot be followed.",
            "Mappings: compare the target attribute with the table under Connect, quotation marks and all.",
        ),
        "invalidVers" => (
            "The Tenant URL names another version of SCIM.",
            "Admin Credentials: end the Tenant URL with /scim/v2.",
        ),
        "invalidSyntax" => (
            "The request cannot be read: it is not JSON, or not a message of SCIM.",
            "Mappings: restore the defaults, and try one person by Provision on demand.",
        ),
        _ => (
            "The request, or a value in it, is not what SCIM allows there.",
            "Mappings: correct the attribute that the detail names, and try one person by Provision on demand.",
        ),
    };
    new("ServiceIncompatible", why, what_to_do)
}

fn of_credential(status: u16) -> Advice {
    if status == 403 {
        return new(
            "Quarantine: the credentials may not do this",
            "The token may only read, or the request came by http.",
            "Enter a token that may write, and a Tenant URL that begins with https. Then press Test Connection.",
        );
    }
    new(
        "Quarantine: the credentials are invalid",
        "The token is not one of this tenant, or it was revoked, or has expired; or the tenant is suspended.",
        "Make a token under Connect, enter it under Admin Credentials, press Test Connection, then Restart provisioning.",
    )
}

fn of_missing(operation: &str) -> Advice {
    let is_of_one = operation.contains("{id}") || !operation.starts_with("GET ");
    if is_of_one {
        return new(
            "InvalidAnchor",
            "The person or group was deleted here, by other means than this client.",
            "Nothing: Entra looks for it again by its matching attribute, and creates it anew.",
        );
    }
    new(
        "Quarantine: SCIM compliance",
        "There is nothing at this address; the Tenant URL is probably not the whole one.",
        "Admin Credentials: compare the Tenant URL with the one under Connect, press Test Connection, then Restart provisioning.",
    )
}

fn of_conflict(status: u16) -> Advice {
    if status == 412 {
        return new(
            "none: Entra sends no versions",
            "The object has changed since the client read it.",
            "The client reads it again and repeats the change.",
        );
    }
    new(
        "Conflict",
        "Another person has this userName, or another group this displayName, in some letter case.",
        "Rename or delete one of them. If both are the same person, match by this attribute, so that Entra links the one that is here.",
    )
}

fn of_form(status: u16) -> Advice {
    let (code, why) = match status {
        422 => ("UnprocessableEntity", "The request is well formed, and cannot be done."),
        501 => (
            "NotImplemented",
            "The service does not offer this operation; ServiceProviderConfig says what it offers.",
        ),
        413 => ("ServiceIncompatible", "The request is larger than the service takes."),
        _ => ("ServiceIncompatible", "The method or the media type is not one that SCIM has here."),
    };
    new(code, why, "Entra sends no such request by itself: look at which client it was, and at its version.")
}

const fn new(entra_code: &'static str, why: &'static str, what_to_do: &'static str) -> Advice {
    Advice { entra_code, why, what_to_do }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_that_entra_shows() {
        let code = |status, scim_type, operation| advice(status, scim_type, operation).entra_code;
        assert_eq!(code(400, Some("invalidPath"), "PATCH /Users/{id}"), "ServiceIncompatible");
        assert_eq!(code(409, Some("uniqueness"), "POST /Users"), "Conflict");
        assert_eq!(code(404, None, "GET /Users/{id}"), "InvalidAnchor");
        assert_eq!(code(404, None, "PATCH /Groups/{id}"), "InvalidAnchor");
        assert_eq!(code(404, None, "GET /Users"), "Quarantine: SCIM compliance");
        assert!(code(401, None, "unauthenticated").starts_with("Quarantine"));
        assert_eq!(code(429, None, "GET /Users"), "TooManyRequests");
        assert_eq!(code(503, None, "GET /Users"), "InternalServerError, or Timeout");
        assert_eq!(code(501, None, "POST /Bulk"), "NotImplemented");
    }

    #[test]
    fn each_type_of_scim_has_advice_of_its_own() {
        let types = [
            "tooMany",
            "invalidFilter",
            "invalidPath",
            "invalidValue",
            "mutability",
            "noTarget",
            "invalidVers",
        ];
        let other = advice(400, None, "POST /Users");
        for scim_type in types {
            assert_ne!(advice(400, Some(scim_type), "POST /Users"), other, "{scim_type}");
        }
    }
}
