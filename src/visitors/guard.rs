//! Whether a form or a download comes from a page of this console, and not from another site that uses a person's cookie (CSRF).
//!
//! Two checks, so that either may fail: where the browser says that the form was sent from, and a token in the form that another site
//! cannot read.

use scim::ScimError;
use tenants::Hash;
use web_sys::Request;

use super::visitor::Visitor;
use crate::http;

/// Refuses a form that was not sent from a page of this origin.
///
/// A browser says it in `Sec-Fetch-Site`, which no page can set (W3C Fetch Metadata s2.3). `Origin` is `null` in a form of a page that has
/// the policy `no-referrer`, as those of the console have: so that header decides only where the other one is missing.
///
/// # Errors
/// 403 if the form comes from elsewhere, or the browser says neither.
pub fn check_origin(request: &Request, origin: &str) -> Result<(), ScimError> {
    let (site, sender) = (http::header(request, "Sec-Fetch-Site"), http::header(request, "Origin"));
    if is_own(site.as_deref(), sender.as_deref(), origin) {
        return Ok(());
    }
    Err(ScimError::new(403, "this form was sent from another site, so nothing was changed"))
}

/// Refuses a download that a page of another site has led to: the cookie comes along (`SameSite=Lax`), and the audit would say that the person
/// has asked for it.
///
/// # Errors
/// 403 if the browser says that another site did it.
pub fn check_download(request: &Request) -> Result<(), ScimError> {
    match http::header(request, "Sec-Fetch-Site").as_deref() {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) => Err(ScimError::new(
            403,
            "another site asked for this download: start it on the page of this console",
        )),
    }
}

/// Refuses a form that lacks the token of the visitor's pages.
///
/// # Errors
/// 403 if the token is missing or belongs to another session.
pub fn check_token(visitor: &Visitor, sent: Option<&str>) -> Result<(), ScimError> {
    // Hashes of the same length are compared: the time of it reveals nothing about the token.
    if sent.is_some_and(|sent| Hash::of(&visitor.form_token).is(&Hash::of(sent).to_hex())) {
        return Ok(());
    }
    Err(ScimError::new(
        403,
        "this form belongs to another sign-in, so nothing was changed: open the page again",
    ))
}

fn is_own(site: Option<&str>, sender: Option<&str>, origin: &str) -> bool {
    match (site, sender) {
        (Some(site), None | Some("null")) => site == "same-origin",
        (Some(site), Some(sender)) => site == "same-origin" && sender == origin,
        (None, sender) => sender == Some(origin),
    }
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn a_form_comes_from_a_page_of_the_same_origin() {
        let origin = "https://scim.example.com";
        for (site, sender, own) in [
            (Some("same-origin"), Some("null"), true),
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some(origin), true),
            (None, Some(origin), true),
            (None, None, false),
            (None, Some("null"), false),
            (None, Some("https://evil.example.com"), false),
            (None, Some("http://scim.example.com"), false),
            (Some("same-site"), Some(origin), false),
            (Some("cross-site"), None, false),
            (Some("none"), None, false),
            (Some("same-origin"), Some("https://evil.example.com"), false),
        ] {
            assert_eq!(is_own(site, sender, origin), own, "{site:?} {sender:?}");
        }
    }
}
