//! The input is what a client without credentials can send to the OAuth endpoints: a token, a form with a header, an
//! issuer's keys. No input makes a parser panic, and a token that was changed after it was signed does not verify.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth::{AccessToken, IssuerPolicy, Jwks, Jwt, Scopes, SigningKey, TokenRequest};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

fn parse(text: &str) {
    if let Some(jwt) = Jwt::parse(text) {
        let trust = IssuerPolicy {
            issuers: vec!["i".into()],
            audiences: vec!["a".into()],
            directory: None,
            subject: None,
        };
        let _ = (trust.check(&jwt.claims, oauth::Use::Bearer, 1_700_000_000_000), AccessToken::claimed(&jwt));
    }
    let _ = TokenRequest::parse(FORM, Some(text), text.as_bytes());
    let read = Scopes::from_stored("scim:read");
    assert!(read.grant(Some(text)).is_ok_and(|granted| granted == read) || read.grant(Some(text)).is_err());
    if let Ok(keys) = Jwks::parse(text) {
        assert_eq!(Jwks::parse(&keys.to_text()), Ok(keys));
    }
}

/// Checks that a token of these words can be parsed again, and does not verify with one character changed.
fn sign(text: &str, at: usize) {
    let key = SigningKey::derive("secret", "kid", "salt").unwrap();
    let word = || text.to_string();
    let token = AccessToken {
        id: word(),
        tenant: word(),
        client: word(),
        credential: word(),
        scopes: None,
        issued: 1,
        expires: at as i64,
    };
    let sealed = token.sign(&key).unwrap();
    // A longer text is not parsed as a token.
    let Some(jwt) = Jwt::parse(&sealed) else { return assert!(sealed.len() > 16 << 10) };
    assert!(key.verifies(&jwt) && AccessToken::claimed(&jwt) == Some((token, "kid")));
    let mut changed = sealed.into_bytes();
    let place = at % changed.len();
    changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    assert!(Jwt::parse(&changed).is_none_or(|jwt| !key.verifies(&jwt)), "{changed}");
}

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    parse(&text);
    sign(&text, input.first().map_or(0, |first| usize::from(*first) * 7));
});
