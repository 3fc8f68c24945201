//! What the operator has configured: variables of the Worker, in `[vars]` of wrangler.toml.

use scim::Dialect;
use worker::Env;

/// The largest size of a database that D1 allows on a paid plan (developers.cloudflare.com/d1/platform/limits).
pub const DATABASE_BYTES: u64 = 10_000_000_000;

/// Returns the dialect of the variable `DIALECT`: `tolerant`, which is the default, or `strict`.
///
/// # Errors
/// If it is neither. A misspelt `strict` must not become `tolerant`, nor the other way round.
pub fn dialect(env: &Env) -> Result<Dialect, String> {
    let value = env.var("DIALECT").map(|value| value.to_string()).unwrap_or_default();
    match value.trim() {
        "" => Ok(Dialect::default()),
        name => Dialect::from_name(name)
            .ok_or_else(|| format!("the variable DIALECT is neither `tolerant` nor `strict`: `{name}`")),
    }
}

/// Returns whether the variable `SECURITY_EVENTS` is `on`; it is `off` by default.
///
/// # Errors
/// If it is neither.
pub fn has_security_events(env: &Env) -> Result<bool, String> {
    let value = env.var("SECURITY_EVENTS").map(|value| value.to_string()).unwrap_or_default();
    match value.trim() {
        "" | "off" => Ok(false),
        "on" => Ok(true),
        value => Err(format!("the variable SECURITY_EVENTS is neither `on` nor `off`: `{value}`")),
    }
}

/// Returns the variable `DATABASE_BYTES`: the largest size that the database may have. The default is what D1 allows
/// on a paid plan, since D1 does not tell it.
///
/// # Errors
/// If it is not a number.
pub fn database_bytes(env: &Env) -> Result<u64, String> {
    let value = env.var("DATABASE_BYTES").map(|value| value.to_string()).unwrap_or_default();
    match value.trim() {
        "" => Ok(DATABASE_BYTES),
        value => value.parse().map_err(|_| format!("the variable DATABASE_BYTES is not a number: `{value}`")),
    }
}
