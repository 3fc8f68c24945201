//! What a client asks the token endpoint for, and how it authenticates.
//!
//! RFC 6749 s2.3.1 and s4.4.2: a client id with a secret, in the body or as Basic credentials. RFC 7523 s2.2: a
//! signed assertion instead of the secret, as Entra sends for workload identity federation.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::form::{self, decode};
use crate::{ErrorCode, TokenError};

/// The parameters of a token request. All others are ignored, and may be repeated (RFC 6749 s3.2; the `resource` of
/// RFC 8707 is).
const PARAMETERS: [&str; 6] =
    ["grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope"];
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How a client authenticates.
#[derive(PartialEq, Eq)]
pub enum Authentication {
    /// By a secret.
    Secret {
        /// The client's id.
        client: String,
        /// The secret, in clear.
        secret: String,
    },
    /// By a JWT of an issuer that the tenant trusts.
    Assertion {
        /// The client's id, which need not be sent (RFC 7521 s4.2).
        client: Option<String>,
        /// The JWT.
        assertion: String,
    },
}

/// Leaves the secret and the assertion out, since a log must not hold them.
impl fmt::Debug for Authentication {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Authentication::Secret { client, .. } => write!(out, "Secret({client}, ..)"),
            Authentication::Assertion { client, .. } => write!(out, "Assertion({client:?}, ..)"),
        }
    }
}

/// A request for an access token by client credentials.
#[derive(Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// The client's proof.
    pub authentication: Authentication,
    /// `scope`, as it is sent; see [`crate::Scopes::grant`].
    pub scope: Option<String>,
}

impl TokenRequest {
    /// Parses a request.
    ///
    /// ```
    /// use oauth::{Authentication, TokenRequest};
    ///
    /// let form = "grant_type=client_credentials&client_id=c1&client_secret=s3cret&scope=scim%3Aread";
    /// let request = TokenRequest::parse(Some("application/x-www-form-urlencoded"), None, form.as_bytes()).unwrap();
    /// assert!(matches!(request.authentication, Authentication::Secret { ref client, .. } if client == "c1"));
    /// assert_eq!(request.scope.as_deref(), Some("scim:read"));
    /// ```
    ///
    /// # Errors
    /// If it is not a form, lacks a parameter, repeats one, or asks for another grant.
    pub fn parse(
        content_type: Option<&str>,
        authorization: Option<&str>,
        body: &[u8],
    ) -> Result<TokenRequest, TokenError> {
        let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(TokenError::invalid_request("the body must be application/x-www-form-urlencoded"));
        }
        let form = Form::parse(body)?;
        match form.get("grant_type") {
            Some("client_credentials") => {}
            None => return Err(TokenError::invalid_request("`grant_type` is missing")),
            Some(_) => {
                return Err(TokenError {
                    status: 400,
                    code: ErrorCode::UnsupportedGrantType,
                    description: "`grant_type` must be `client_credentials`".into(),
                });
            }
        }
        let basic = authorization.map(basic).transpose()?.flatten();
        let scope = form.get("scope").map(str::to_string);
        Ok(TokenRequest { authentication: authentication(&form, basic)?, scope })
    }
}

fn authentication(form: &Form, basic: Option<(String, String)>) -> Result<Authentication, TokenError> {
    let of_body = |name: &str| form.get(name).map(str::to_string);
    let (client, secret) = (of_body("client_id"), of_body("client_secret"));
    if let Some(assertion) = of_body("client_assertion") {
        if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            return Err(TokenError::invalid_request(format!(
                "`client_assertion_type` must be `{ASSERTION_TYPE}`"
            )));
        }
        if secret.is_some() || basic.is_some() {
            return Err(TokenError::invalid_request("a secret and an assertion are sent; send one of them"));
        }
        return Ok(Authentication::Assertion { client, assertion });
    }
    // RFC 6749 s2.3 allows one place. Entra can be configured to send the same credentials in both.
    let differs =
        |sent: &Option<String>, of_basic: &String| sent.as_ref().is_some_and(|sent| sent != of_basic);
    match (basic, client, secret) {
        (Some((id, password)), client, secret) if differs(&client, &id) || differs(&secret, &password) => {
            Err(TokenError::invalid_request("the credentials of the header and of the body differ"))
        }
        (Some((client, secret)), _, _) | (None, Some(client), Some(secret)) => {
            Ok(Authentication::Secret { client, secret })
        }
        _ => Err(TokenError::invalid_client(
            "client credentials are needed: `client_id` with `client_secret`, or `client_assertion`",
        )),
    }
}

/// Returns the id and secret of Basic credentials, each of them form-encoded before (RFC 6749 s2.3.1). None for
/// another scheme.
fn basic(authorization: &str) -> Result<Option<(String, String)>, TokenError> {
    let Some((scheme, encoded)) = authorization.trim().split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let broken = || TokenError::invalid_client("the Basic credentials cannot be read");
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| broken())?;
    let text = String::from_utf8(bytes).map_err(|_| broken())?;
    let (client, secret) = text.split_once(':').ok_or_else(broken)?;
    let part = |text: &str| decode(text.as_bytes()).ok_or_else(broken);
    Ok(Some((part(client)?, part(secret)?)))
}

/// The parameters of a form that are among [`PARAMETERS`]. One without a value counts as missing (RFC 6749 s3.2).
struct Form(Vec<(&'static str, String)>);

impl Form {
    fn parse(body: &[u8]) -> Result<Form, TokenError> {
        let mut pairs: Vec<(&'static str, String)> = Vec::new();
        for pair in form::pairs(body) {
            let (name, value) =
                pair.ok_or_else(|| TokenError::invalid_request("the form is not percent-encoded UTF-8"))?;
            let Some(name) = PARAMETERS.into_iter().find(|known| *known == name) else { continue };
            if value.is_empty() {
                continue;
            }
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(TokenError::invalid_request("a parameter is sent twice"));
            }
            pairs.push((name, value));
        }
        Ok(Form(pairs))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::{Authentication, Form, PARAMETERS, TokenRequest};
    use crate::{ErrorCode, TokenError};

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=utf-8");

    fn parse(authorization: Option<&str>, body: &str) -> Result<Authentication, TokenError> {
        TokenRequest::parse(FORM, authorization, body.as_bytes()).map(|request| request.authentication)
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn secret(client: &str, secret: &str) -> Result<Authentication, TokenError> {
        Ok(Authentication::Secret { client: client.into(), secret: secret.into() })
    }

    #[test]
    fn credentials_stand_in_the_body_in_the_header_or_in_both() {
        let body = "grant_type=client_credentials&client_id=a%2Fb&client_secret=c+d&scope=x";
        assert_eq!(parse(None, body), secret("a/b", "c d"));
        let header = basic("a%2Fb:c+d");
        assert_eq!(parse(Some(&header), "grant_type=client_credentials&client_id="), secret("a/b", "c d"));
        assert_eq!(parse(Some(&header), body), secret("a/b", "c d"));
        assert_eq!(parse(Some("Bearer x"), body), secret("a/b", "c d"));
        let differing = parse(Some(&basic("a%2Fb:other")), body).unwrap_err();
        assert_eq!(differing.description, "the credentials of the header and of the body differ");
    }

    #[test]
    fn an_assertion_stands_in_the_place_of_a_secret() {
        let body = "grant_type=client_credentials&client_assertion=a.b.c&client_assertion_type=\
            urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        let of = |client: Option<&str>| {
            Ok(Authentication::Assertion { client: client.map(str::to_string), assertion: "a.b.c".into() })
        };
        assert_eq!(parse(None, body), of(None));
        assert_eq!(parse(None, &format!("{body}&client_id=c")), of(Some("c")));
        for (authorization, body) in [
            (None, format!("{body}&client_secret=s")),
            (Some(basic("c:s")), body.to_string()),
            (None, "grant_type=client_credentials&client_assertion=a.b.c".to_string()),
        ] {
            let refusal = parse(authorization.as_deref(), &body).unwrap_err();
            assert_eq!((refusal.status, refusal.code), (400, ErrorCode::InvalidRequest), "{body}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_said() {
        let grant = "grant_type=client_credentials";
        for (authorization, body, status, code) in [
            (None, "", 400, "invalid_request"),
            (None, "grant_type=", 400, "invalid_request"),
            (None, "grant_type=authorization_code", 400, "unsupported_grant_type"),
            (None, "grant_type=client_credentials&grant_type=client_credentials", 400, "invalid_request"),
            (None, "grant_type=client_credentials&client_id=%ff", 400, "invalid_request"),
            (None, grant, 401, "invalid_client"),
            (None, "grant_type=client_credentials&client_id=a", 401, "invalid_client"),
            (None, "grant_type=client_credentials&client_secret=a", 401, "invalid_client"),
            (Some("Basic !"), grant, 401, "invalid_client"),
            (Some("Basic YQ=="), grant, 401, "invalid_client"),
            (Some("Bearer a"), grant, 401, "invalid_client"),
        ] {
            let refusal = parse(authorization, body).unwrap_err();
            assert_eq!((refusal.status, refusal.code.as_str()), (status, code), "{body}");
        }
        let json = TokenRequest::parse(Some("application/json"), None, b"{}").unwrap_err();
        assert_eq!(
            json.to_json().to_string(),
            r#"{"error":"invalid_request","error_description":"the body must be application/x-www-form-urlencoded"}"#
        );
    }

    #[test]
    fn parameters_that_mean_nothing_may_repeat_and_thousands_of_them_are_not_compared_with_one_another() {
        let body = "grant_type=client_credentials&client_id=a&client_secret=b";
        assert_eq!(parse(None, &format!("{body}&resource=x&resource=y")), secret("a", "b"));
        let twice = parse(None, &format!("{body}&scope=x&scope=y")).unwrap_err();
        assert_eq!(twice.description, "a parameter is sent twice");
        let many: String = (0..10_000).map(|number| format!("&p{number}=1")).collect();
        let form = Form::parse(format!("{body}{many}").as_bytes()).unwrap();
        assert!(form.0.len() <= PARAMETERS.len(), "{}", form.0.len());
    }

    #[test]
    fn a_log_shows_no_secret() {
        let both = parse(None, "grant_type=client_credentials&client_id=a&client_secret=hidden").unwrap();
        assert_eq!(format!("{both:?}"), "Secret(a, ..)");
    }

    proptest! {
        #[test]
        fn no_form_and_no_header_makes_the_parser_fall(body in prop::collection::vec(any::<u8>(), 0..200), header in ".{0,60}") {
            let _ = TokenRequest::parse(FORM, Some(&header), &body);
            let _ = TokenRequest::parse(FORM, Some(&basic(&header)), &body);
        }
    }
}
