//! The authenticated client of a request.

use database::Failure;
use oauth::Scopes;
use scim::Dialect;
use worker::Env;

use crate::settings;

/// The tenant and the credential on whose behalf a request is executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The tenant whose directory it may use.
    pub tenant: String,
    /// What it authenticated with: the id of a token, of a client's secret or of a trusted issuer, or the name of a
    /// secret of the Worker.
    pub credential: String,
    /// What it may do.
    pub scopes: Scopes,
    /// How the requests of the tenant's client are read; None for the default tenant, for which a variable of the
    /// Worker says it.
    pub(super) dialect: Option<Dialect>,
}

impl Principal {
    /// Returns how the requests of the tenant's client are read.
    ///
    /// # Errors
    /// [`Failure::Misconfigured`] if the variable is misspelt.
    pub fn dialect(&self, env: &Env) -> Result<Dialect, Failure> {
        self.dialect.map_or_else(|| settings::dialect(env).map_err(Failure::Misconfigured), Ok)
    }
}
