//! The address of a client, as rate limits count it.

use web_sys::Headers;

/// The header into which Cloudflare puts the address, whatever the client has sent there. Without it, as in requests
/// from another Worker of the account, all clients count as one.
const HEADER: &str = "CF-Connecting-IP";

/// Groups of an IPv6 address that name a subnet, /64: a client with one address there has 2^64 of them.
const SUBNET: usize = 4;
/// Groups that name a site, /48: what providers and tunnel brokers assign as a whole (RFC 6177), 65,536 subnets.
const SITE: usize = 3;

/// The address that a request comes from.
#[derive(Debug, Clone)]
pub struct ClientAddress {
    /// An IPv4 address, or the /64 of an IPv6 address.
    pub address: String,
    /// The same IPv4 address, or the /48 of an IPv6 address.
    pub site: String,
}

impl ClientAddress {
    /// Reads it from the headers of a request.
    pub fn of(headers: &Headers) -> ClientAddress {
        let address = headers.get(HEADER).ok().flatten().unwrap_or_default();
        ClientAddress { address: network(&address, SUBNET), site: network(&address, SITE) }
    }
}

/// Returns an IPv4 address, or the first groups of an IPv6 address (RFC 5952).
fn network(address: &str, most: usize) -> String {
    if !address.contains(':') {
        return address.to_string();
    }
    let groups = |text: &str| text.matches(':').count() + 1;
    let (head, tail) = address.split_once("::").unwrap_or((address, ""));
    let left_out = 8_usize.saturating_sub(groups(head) + groups(tail));
    let all = head.split(':').chain(std::iter::repeat_n("0", left_out)).chain(tail.split(':'));
    all.take(most).flat_map(|group| [group, ":"]).collect()
}

#[cfg(test)]
mod tests {
    use super::{SITE, SUBNET, network};

    #[test]
    fn an_ipv6_address_is_counted_with_all_of_its_network() {
        for (address, counted) in [
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:"),
            ("2001:db8:1:2::", "2001:db8:1:2:"),
            ("2001:db8:1::6", "2001:db8:1:0:"),
            ("2001:db8::6", "2001:db8:0:0:"),
            ("2001::2:3:4:5:6", "2001:0:0:2:"),
            ("::1", ":0:0:0:"),
            ("", ""),
        ] {
            assert_eq!(network(address, SUBNET), counted, "{address}");
        }
        assert_eq!(network("2001:db8:1:2:3:4:5:6", SITE), network("2001:db8:1::", SITE));
        assert_ne!(network("2001:db8:1::", SITE), network("2001:db8:2::", SITE));
        assert_eq!(network("192.0.2.1", SITE), "192.0.2.1");
    }
}
