//! The authenticated client of a request.

use database::Failure;
use oauth::Scopes;
use scim::Dialect;
use tenants::{DEFAULT, Grant};
use worker::Env;

use crate::settings;

/// The tenant and the credential on whose behalf a request is executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The tenant whose directory it may use.
    pub tenant: String,
    /// How the requests of the tenant's client are read.
    pub dialect: Dialect,
    /// What it authenticated with: the id of a token, of a client's secret or of a trusted issuer, or the name of a
    /// secret of the Worker.
    pub credential: String,
    /// What it may do.
    pub scopes: Scopes,
}

impl Principal {
    /// Returns who has the credential that grants this. The dialect of `default`, which has no row, is a variable of the Worker.
    ///
    /// # Errors
    /// [`Failure::misconfigured`] if the variable is misspelt.
    pub fn of(grant: Grant, env: &Env) -> Result<Principal, Failure> {
        let Grant { tenant, dialect, token: credential, scopes, .. } = grant;
        let dialect = match tenant == DEFAULT {
            true => settings::dialect(env).map_err(Failure::misconfigured)?,
            false => dialect,
        };
        Ok(Principal { tenant, dialect, credential, scopes })
    }
}
