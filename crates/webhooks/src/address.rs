//! Which addresses a webhook may have. The Worker fetches what an administrator names, so an address must not lead to the
//! machine that it runs on, to its network, or back to itself.
//!
//! A name may still resolve to an address of a private network; Cloudflare's fetch does not reach one.

/// Who sends webhooks.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'c> {
    /// The host by which the service itself is reached, with or without a port.
    pub host: &'c str,
    /// Whether it runs on the administrator's own machine: then so may the receiver.
    pub is_local: bool,
}

/// The longest address that is taken.
const LONGEST: usize = 2_000;

/// The refusal of the service's own address: each delivery would be a request to itself.
const OWN: &str = "the address must not be this service itself";

/// Refuses an address that a webhook may not have.
///
/// ```
/// let caller = webhooks::Caller { host: "scim.example.com", is_local: false };
/// assert!(webhooks::check_address("https://app.example.com/hooks?of=acme", caller).is_ok());
/// assert!(webhooks::check_address("https://10.0.0.1/hooks", caller).is_err());
/// ```
///
/// # Errors
/// A sentence that says what is wrong.
pub fn check_address(address: &str, caller: Caller<'_>) -> Result<(), String> {
    if address.len() > LONGEST
        || !address.bytes().all(|byte| byte.is_ascii_graphic())
        || address.contains('\\')
    {
        return Err(format!(
            "the address must be a URL of at most {LONGEST} ASCII characters without blanks"
        ));
    }
    let (scheme, rest) = address.split_once("://").ok_or("the address must begin with `https://`")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("the address must not have a user name or a password in it".to_string());
    }
    let host = host(authority).ok_or("the address must have a host, and a port that is a number")?;
    let is_loopback = host == "localhost" || host == "127.0.0.1" || host == "[::1]";
    if caller.is_local && is_loopback && matches!(scheme, "http" | "https") {
        let default = if scheme == "http" { 80 } else { 443 };
        return match port(authority).unwrap_or(default) == port(caller.host).unwrap_or(80) {
            true => Err(OWN.to_string()),
            false => Ok(()),
        };
    }
    if scheme != "https" {
        return Err("the address must begin with `https://`".to_string());
    }
    if is_loopback || is_address(&host) || !host.contains('.') || has_local_name(&host) {
        return Err("the host must be a public name, and not the address of a machine".to_string());
    }
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
        return Err(
            "the host must be a name in ASCII; write an international one in its `xn--` form".to_string()
        );
    }
    let own = self::host(caller.host).unwrap_or_default();
    if host == own {
        return Err(OWN.to_string());
    }
    Ok(())
}

/// Returns the host of an address that [`check_address`] has taken. What follows it may be a secret.
///
/// ```
/// assert_eq!(webhooks::host_of("https://App.example.com:8443/hooks/secret?key=secret"), "app.example.com");
/// ```
pub fn host_of(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    host(rest.split(['/', '?', '#']).next().unwrap_or_default()).unwrap_or_default()
}

/// Returns the host of an authority in lower case, without its port and without dots at its end.
fn host(authority: &str) -> Option<String> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, "443"),
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    (!host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)).then_some(host)
}

/// Returns the port of an authority, if it names one.
fn port(authority: &str) -> Option<u16> {
    let (_, port) = authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'))?;
    port.parse().ok()
}

/// Returns whether a host is an IP address in any notation that URL parsers take: `127.1`, `2130706433`, `0x7f.1`, `[::1]`. The
/// URL Standard takes a host for an IPv4 address if its last label is a number.
fn is_address(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_hexadecimal =
        last.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    host.starts_with('[') || is_hexadecimal || last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether a name is never one of the public internet (RFC 6761, RFC 6762, RFC 8375).
fn has_local_name(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    ["localhost", "local", "internal", "test", "invalid", "onion"].contains(&last)
        || host.ends_with(".home.arpa")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Caller, check_address};

    const OURS: Caller<'_> = Caller { host: "scim.example.com", is_local: false };
    const LOCAL: Caller<'_> = Caller { host: "127.0.0.1:8787", is_local: true };

    #[test]
    fn public_names_by_https_are_taken() {
        for address in [
            "https://app.example.com",
            "https://app.example.com:8443/hooks/scim?tenant=acme#x",
            "https://APP.example.com./",
            "https://xn--bcher-kva.example/",
            "https://a_b.example.com/",
            "https://scim.example.com.evil.example/",
            "https://1.example.com/",
        ] {
            assert_eq!(check_address(address, OURS), Ok(()), "{address}");
        }
    }

    #[test]
    fn what_leads_to_a_machine_a_network_or_back_is_refused() {
        for address in [
            "",
            "app.example.com",
            "http://app.example.com",
            "ftp://app.example.com",
            "https://",
            "https:///x",
            "https://:443/",
            "https://app.example.com:0/",
            "https://app.example.com:x/",
            "https://app.example.com:99999/",
            "https://user:pass@app.example.com/",
            "https://app.example.com@10.0.0.1/",
            "https://app example.com/",
            "https://app.example.com\\@10.0.0.1/",
            "https://localhost/",
            "https://localhost.:1/",
            "https://a.localhost/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://10.0.0.1./",
            "https://169.254.169.254/latest",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]:1/",
            "https://intranet/",
            "https://printer.local/",
            "https://db.internal/",
            "https://nas.home.arpa/",
            "https://b\u{fc}cher.example/",
            "https://a.example%2f/",
            "https://scim.example.com/",
            "https://SCIM.example.com.:443/acme/scim/v2",
            "https://1.0x/",
        ] {
            assert!(check_address(address, OURS).is_err(), "{address}");
        }
    }

    #[test]
    fn a_local_worker_may_send_to_its_own_machine() {
        for address in ["http://127.0.0.1:9000/", "http://localhost:9000/", "http://[::1]:9000/x"] {
            assert_eq!(check_address(address, LOCAL), Ok(()));
            assert!(check_address(address, OURS).is_err());
        }
        for address in [
            "http://192.168.0.1/",
            "http://app.example.com/",
            "http://127.0.0.2/",
            "http://localhost@10.0.0.1/",
            "http://127.0.0.1:8787/scim/v2",
            "http://localhost:8787/",
            "http://LOCALHOST.:8787/",
            "https://[::1]:8787/",
        ] {
            assert!(check_address(address, LOCAL).is_err(), "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd_to_be_judged(address in "(https?://)?(\\PC|[a-z.:@/\\[\\]0-9]){0,30}") {
            let _ = check_address(&address, OURS);
        }
    }
}
