//! What a URL asks for: a tenant's SCIM service, its events, a look-up or its token endpoint; the administration, the console, the
//! published keys, or the health of the Worker. And whether the request came encrypted.

use std::net::Ipv4Addr;

use scim::ScimError;
use tenants::DEFAULT;

/// The part of the URL that names the service; the endpoints of SCIM stand below it.
const ROOT: &str = "scim";
/// The protocol version, which the URL may contain (RFC 7644 s3.13).
const VERSION: &str = "v2";
/// The token endpoint, beside a tenant's service.
const TOKEN: [&str; 2] = ["oauth2", "token"];

/// The events of a tenant, beside its service.
const EVENTS: &str = "events";
/// Looking one person up, beside its service.
const LOOKUP: &str = "lookup";

/// The keys by which others verify what this service has signed (RFC 8615 s3).
const KEYS: [&str; 2] = [".well-known", "jwks.json"];
/// The console. No new tenant can have that name; one that has it keeps its addresses.
const CONSOLE: &str = "console";

/// Stands for a tenant that does not exist and cannot be created: a tenant's name is never empty.
const NO_TENANT: &str = "";

/// How a request came, by its URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Encrypted.
    Https,
    /// From this machine, whatever the scheme.
    Loopback,
    /// In clear.
    Clear,
}

impl Transport {
    /// Determines it from a URL.
    pub fn of(url: &str) -> Transport {
        let Some((scheme @ ("http" | "https"), rest)) = url.split_once("://") else {
            return Transport::Clear;
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        match scheme {
            _ if is_loopback(authority) => Transport::Loopback,
            "https" => Transport::Https,
            _ => Transport::Clear,
        }
    }
}

/// Returns whether a host, with or without its port, is this machine. In `localhost:1@example.com` the host is
/// example.com.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let is_ipv4 = host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    is_ipv4 || host == "[::1]" || host.eq_ignore_ascii_case("localhost")
}

/// A parsed URL.
#[derive(Debug, PartialEq, Eq)]
pub struct Address {
    /// Scheme and host as this client wrote them, `https://host`.
    pub origin: String,
    /// What is asked for.
    pub route: Route,
    /// What follows the question mark.
    pub query: String,
}

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Route {
    /// A tenant's directory.
    Scim(ScimTarget),
    /// The events of a tenant.
    Events(ReaderTarget),
    /// One person of a tenant.
    Lookup(ReaderTarget),
    /// The token endpoint of a tenant; see [`ScimTarget`].
    Token(String),
    /// `/admin`, and the segments below it.
    Admin(Vec<String>),
    /// The published keys.
    Keys,
    /// `/console`, and the segments below it.
    Console(Vec<String>),
    /// `/healthz`.
    Health,
    /// `/contract`, only in a build for tests.
    #[cfg(feature = "contract")]
    Contract,
}

/// The tenant and the path that a request to a directory is for.
#[derive(Debug, PartialEq, Eq)]
pub struct ScimTarget {
    /// The tenant as the URL writes it, whether it exists or not; the default one if it writes none.
    pub tenant: String,
    /// The base URL as this client wrote it, `https://host/acme/scim/v2`.
    pub base: String,
    /// The path below it, `/Users`.
    pub path: String,
}

/// The tenant whose data a reader asks for, and the segments below the endpoint.
#[derive(Debug, PartialEq, Eq)]
pub struct ReaderTarget {
    /// See [`ScimTarget`].
    pub tenant: String,
    /// What follows the endpoint's name.
    pub below: Vec<String>,
}

impl ReaderTarget {
    fn new(tenant: Option<&str>, below: &[&str]) -> ReaderTarget {
        ReaderTarget {
            tenant: tenant.map_or(DEFAULT, named).to_string(),
            below: below.iter().map(|segment| (*segment).to_string()).collect(),
        }
    }
}

impl Address {
    /// Parses a URL without a library: a URL parser would bring along the tables of international domain names.
    ///
    /// Repeated slashes are ignored: a Tenant URL with a slash at its end makes `/scim/v2//Users`. Nothing is
    /// decoded, so that a tenant has one spelling.
    pub fn parse(url: &str) -> Result<Address, ScimError> {
        let url = url.split('#').next().unwrap_or_default();
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let (scheme, rest) = address.split_once("://").unwrap_or(("https", address));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let origin = format!("{scheme}://{host}");
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let route = match segments.as_slice() {
            ["healthz"] => Route::Health,
            #[cfg(feature = "contract")]
            ["contract"] => Route::Contract,
            ["admin", below @ ..] => {
                Route::Admin(below.iter().map(|segment| (*segment).to_string()).collect())
            }
            [ROOT, below @ ..] => Route::Scim(target(&origin, None, below)?),
            segments if segments == KEYS => Route::Keys,
            segments if segments == TOKEN => Route::Token(DEFAULT.to_string()),
            [tenant, endpoint @ ..] if endpoint == TOKEN => Route::Token(named(tenant).to_string()),
            [tenant, ROOT, below @ ..] => Route::Scim(target(&origin, Some(tenant), below)?),
            // After the tenants: one that has such a name keeps its addresses.
            [EVENTS, below @ ..] => Route::Events(ReaderTarget::new(None, below)),
            [tenant, EVENTS, below @ ..] => Route::Events(ReaderTarget::new(Some(tenant), below)),
            [LOOKUP] => Route::Lookup(ReaderTarget::new(None, &[])),
            [tenant, LOOKUP] => Route::Lookup(ReaderTarget::new(Some(tenant), &[])),
            [CONSOLE, below @ ..] => {
                Route::Console(below.iter().map(|segment| (*segment).to_string()).collect())
            }
            _ => return Err(ScimError::not_found(format!("the service is at `/{ROOT}/{VERSION}`"))),
        };
        Ok(Address { origin, route, query: query.to_string() })
    }
}

/// Returns the Tenant URL of a tenant.
pub fn tenant_url(origin: &str, tenant: &str) -> String {
    let below = if tenant == DEFAULT { String::new() } else { format!("/{tenant}") };
    format!("{origin}{below}/{ROOT}/{VERSION}")
}

/// Returns the address of a tenant's events; that of the default one stands at the root.
pub fn events_url(origin: &str, tenant: &str) -> String {
    let below = if tenant == DEFAULT { String::new() } else { format!("/{tenant}") };
    format!("{origin}{below}/{EVENTS}")
}

/// Returns the token endpoint of a tenant; that of the default one stands at the root.
pub fn token_url(origin: &str, tenant: &str) -> String {
    let below = if tenant == DEFAULT { String::new() } else { format!("/{tenant}") };
    format!("{origin}{below}/{}", TOKEN.join("/"))
}

/// Returns the address of a link that opens the console.
pub fn console_link(origin: &str, code: &str) -> String {
    format!("{origin}/{CONSOLE}/enter?code={code}")
}

fn target(origin: &str, tenant: Option<&str>, below: &[&str]) -> Result<ScimTarget, ScimError> {
    let (version, below) = match below {
        [VERSION, below @ ..] => ("/v2", below),
        [other, ..] if is_version(other) => {
            return Err(ScimError::invalid_version(format!("`{other}` is not served; `{VERSION}` is")));
        }
        below => ("", below),
    };
    let of_tenant = tenant.map(|tenant| format!("/{tenant}")).unwrap_or_default();
    Ok(ScimTarget {
        tenant: tenant.map_or(DEFAULT, named).to_string(),
        base: format!("{origin}{of_tenant}/{ROOT}{version}"),
        path: below.iter().flat_map(|segment| ["/", segment]).collect(),
    })
}

/// Returns the tenant of that name in a URL. The default one is not named there: like all others, it has one
/// spelling.
fn named(tenant: &str) -> &str {
    if tenant == DEFAULT { NO_TENANT } else { tenant }
}

fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::{Address, Route, Transport, tenant_url, token_url};

    #[test]
    fn only_https_and_this_very_machine_are_safe_to_send_a_token_to() {
        for (url, transport) in [
            ("https://scim.example.com/scim/v2?http://localhost", Transport::Https),
            ("http://scim.example.com/scim/v2", Transport::Clear),
            ("http://127.0.0.1:8787/scim/v2", Transport::Loopback),
            ("http://127.8.9.1", Transport::Loopback),
            ("http://LOCALHOST:8787?x", Transport::Loopback),
            ("https://localhost/", Transport::Loopback),
            ("http://[::1]:8787/", Transport::Loopback),
            ("http://[::1]", Transport::Loopback),
            ("http://[::2]:80/", Transport::Clear),
            ("http://127.0.0.1.example.com/", Transport::Clear),
            ("http://localhost.example.com:1/", Transport::Clear),
            ("http://127.0.0.1:80@example.com/", Transport::Clear),
            ("https://localhost:1@example.com/", Transport::Https),
            ("http://128.0.0.1/", Transport::Clear),
            ("http://0.0.0.0/", Transport::Clear),
            ("http://example.com/localhost", Transport::Clear),
            ("ftp://localhost/", Transport::Clear),
            ("localhost", Transport::Clear),
        ] {
            assert_eq!(Transport::of(url), transport, "{url}");
        }
    }

    #[track_caller]
    fn scim(url: &str) -> (String, String, String) {
        match Address::parse(url).unwrap().route {
            Route::Scim(target) => (target.tenant, target.base, target.path),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_base_url_carries_the_tenant_and_slashes_too_many_count_for_nothing() {
        let of =
            |tenant: &str, base: &str, path: &str| (tenant.to_string(), base.to_string(), path.to_string());
        assert_eq!(scim("https://h/scim/v2/Users?x=1"), of("default", "https://h/scim/v2", "/Users"));
        assert_eq!(scim("https://h/acme/scim/v2/Users"), of("acme", "https://h/acme/scim/v2", "/Users"));
        assert_eq!(scim("https://h//acme//scim/v2//Users/"), of("acme", "https://h/acme/scim/v2", "/Users"));
        assert_eq!(scim("https://h/acme/scim"), of("acme", "https://h/acme/scim", ""));
        // Reserved names are answered like any other tenant that does not exist.
        assert_eq!(scim("https://h/default/scim/v2"), of("", "https://h/default/scim/v2", ""));
        assert_eq!(scim("https://h/%61cme/scim/v2").0, "%61cme");
    }

    #[test]
    fn the_administration_and_the_health_are_routes_of_their_own() {
        let route = |url: &str| Address::parse(url).unwrap().route;
        assert_eq!(route("https://h/healthz"), Route::Health);
        assert_eq!(
            route("https://h/admin/tenants/acme"),
            Route::Admin(vec!["tenants".into(), "acme".into()])
        );
        assert_eq!(route("https://h/console/"), Route::Console(Vec::new()));
        assert_eq!(route("https://h/console/oauth2/token"), Route::Token("console".into()));
        assert_eq!(route("https://h/console/enter?code=x"), Route::Console(vec!["enter".into()]));
        assert_eq!(route("https://h/admin/scim/v2"), Route::Admin(vec!["scim".into(), "v2".into()]));
    }

    #[test]
    fn a_token_endpoint_stands_beside_each_service() {
        let route = |url: &str| Address::parse(url).unwrap().route;
        assert_eq!(route("https://h/oauth2/token?x"), Route::Token("default".into()));
        assert_eq!(route("https://h/default/oauth2/token"), Route::Token(String::new()));
        assert_eq!(route("https://h/acme//oauth2/token/"), Route::Token("acme".into()));
        assert_eq!(
            route("https://h/admin/oauth2/token"),
            Route::Admin(vec!["oauth2".into(), "token".into()])
        );
        for url in [
            "https://h/oauth2",
            "https://h/acme/oauth2",
            "https://h/a/b/oauth2/token",
            "https://h/oauth2/token/x",
        ] {
            assert_eq!(Address::parse(url).unwrap_err().status, 404, "{url}");
        }
        assert_eq!(token_url("https://h", "acme"), "https://h/acme/oauth2/token");
        assert_eq!(token_url("https://h", "default"), "https://h/oauth2/token");
        assert_eq!(tenant_url("https://h", "default"), "https://h/scim/v2");
    }

    #[test]
    fn what_is_not_a_service_is_refused() {
        for url in
            ["https://h", "https://h/", "https://h/acme", "https://h/acme/v2/scim", "https://h/a/b/scim/v2"]
        {
            assert_eq!(Address::parse(url).unwrap_err().status, 404, "{url}");
        }
        assert_eq!(Address::parse("https://h/acme/scim/v1/Users").unwrap_err().status, 400);
    }
}
