//! The name of a tenant, as its Tenant URL shows it.

use scim::ScimError;

/// The tenant at `/scim/v2`. It has no row and its token is a secret of the Worker.
pub const DEFAULT: &str = "default";

/// Names that mean something else in a URL, today or probably later, and names that a JavaScript program may take for
/// something else. A name that a tenant has cannot be taken back, so the list is generous. A tenant that has such a
/// name already keeps it.
const RESERVED: [&str; 58] = [
    "account",
    "accounts",
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "billing",
    "bulk",
    "callback",
    "cdn-cgi",
    "config",
    "console",
    "constructor",
    "dashboard",
    DEFAULT,
    "docs",
    "events",
    "favicon",
    "groups",
    "health",
    "healthz",
    "help",
    "internal",
    "jwks",
    "keys",
    "localhost",
    "login",
    "logout",
    "logs",
    "lookup",
    "me",
    "metrics",
    "new",
    "null",
    "oauth",
    "oauth2",
    "openapi",
    "prototype",
    "public",
    "robots",
    "schemas",
    "scim",
    "security",
    "settings",
    "setup",
    "sso",
    "static",
    "status",
    "support",
    "undefined",
    "users",
    "v1",
    "v2",
    "webhooks",
    "well-known",
    "www",
    "xn",
];

/// The longest name, which is that of a DNS label.
const LONGEST: usize = 63;

/// Returns whether the text is formatted as a tenant's name: lower-case letters, digits, and hyphens between them.
pub fn is_slug(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_taken = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let ends = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b'-');
    bytes.len() <= LONGEST && bytes.iter().all(is_taken) && ends(bytes.first()) && ends(bytes.last())
}

/// Refuses a name that a new tenant cannot have.
///
/// ```
/// assert!(tenants::check_new("acme").is_ok());
/// assert!(tenants::check_new("Acme").is_err());
/// ```
///
/// # Errors
/// 400 with the reason.
pub fn check_new(id: &str) -> Result<(), ScimError> {
    if !is_slug(id) {
        return Err(ScimError::new(
            400,
            format!(
                "`{id}` is not a tenant name: it takes 1 to {LONGEST} lower-case letters, digits, and hyphens between them"
            ),
        ));
    }
    // Two adjacent hyphens have a meaning in IDNA at the third and fourth place (RFC 5891 s4.2.3.1, `xn--`), and they
    // are reserved as the separator of names that consist of two, such as `acme--events`.
    if RESERVED.contains(&id) || id.contains("--") {
        return Err(ScimError::new(400, format!("the tenant name `{id}` is reserved")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, check_new, is_slug};

    #[test]
    fn a_slug_is_lower_case_letters_digits_and_inner_hyphens() {
        for good in ["a", "acme", "acme-2", "0", &"x".repeat(63)] {
            assert!(is_slug(good), "{good}");
        }
        for bad in ["", "-", "-a", "a-", "Acme", "a_b", "a.b", "a/b", "a%62", "ä", " a", &"x".repeat(64)] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    #[test]
    fn names_that_mean_something_else_are_refused() {
        for name in RESERVED {
            assert_eq!(check_new(name).unwrap_err().detail, format!("the tenant name `{name}` is reserved"));
        }
        for name in ["xn--caf-dma", "a--b", "ab--cd", "a---b", "acme--events"] {
            assert_eq!(check_new(name).unwrap_err().detail, format!("the tenant name `{name}` is reserved"));
            assert!(is_slug(name), "a tenant that has the name keeps it");
        }
        for name in [".well-known", "__proto__"] {
            assert_eq!(check_new(name).unwrap_err().status, 400);
        }
        assert!(RESERVED.is_sorted());
        assert!(check_new("Acme").unwrap_err().detail.starts_with("`Acme` is not a tenant name"));
        assert_eq!(check_new("acme"), Ok(()));
    }
}
