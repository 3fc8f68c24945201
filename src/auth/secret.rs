//! Tokens that are secrets of the Worker: `SCIM_TOKEN` opens the default tenant, `ADMIN_TOKEN` the administration.

use subtle::{Choice, ConstantTimeEq};
use worker::Env;

use super::bearer;
use crate::log;

/// Whether the token is one of those that the secret of that name holds: one, or two with white space between while
/// one replaces the other. Where the secret is not set, nobody is let in and the operator is told.
pub(super) fn opens(env: &Env, name: &str, token: &str, correlation_id: &str) -> bool {
    let secret = env.secret(name).map(|secret| secret.to_string()).unwrap_or_default();
    if secret.split_whitespace().next().is_none() {
        let message = format!("the secret {name} is not set, so every request that needs it is refused");
        log::error(&message, correlation_id);
        return false;
    }
    is_one_of(token, &secret)
}

/// Whether the request may use the administration.
pub fn is_administrator(env: &Env, authorization: Option<&str>, correlation_id: &str) -> bool {
    let token = authorization.and_then(bearer).unwrap_or_default();
    opens(env, "ADMIN_TOKEN", token, correlation_id)
}

/// Compares with every token in full, so that the time taken tells nothing of any of them but its length.
fn is_one_of(token: &str, secret: &str) -> bool {
    secret.split_whitespace().fold(Choice::from(0), |found, known| found | equal(known, token)).into()
}

fn equal(known: &str, token: &str) -> Choice {
    known.as_bytes().ct_eq(token.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::{equal, is_one_of};

    #[test]
    fn a_secret_may_hold_several_tokens_and_each_opens() {
        assert!(is_one_of("old", "old new") && is_one_of("new", " old\nnew "));
        for other in ["", "ol", "olds", "old new", "OLD"] {
            assert!(!is_one_of(other, "old new"), "{other}");
        }
    }

    /// With `==` it would take less than a hundredth of the time where the first byte differs. A tenth is told apart on
    /// any machine, and the least of many times has no disturbance in it.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "native, and the time of a comparison is what is tested")]
    fn a_comparison_takes_as_long_where_the_first_byte_differs_as_where_the_last_does() {
        let rest = "x".repeat(1 << 18);
        let known = format!("x{rest}x");
        let least = |token: String| {
            let time = |_| {
                let start = std::time::Instant::now();
                assert!(!bool::from(black_box(equal(black_box(&known), black_box(&token)))));
                start.elapsed()
            };
            (0..30).map(time).min().unwrap()
        };
        let (first, last) = (least(format!("y{rest}x")), least(format!("x{rest}y")));
        assert!(first * 10 > last, "{first:?} where the first byte differs, {last:?} where the last does");
    }
}
