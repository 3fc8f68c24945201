//! The client of a request, once it is authenticated.

use database::Failure;
use oauth::Scopes;
use scim::Dialect;
use worker::Env;

use crate::settings;

/// On whose behalf a request is executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The tenant whose directory it may use.
    pub tenant: String,
    /// What it was authenticated by: the id of a token, of a client's secret or of a trusted issuer, or the name of a secret of
    /// the Worker.
    pub credential: String,
    /// What it may do.
    pub scopes: Scopes,
    /// How the tenant's client is read; None for the default tenant, which has that in a variable of the Worker.
    pub(super) dialect: Option<Dialect>,
}

impl Principal {
    /// Returns how the tenant's client is read.
    ///
    /// # Errors
    /// [`Failure::Misconfigured`] if the variable is misspelt.
    pub fn dialect(&self, env: &Env) -> Result<Dialect, Failure> {
        self.dialect.map_or_else(|| settings::dialect(env).map_err(Failure::Misconfigured), Ok)
    }
}
