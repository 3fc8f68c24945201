//! How the vendor's staff enter: variables of the Worker, in `[vars]` of wrangler.toml.

use database::Failure;
use oauth::oidc::Identity;
use tenants::console::Role;
use worker::Env;

use crate::address::Transport;
use crate::context::RequestContext;

/// Returns a variable; None if it is empty or not set.
pub(super) fn variable(env: &Env, name: &str) -> Option<String> {
    let value = env.var(name).map(|value| value.to_string()).unwrap_or_default();
    Some(value.trim().to_string()).filter(|value| !value.is_empty())
}

/// Returns an address in a variable.
///
/// # Errors
/// [`Failure::misconfigured`] if it is neither an https address nor, for a Worker that runs on this machine, one of this machine.
pub(super) fn checked(context: &RequestContext, name: &str, address: String) -> Result<String, Failure> {
    match Transport::of(&address) {
        Transport::Https => Ok(address),
        Transport::Loopback if context.is_local() => Ok(address),
        _ => Err(Failure::misconfigured(format!("the address of {name} must begin with https://"))),
    }
}

/// Returns the role that the lists give a person: `CONSOLE_ADMINS` and `CONSOLE_VIEWERS`, with commas between e-mail addresses and names of
/// groups. None if neither has that person.
pub(super) fn role_of(env: &Env, person: &Identity) -> Option<Role> {
    let is_on = |name: &str| person.is_among(&entries(&variable(env, name).unwrap_or_default()));
    if is_on("CONSOLE_ADMINS") {
        return Some(Role::Admin);
    }
    is_on("CONSOLE_VIEWERS").then_some(Role::Viewer)
}

fn entries(list: &str) -> Vec<&str> {
    list.split([',', '\n']).map(str::trim).filter(|entry| !entry.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::entries;

    #[test]
    fn entries_have_commas_between_them_and_may_have_blanks_within() {
        assert_eq!(entries(" a@b.c, Site Admins ,,\n d "), ["a@b.c", "Site Admins", "d"]);
        assert!(entries("").is_empty());
    }
}
