//! What the failures of a client are counted by: the address that it comes from.

use worker::Request;

use crate::http;

/// The header that Cloudflare puts the address into, whatever the client has sent there. Without it, as from another
/// Worker of the account, all are one client.
const HEADER: &str = "CF-Connecting-IP";

/// The client that a request comes from.
pub fn client(request: &Request) -> String {
    network(&http::header(request, HEADER).unwrap_or_default())
}

/// An IPv4 address, or the first four groups of an IPv6 address (RFC 5952): whoever has one there has 2^64 of them.
fn network(address: &str) -> String {
    if !address.contains(':') {
        return address.to_string();
    }
    let groups = |text: &str| text.matches(':').count() + 1;
    let (head, tail) = address.split_once("::").unwrap_or((address, ""));
    let left_out = 8_usize.saturating_sub(groups(head) + groups(tail));
    let all = head.split(':').chain(std::iter::repeat_n("0", left_out)).chain(tail.split(':'));
    all.take(4).flat_map(|group| [group, ":"]).collect()
}

#[cfg(test)]
mod tests {
    use super::network;

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
            assert_eq!(network(address), counted, "{address}");
        }
    }
}
