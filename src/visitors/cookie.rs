//! The cookies of the console (RFC 6265).
//!
//! Over https their names begin with `__Host-`: a browser takes such a cookie from this very host alone, by https, for all of its paths
//! (draft-ietf-httpbis-rfc6265bis s4.1.3.2), so that no other host of the same domain can set one. On this machine the Worker is served
//! by http, where not every browser would keep such a cookie, and the name is a plain one.

use web_sys::Request;

use crate::http;

/// The cookie of a session.
pub const SESSION: Cookie = Cookie { name: "scim_edge", seconds: tenants::console::SESSION / 1_000 };

/// The cookie of a sign-in at the vendor's identity provider that has begun.
pub const STATE: Cookie = Cookie { name: "scim_edge_oidc", seconds: 600 };

/// A cookie, without its value.
pub struct Cookie {
    name: &'static str,
    seconds: i64,
}

impl Cookie {
    /// Reads its value from a request to that origin.
    pub fn read(&self, request: &Request, origin: &str) -> Option<String> {
        let name = self.name(origin);
        let header = http::header(request, "Cookie")?;
        let mut values = header.split(';').filter_map(|pair| pair.trim().split_once('='));
        values.find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
    }

    /// Returns the header `Set-Cookie` with that value.
    ///
    /// `Lax` and not `Strict`: a browser that comes back from the identity provider must bring the cookie along.
    pub fn set(&self, origin: &str, value: &str) -> String {
        self.render(origin, value, self.seconds)
    }

    /// Returns the header `Set-Cookie` that deletes it.
    pub fn delete(&self, origin: &str) -> String {
        self.render(origin, "", 0)
    }

    fn render(&self, origin: &str, value: &str, seconds: i64) -> String {
        let secure = if is_encrypted(origin) { "; Secure" } else { "" };
        let name = self.name(origin);
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly{secure}; SameSite=Lax")
    }

    fn name(&self, origin: &str) -> String {
        if is_encrypted(origin) { format!("__Host-{}", self.name) } else { self.name.to_string() }
    }
}

fn is_encrypted(origin: &str) -> bool {
    origin.starts_with("https://")
}

#[cfg(test)]
mod tests {
    use super::SESSION;

    #[test]
    fn a_cookie_belongs_to_this_host_alone_and_to_no_script() {
        assert_eq!(
            SESSION.set("https://scim.example.com", "v"),
            "__Host-scim_edge=v; Path=/; Max-Age=28800; HttpOnly; Secure; SameSite=Lax"
        );
        assert_eq!(
            SESSION.delete("http://127.0.0.1:8787"),
            "scim_edge=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }
}
