//! The name of a tenant, as its Tenant URL shows it.

use scim::ScimError;

/// The tenant at `/scim/v2`. It has no row and its token is a secret of the Worker.
pub const DEFAULT: &str = "default";

/// Names that mean something else in a URL, today or likely tomorrow.
const RESERVED: [&str; 22] = [
    DEFAULT, "admin", "api", "app", "assets", "auth", "cdn-cgi", "docs", "health", "healthz", "jwks",
    "login", "logs", "metrics", "oauth", "oauth2", "scim", "static", "status", "v1", "v2", "www",
];

/// The longest name; that of a DNS label.
const LONGEST: usize = 63;

/// Whether the text has the form of a tenant's name: lower-case letters, digits, and hyphens between them.
pub fn is_slug(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_taken = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let ends = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b'-');
    bytes.len() <= LONGEST && bytes.iter().all(is_taken) && ends(bytes.first()) && ends(bytes.last())
}

/// Refuses a name that no tenant can have.
///
/// # Errors
/// 400, with the reason.
pub fn check_new(id: &str) -> Result<(), ScimError> {
    if !is_slug(id) {
        return Err(ScimError::new(
            400,
            format!(
                "`{id}` is no tenant name: it takes 1 to {LONGEST} lower-case letters, digits, and hyphens between them"
            ),
        ));
    }
    if RESERVED.contains(&id) {
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
        assert!(check_new("Acme").unwrap_err().detail.starts_with("`Acme` is no tenant name"));
        assert_eq!(check_new("acme"), Ok(()));
    }
}
