//! Secrets of the Worker: `SCIM_TOKEN` opens the default tenant, `ADMIN_TOKEN` the administration, `SIGNING_SECRET`
//! signs.
//!
//! They are compared before failures are counted, since an identity provider must be accepted even from an address
//! that other clients have got blocked. So only their length keeps them from being guessed.

use std::cell::RefCell;
use std::rc::Rc;

use subtle::{Choice, ConstantTimeEq};
use worker::Env;

use crate::context::RequestContext;
use crate::log;

/// The fewest characters of a secret that is accepted from any other machine: 128 bits, if they are hexadecimal.
const SHORTEST: usize = 32;

thread_local! {
    /// Secrets which this instance has reported to the operator as too short.
    static WARNED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    /// The secrets that were read, by name: those of an instance do not change.
    static READ: RefCell<Vec<(&'static str, Rc<str>)>> = const { RefCell::new(Vec::new()) };
}

/// Returns whether the token is one of those in the secret of that name: it holds one token, or two with white space
/// between them while one replaces the other. If the secret is not set, the result is false, and the log says so. A
/// token that is too short counts as not set.
pub(super) fn holds(context: &RequestContext, name: &'static str, token: &str) -> bool {
    let secret = value(&context.env, name);
    if secret.split_whitespace().next().is_none() {
        let message = format!("the secret {name} is not set, so every request that needs it is refused");
        log::error(&message, context.correlation_id());
        return false;
    }
    if !secret.split_whitespace().all(|known| is_long_enough(known, context.is_local())) && is_news(name) {
        log::error(&too_short(name), context.correlation_id());
    }
    is_one_of(token, secret.split_whitespace().filter(|known| is_long_enough(known, context.is_local())))
}

/// Returns the secret of that name; empty if it is not set.
pub(super) fn value(env: &Env, name: &'static str) -> Rc<str> {
    READ.with_borrow_mut(|read| match read.iter().find(|(known, _)| *known == name) {
        Some((_, secret)) => secret.clone(),
        None => {
            let secret = env.secret(name).map(|secret| secret.to_string()).unwrap_or_default();
            let secret: Rc<str> = secret.into();
            read.push((name, secret.clone()));
            secret
        }
    })
}

/// Returns whether a secret is too long to be guessed. On this machine any secret will do, for a trial.
pub(super) fn is_long_enough(secret: &str, is_local: bool) -> bool {
    is_local || secret.chars().count() >= SHORTEST
}

/// Returns what the log says about a secret that can be guessed.
pub(super) fn too_short(name: &str) -> String {
    format!(
        "the secret {name} holds a value of fewer than {SHORTEST} characters, which is treated as not set"
    )
}

/// Returns whether this instance has yet to report that secret.
fn is_news(name: &'static str) -> bool {
    WARNED.with_borrow_mut(|warned| {
        let is_news = !warned.contains(&name);
        if is_news {
            warned.push(name);
        }
        is_news
    })
}

/// Compares with every token in full, so that the time reveals nothing about any of them but its length.
fn is_one_of<'s>(token: &str, secrets: impl Iterator<Item = &'s str>) -> bool {
    secrets.fold(Choice::from(0), |found, known| found | equal(known, token)).into()
}

fn equal(known: &str, token: &str) -> Choice {
    known.as_bytes().ct_eq(token.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::{equal, is_long_enough, is_one_of};

    #[test]
    fn a_secret_may_hold_several_tokens_and_each_opens() {
        let is_one_of = |token: &str, secret: &str| is_one_of(token, secret.split_whitespace());
        assert!(is_one_of("old", "old new") && is_one_of("new", " old\nnew "));
        for other in ["", "ol", "olds", "old new", "OLD"] {
            assert!(!is_one_of(other, "old new"), "{other}");
        }
    }

    #[test]
    fn a_secret_has_32_characters_but_on_this_machine() {
        let (short, long) = ("x".repeat(31), "\u{e4}".repeat(32));
        assert!(
            !is_long_enough(&short, false) && is_long_enough(&long, false) && is_long_enough(&short, true)
        );
    }

    /// With `==`, a difference in the first byte would take less than a hundredth of the time. A tenth is measurable
    /// on any machine, and the least of many measurements is free of disturbance.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "native, and the time of a comparison is what is tested")]
    fn a_comparison_takes_as_long_if_the_first_byte_differs_as_if_the_last_does() {
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
