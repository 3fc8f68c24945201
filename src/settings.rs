//! What the operator has set: variables of the Worker, in `[vars]` of wrangler.toml.

use scim::Dialect;
use worker::Env;

/// `DIALECT`: `tolerant`, which is the default, or `strict`.
///
/// # Errors
/// Where it is neither. A misspelt `strict` must not turn into tolerance, nor the other way round.
pub fn dialect(env: &Env) -> Result<Dialect, String> {
    let value = env.var("DIALECT").map(|value| value.to_string()).unwrap_or_default();
    match value.trim() {
        "" | "tolerant" => Ok(Dialect::Tolerant),
        "strict" => Ok(Dialect::Strict),
        other => Err(format!("the variable DIALECT is neither `tolerant` nor `strict`: `{other}`")),
    }
}
