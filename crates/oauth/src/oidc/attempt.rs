//! One attempt to sign in: from the address that the browser is sent to, to the request that exchanges its code (OpenID Connect Core s3.1,
//! RFC 7636).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::discovery::Provider;
use crate::form::{Form, encode_form, escape};

/// What is asked for: who the person is.
const SCOPE: &str = "openid email profile";

/// This service as a client of the provider.
pub struct Client<'c> {
    /// `client_id`.
    pub id: &'c str,
    /// The client's secret; None for a public client, which PKCE alone protects.
    pub secret: Option<&'c str>,
    /// Where the provider sends the browser back to.
    pub redirect_uri: &'c str,
}

/// The three random values of an attempt, which the browser keeps in a cookie: only the browser that began a sign-in can end it.
pub struct Attempt {
    state: String,
    nonce: String,
    verifier: String,
}

/// Leaves the values out, since a log must not hold them.
impl fmt::Debug for Attempt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Attempt(..)")
    }
}

impl Attempt {
    /// Begins an attempt with these random bytes, each for one value.
    pub fn new(random: &[[u8; 32]; 3]) -> Attempt {
        let [state, nonce, verifier] = random.each_ref().map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        Attempt { state, nonce, verifier }
    }

    /// Reads an attempt from a cookie. None if it is not the text of one.
    pub fn parse(text: &str) -> Option<Attempt> {
        let mut values = text.split('.').map(str::to_string);
        let attempt = Attempt { state: values.next()?, nonce: values.next()?, verifier: values.next()? };
        let is_whole = |value: &String| URL_SAFE_NO_PAD.decode(value).is_ok_and(|bytes| bytes.len() == 32);
        let all = [&attempt.state, &attempt.nonce, &attempt.verifier];
        (all.into_iter().all(is_whole) && values.next().is_none()).then_some(attempt)
    }

    /// Returns it as the text of a cookie.
    pub fn to_text(&self) -> String {
        format!("{}.{}.{}", self.state, self.nonce, self.verifier)
    }

    /// Returns the `nonce` that the ID token must repeat.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Returns where the person signs in (OpenID Connect Core s3.1.2.1, RFC 7636 s4.3).
    pub fn address(&self, provider: &Provider, client: &Client<'_>) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()));
        let query = encode_form(&[
            ("response_type", "code"),
            ("client_id", client.id),
            ("redirect_uri", client.redirect_uri),
            ("scope", SCOPE),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let endpoint = &provider.authorization_endpoint;
        let separator = if endpoint.contains('?') { '&' } else { '?' };
        format!("{endpoint}{separator}{query}")
    }

    /// Returns the code that the provider has sent the browser back with.
    ///
    /// # Errors
    /// The reason, as text for the person: the provider refused, or the answer belongs to another attempt.
    pub fn code<'f>(&self, answer: &'f Form, provider: &Provider) -> Result<&'f str, &'static str> {
        let is_same = |state: &str| bool::from(state.as_bytes().ct_eq(self.state.as_bytes()));
        if !answer.get("state").is_some_and(is_same) {
            return Err("the answer belongs to another sign-in");
        }
        // RFC 9207 s2.4: an answer that names another issuer must be rejected.
        if answer.get("iss").is_some_and(|issuer| issuer != provider.issuer) {
            return Err("the answer comes from another identity provider");
        }
        match (answer.get("error"), answer.get("code")) {
            (None, Some(code)) => Ok(code),
            (Some("access_denied"), _) => Err("the identity provider refused the sign-in"),
            _ => Err("the identity provider sent no code"),
        }
    }

    /// Returns the form that exchanges the code (RFC 6749 s4.1.3, RFC 7636 s4.5), and the header `Authorization`, if the client
    /// authenticates by it.
    pub fn exchange(&self, code: &str, provider: &Provider, client: &Client<'_>) -> (String, Option<String>) {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", client.redirect_uri),
            ("code_verifier", &self.verifier),
        ];
        match client.secret {
            Some(secret) if provider.takes_secret_in_form => {
                fields.extend([("client_id", client.id), ("client_secret", secret)]);
                (encode_form(&fields), None)
            }
            Some(secret) => (encode_form(&fields), Some(basic(client.id, secret))),
            None => {
                fields.push(("client_id", client.id));
                (encode_form(&fields), None)
            }
        }
    }
}

/// Returns Basic credentials, each part of them form-encoded before (RFC 6749 s2.3.1).
fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:{}", escape(id), escape(secret))))
}

#[cfg(test)]
mod tests {
    use super::{Attempt, Client};
    use crate::form::Form;
    use crate::oidc::Provider;

    fn provider() -> Provider {
        Provider {
            issuer: "https://id".into(),
            authorization_endpoint: "https://id/a?tenant=1".into(),
            token_endpoint: "https://id/t".into(),
            jwks_uri: "https://id/k".into(),
            takes_secret_in_form: false,
        }
    }

    const CLIENT: Client<'_> =
        Client { id: "c:1", secret: Some("s&"), redirect_uri: "https://h/console/sign-in/oidc/callback" };

    #[test]
    fn the_address_holds_the_challenge_and_not_the_verifier() {
        // RFC 7636 appendix B.
        let attempt = Attempt { verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into(), ..whole() };
        let address = attempt.address(&provider(), &CLIENT);
        assert!(address.starts_with(
            "https://id/a?tenant=1&response_type=code&client_id=c%3A1&redirect_uri=https%3A%2F%2Fh%2F"
        ));
        assert!(address.contains(
            "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
        ));
        assert!(!address.contains(&attempt.verifier) && !format!("{attempt:?}").contains(&attempt.state));
    }

    fn whole() -> Attempt {
        Attempt::new(&[[1; 32], [2; 32], [3; 32]])
    }

    #[test]
    fn a_cookie_holds_an_attempt_or_nothing() {
        let text = whole().to_text();
        assert_eq!(Attempt::parse(&text).unwrap().to_text(), text);
        for none in ["", "a.b.c", &format!("{text}."), &text.replace('.', ""), &text.replace('A', "%")] {
            assert!(Attempt::parse(none).is_none(), "{none}");
        }
    }

    #[test]
    fn a_code_is_taken_from_the_answer_to_this_very_attempt() {
        let (attempt, provider) = (whole(), provider());
        let state = attempt.state.clone();
        let code = |query: &str| {
            let form = Form::parse(query.replace('$', &state).as_bytes()).unwrap();
            attempt.code(&form, &provider).map(str::to_string)
        };
        assert_eq!(code("code=x&state=$").as_deref(), Ok("x"));
        assert_eq!(code("code=x&state=$&iss=https%3A%2F%2Fid").as_deref(), Ok("x"));
        for refused in [
            "code=x",
            "code=x&state=",
            "code=x&state=$x",
            "code=x&state=$&state=$",
            "code=x&state=$&iss=https%3A%2F%2Fevil",
            "state=$",
            "code=x&state=$&error=access_denied",
            "state=$&error=server_error",
        ] {
            assert!(code(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn the_client_authenticates_as_the_provider_wants() {
        let attempt = whole();
        let verifier = format!("code_verifier={}", attempt.verifier);
        let (form, header) = attempt.exchange("x", &provider(), &CLIENT);
        assert!(form.contains(&verifier) && !form.contains("client_"));
        assert_eq!(header.as_deref(), Some("Basic YyUzQTE6cyUyNg=="));
        let in_form = Provider { takes_secret_in_form: true, ..provider() };
        let (form, header) = attempt.exchange("x", &in_form, &CLIENT);
        assert!(form.contains("client_id=c%3A1&client_secret=s%26") && header.is_none());
        let (form, header) = attempt.exchange("x", &provider(), &Client { secret: None, ..CLIENT });
        assert!(form.ends_with("client_id=c%3A1") && header.is_none());
    }
}
