//! What a provider publishes about itself (OpenID Connect Discovery 1.0 s4).

use serde_json::Value;

/// The addresses of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Where a person signs in.
    pub authorization_endpoint: String,
    /// Where a code is exchanged for an ID token.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Whether the client sends its secret in the form and not as Basic credentials.
    pub takes_secret_in_form: bool,
}

/// Returns where an issuer publishes its addresses.
///
/// ```
/// assert_eq!(
///     oauth::oidc::discovery_address("https://id.example.com/v2.0/"),
///     "https://id.example.com/v2.0/.well-known/openid-configuration",
/// );
/// ```
pub fn discovery_address(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

impl Provider {
    /// Reads what the issuer publishes. Discovery s4.3: "The issuer value returned MUST be identical to the Issuer URL that was used as
    /// the prefix to /.well-known/openid-configuration"; a slash at the end does not count, since it is not a part of that prefix.
    ///
    /// # Errors
    /// The reason, as text for the operator.
    pub fn parse(text: &str, issuer: &str) -> Result<Provider, String> {
        let published: Value = serde_json::from_str(text).map_err(|_| "it is not JSON".to_string())?;
        let text = |name: &str| {
            let value = published.get(name).and_then(Value::as_str);
            value.map(str::to_string).ok_or_else(|| format!("`{name}` is missing"))
        };
        let published_issuer = text("issuer")?;
        if published_issuer.trim_end_matches('/') != issuer.trim_end_matches('/') {
            return Err(format!("it is of the issuer `{published_issuer}` and not of `{issuer}`"));
        }
        // Discovery s3: "If omitted, the default is client_secret_basic".
        let methods = published.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        let takes = |method: &str| methods.is_some_and(|all| all.iter().any(|each| each == method));
        Ok(Provider {
            issuer: published_issuer,
            authorization_endpoint: text("authorization_endpoint")?,
            token_endpoint: text("token_endpoint")?,
            jwks_uri: text("jwks_uri")?,
            takes_secret_in_form: takes("client_secret_post") && !takes("client_secret_basic"),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Provider;

    #[test]
    fn what_is_published_must_be_of_the_issuer_and_whole() {
        let published = json!({
            "issuer": "https://id/", "authorization_endpoint": "https://id/a", "token_endpoint": "https://id/t",
            "jwks_uri": "https://id/k"
        });
        let read = Provider::parse(&published.to_string(), "https://id").unwrap();
        assert_eq!((read.issuer.as_str(), read.takes_secret_in_form), ("https://id/", false));
        assert!(
            Provider::parse(&published.to_string(), "https://other").unwrap_err().contains("https://id/")
        );
        for name in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
            let mut part = published.clone();
            part[name] = json!(7);
            assert_eq!(
                Provider::parse(&part.to_string(), "https://id").unwrap_err(),
                format!("`{name}` is missing")
            );
        }
        assert!(Provider::parse("<html>", "https://id").is_err());
        for (methods, in_form) in [
            (json!(["client_secret_post"]), true),
            (json!(["client_secret_post", "client_secret_basic"]), false),
            (json!(["private_key_jwt"]), false),
        ] {
            let mut with = published.clone();
            with["token_endpoint_auth_methods_supported"] = methods;
            assert_eq!(
                Provider::parse(&with.to_string(), "https://id").unwrap().takes_secret_in_form,
                in_form
            );
        }
    }
}
