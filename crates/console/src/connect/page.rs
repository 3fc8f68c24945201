//! The Connect page itself.

use askama::Template;

use super::credential::{ClientRow, IssuerRow, LinkRow, TokenRow};
use super::idp::Idp;
use super::made::Made;
use super::script::{Job, azure_cli, powershell};
use super::ticks::Ticks;
use crate::filters;
use crate::frame::Frame;

/// The page that connects an identity provider. Its forms are sent below `connect`: to `tokens` (`name`, `expires_days`,
/// `scope`), `clients` (`name`, `expires_days`), `links` (`name`), and `links/<id>/revoke`, each with the `idp` that
/// is shown.
#[derive(Template)]
#[template(path = "connect/page.html")]
pub struct Connect {
    /// What surrounds the page.
    pub frame: Frame,
    /// The identity provider whose steps are shown.
    pub idp: Idp,
    /// Whether this is the tenant `default`, whose Secret Token is configured at the Worker.
    pub is_default: bool,
    /// The Tenant URL.
    pub tenant_url: String,
    /// The name that the application gets in Entra.
    pub application: String,
    /// How far the connection is.
    pub ticks: Ticks,
    /// The Secret Tokens.
    pub tokens: Vec<TokenRow>,
    /// How many others there are, revoked or older: a page has room for 20.
    pub more_tokens: i64,
    /// The OAuth clients.
    pub clients: Vec<ClientRow>,
    /// Whether OAuth is switched on at the Worker.
    pub has_oauth: bool,
    /// The issuers whose tokens are trusted.
    pub issuers: Vec<IssuerRow>,
    /// The set-up links; only the vendor's staff see them.
    pub links: Vec<LinkRow>,
    /// What was just made.
    pub made: Option<Made>,
    /// Why nothing was made, in words.
    pub problem: Option<String>,
}

impl Connect {
    fn job(&self) -> Job<'_> {
        let token = self.made.as_ref().and_then(Made::token);
        Job { application: &self.application, tenant_url: &self.tenant_url, token }
    }

    fn powershell(&self) -> String {
        powershell(&self.job())
    }

    fn azure_cli(&self) -> String {
        azure_cli(&self.job())
    }

    /// Returns whether a script holds the token that was just made; otherwise it asks for one.
    fn has_token(&self) -> bool {
        self.job().token.is_some()
    }
}

/// What a token may do, by its scope.
const SCOPES: [(&str, &str); 4] = [
    ("scim", "everything"),
    ("scim:read", "read people and groups"),
    ("events", "follow events"),
    ("lookup", "look people up"),
];

/// Microsoft's default mappings, and what they become here: of users, and of groups.
const MAPPINGS: [(&str, &str); 12] = [
    ("userPrincipalName", "userName"),
    ("Switch([IsSoftDeleted], …)", "active"),
    ("displayName", "displayName"),
    ("jobTitle", "title"),
    ("givenName, surname", "name.givenName, name.familyName"),
    ("mail", "emails[type eq \"work\"].value"),
    ("telephoneNumber, mobile", "phoneNumbers[type eq \"work\"].value, …\"mobile\"…"),
    ("streetAddress, postalCode", "addresses[type eq \"work\"].streetAddress, .postalCode"),
    ("mailNickname", "externalId"),
    ("employeeId, department, manager", "…enterprise:2.0:User:employeeNumber, :department, :manager"),
    ("group: displayName, objectId", "displayName, externalId"),
    ("group: members", "members"),
];
