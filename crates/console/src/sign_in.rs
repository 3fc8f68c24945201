//! The pages before a sign-in: the ways in, and the button by which a link is redeemed.

use askama::Template;

use crate::filters;
use crate::frame::Frame;

/// The page that an unauthenticated person gets: which ways in there are.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// What surrounds the page.
    pub frame: Frame,
    /// Why the last attempt failed, in words.
    pub problem: Option<String>,
    /// The address of the sign-in at the vendor's identity provider, if one is configured.
    pub oidc: Option<String>,
}

/// The page of a one-time link or a set-up link: nothing happens until its button is pressed, since mail scanners
/// open links too.
#[derive(Template)]
#[template(path = "redeem.html")]
pub struct Redeem {
    /// What surrounds the page.
    pub frame: Frame,
    /// The name of the tenant that a set-up link opens; `None` for the vendor's staff.
    pub tenant: Option<String>,
    /// Where the form is sent.
    pub action: String,
    /// The code of the link.
    pub code: String,
}
