//! Between the platform's requests and responses and those of `scim`.

use scim::{HttpResponse, ScimError, limits};
use worker::{Headers, Request, Response, ResponseBuilder, Result};

/// The part of the URL that names the service; the endpoints of SCIM stand below it.
const ROOT: &str = "scim";
/// The protocol version, which the URL may name (RFC 7644 s3.13).
const VERSION: &str = "v2";

/// Where a request goes to.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// The base URL as this client knows it, `https://host/scim/v2`.
    pub base: String,
    /// What stands below it, `/Users`.
    pub path: String,
    /// What follows the question mark.
    pub query: String,
}

impl Target {
    /// Takes a URL apart by hand: a URL parser would bring the tables of international domain names along.
    ///
    /// Slashes too many count for nothing: a Tenant URL with a slash at its end makes `/scim/v2//Users`.
    pub fn parse(url: &str) -> std::result::Result<Target, ScimError> {
        let url = url.split('#').next().unwrap_or_default();
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let (scheme, rest) = address.split_once("://").unwrap_or(("https", address));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut segments = path.split('/').filter(|segment| !segment.is_empty()).peekable();
        if segments.next() != Some(ROOT) {
            return Err(ScimError::not_found(format!("the service is at `/{ROOT}/{VERSION}`")));
        }
        let version = match segments.peek().copied() {
            Some(VERSION) => {
                segments.next();
                format!("/{VERSION}")
            }
            Some(other) if is_version(other) => {
                return Err(ScimError::invalid_version(format!("`{other}` is not served; `{VERSION}` is")));
            }
            _ => String::new(),
        };
        let path: String = segments.flat_map(|segment| ["/", segment]).collect();
        Ok(Target { base: format!("{scheme}://{host}/{ROOT}{version}"), path, query: query.to_string() })
    }
}

fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// The verb as it stands in the request; `Request::method` reads an unknown one as GET.
pub fn method(request: &Request) -> String {
    request.inner().method()
}

/// A header's value, where it is there and is text.
pub fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().get(name).ok().flatten()
}

/// Reads the body, up to the limit and no further.
pub async fn body(request: &mut Request) -> std::result::Result<Vec<u8>, ScimError> {
    use futures_util::StreamExt;

    let too_large = || ScimError::new(413, format!("the body has more than {} bytes", limits::BODY));
    let unread = |_| ScimError::invalid_syntax("the body could not be read to its end");
    let declared = header(request, "Content-Length").and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limits::BODY) {
        return Err(too_large());
    }
    if request.inner().body().is_none() {
        return Ok(Vec::new());
    }
    let mut stream = request.stream().map_err(unread)?;
    let mut body = Vec::with_capacity(declared.unwrap_or_default());
    while let Some(chunk) = stream.next().await {
        body.extend(chunk.map_err(unread)?);
        if body.len() > limits::BODY {
            return Err(too_large());
        }
    }
    Ok(body)
}

/// Makes the platform's response. A body is only given where there is one: 204 and 304 may have none.
pub fn to_response(answer: HttpResponse) -> Result<Response> {
    let headers = Headers::new();
    for (name, value) in &answer.headers {
        headers.set(name, value)?;
    }
    let builder = ResponseBuilder::new().with_status(answer.status).with_headers(headers);
    Ok(match answer.body {
        Some(body) => builder.fixed(body.into_bytes()),
        None => builder.empty(),
    })
}
