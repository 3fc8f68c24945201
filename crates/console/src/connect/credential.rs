//! Credentials, trusted issuers and set-up links: their rows on the Connect page, and the page of one, where it is rotated or revoked.

use askama::Template;

use crate::filters;
use crate::frame::Frame;
use crate::state::State;
use crate::text::encode;

const DAY: i64 = 86_400_000;

/// A Secret Token.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it may do: `scim` for everything, `scim:read`, `events`, `lookup`.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created: i64,
    /// When it expires.
    pub expires: Option<i64>,
    /// When it was last used, to a few minutes.
    pub last_used: Option<i64>,
    /// When it was revoked.
    pub revoked: Option<i64>,
}

/// An OAuth client.
#[derive(Debug, Clone)]
pub struct ClientRow {
    /// Its client identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many secrets of it are in force.
    pub secrets: i64,
    /// When the last secret expires.
    pub expires: Option<i64>,
    /// When a secret was last used.
    pub last_used: Option<i64>,
    /// When it was made.
    pub created: i64,
    /// When it was revoked.
    pub revoked: Option<i64>,
}

/// An issuer whose tokens the tenant trusts.
#[derive(Debug, Clone)]
pub struct IssuerRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What its tokens name as their issuer (`iss`): the first if it has several.
    pub issuer: String,
    /// To whom it must issue them; None if that is not demanded.
    pub subject: Option<String>,
    /// The client whose assertions they are; None if they are bearer tokens.
    pub client: Option<String>,
    /// When it was made.
    pub created: i64,
    /// When a token of it was last used, to a few minutes.
    pub last_used: Option<i64>,
    /// When it was revoked.
    pub revoked: Option<i64>,
}

/// A set-up link for the customer's administrator.
#[derive(Debug, Clone)]
pub struct LinkRow {
    /// Its id, which is not its code.
    pub id: String,
    /// For whom it was made.
    pub name: String,
    /// When it was made.
    pub created: i64,
    /// When it expires.
    pub expires: i64,
    /// When it was last redeemed.
    pub last_used: Option<i64>,
    /// When it was revoked.
    pub revoked: Option<i64>,
}

/// Returns the state of a credential by its times.
fn state(revoked: Option<i64>, expires: Option<i64>, last_used: Option<i64>, now: i64) -> State {
    match (revoked, expires) {
        (Some(_), _) => State::off("revoked"),
        (None, Some(expires)) if expires <= now => State::bad("expired"),
        (None, Some(expires)) if expires - now < 14 * DAY => State::watch("expires soon"),
        _ if last_used.is_none() => State::off("not used yet"),
        _ => State::good("in force"),
    }
}

impl TokenRow {
    /// Returns its state at that time.
    pub fn state(&self, now: i64) -> State {
        state(self.revoked, self.expires, self.last_used, now)
    }

    /// Returns what it may do, unless that is everything.
    pub(super) fn limits(&self) -> Option<String> {
        let may_do_everything = self.scopes.iter().any(|scope| scope == "scim");
        (!may_do_everything).then(|| self.scopes.join(" "))
    }

    pub(super) fn address(&self, base: &str) -> String {
        format!("{base}/connect/tokens/{}", encode(&self.id))
    }
}

impl ClientRow {
    /// Returns its state at that time.
    pub fn state(&self, now: i64) -> State {
        state(self.revoked, self.expires, self.last_used, now)
    }

    pub(super) fn address(&self, base: &str) -> String {
        format!("{base}/connect/clients/{}", encode(&self.id))
    }
}

impl IssuerRow {
    /// Returns its state at that time.
    pub fn state(&self, now: i64) -> State {
        state(self.revoked, None, self.last_used, now)
    }

    pub(super) fn address(&self, base: &str) -> String {
        format!("{base}/connect/issuers/{}", encode(&self.id))
    }
}

impl LinkRow {
    /// Returns its state at that time.
    pub fn state(&self, now: i64) -> State {
        state(self.revoked, Some(self.expires), self.last_used.or(Some(now)), now)
    }

    pub(super) fn is_in_force(&self, now: i64) -> bool {
        self.revoked.is_none() && self.expires > now
    }
}

/// The page of one credential. Its forms are sent below its own address, to `rotate` (`overlap_hours`, `expires_days`),
/// `secrets` of a client (`expires_days`), and `revoke` (`confirm`: its name).
#[derive(Template)]
#[template(path = "connect/credential.html")]
pub struct Credential {
    /// What surrounds the page.
    pub frame: Frame,
    /// Which kind it is.
    pub kind: CredentialKind,
    /// Its id.
    pub id: String,
    /// Its name, which revoking asks for.
    pub name: String,
    /// Its state.
    pub state: State,
    /// What else is known of it, each with its label: `Scopes`.
    pub facts: Vec<(String, String)>,
    /// When it was made.
    pub created: i64,
    /// When it expires.
    pub expires: Option<i64>,
    /// When it was last used.
    pub last_used: Option<i64>,
    /// Whether it can be rotated and revoked.
    pub is_in_force: bool,
    /// Why nothing was done, in words.
    pub problem: Option<String>,
}

/// Which kind of credential a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// A Secret Token.
    Token,
    /// An OAuth client.
    Client,
    /// A trusted issuer, which is neither rotated nor expires.
    Issuer,
}

impl Credential {
    fn address(&self) -> String {
        let list = match self.kind {
            CredentialKind::Token => "tokens",
            CredentialKind::Client => "clients",
            CredentialKind::Issuer => "issuers",
        };
        format!("{}/connect/{list}/{}", self.frame.base(), encode(&self.id))
    }

    fn kind(&self) -> &'static str {
        match self.kind {
            CredentialKind::Token => "A Secret Token",
            CredentialKind::Client => "An OAuth client",
            CredentialKind::Issuer => "A trusted issuer",
        }
    }

    fn is(&self, kind: CredentialKind) -> bool {
        self.kind == kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_the_gravest_that_holds() {
        let word = |revoked, expires, last_used| state(revoked, expires, last_used, 100 * DAY).word;
        assert_eq!(word(Some(1), Some(1), None), "revoked");
        assert_eq!(word(None, Some(100 * DAY), Some(1)), "expired");
        assert_eq!(word(None, Some(113 * DAY), Some(1)), "expires soon");
        assert_eq!(word(None, Some(200 * DAY), None), "not used yet");
        assert_eq!(word(None, None, Some(1)), "in force");
    }
}
