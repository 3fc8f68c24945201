//! What was just made and is shown this once: a token, a client with its secret, a set-up link.

/// What was just made. It is shown in the answer to the form, and on no page afterwards.
#[derive(Debug, Clone)]
pub struct Made {
    /// What it is.
    pub kind: MadeKind,
    /// The values to copy, each with its label: `Secret Token`.
    pub values: Vec<(String, String)>,
    /// When it expires.
    pub expires: Option<i64>,
    /// Until when the old one holds beside it, after a rotation.
    pub old_until: Option<i64>,
}

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeKind {
    /// A Secret Token for the identity provider. Its only value is the token, which the scripts then hold.
    Token,
    /// A token of a reader: it may follow events, look people up, or read.
    Reader,
    /// An OAuth client, or another secret of it.
    Client,
    /// A set-up link.
    SetUpLink,
    /// The secret of a webhook endpoint.
    WebhookSecret,
}

impl Made {
    pub(crate) fn heading(&self) -> &'static str {
        match self.kind {
            MadeKind::Token => "A new Secret Token",
            MadeKind::Reader => "A new token for a reader",
            MadeKind::Client => "A new OAuth client",
            MadeKind::SetUpLink => "A new set-up link",
            MadeKind::WebhookSecret => "The secret of the endpoint",
        }
    }

    pub(crate) fn advice(&self) -> &'static str {
        match self.kind {
            MadeKind::Token => {
                "Shown this once. Enter it in the identity provider now; the scripts below hold it already."
            }
            MadeKind::Reader => {
                "Shown this once. Your application sends it; the identity provider needs another."
            }
            MadeKind::Client => "Shown this once. Enter the values in the identity provider now.",
            MadeKind::SetUpLink => {
                "Shown this once. Send it to the customer's administrator: it opens the pages of this tenant, and of no other."
            }
            MadeKind::WebhookSecret => "Shown this once. Your receiver verifies signatures with it.",
        }
    }

    pub(crate) fn token(&self) -> Option<&str> {
        let values = if self.kind == MadeKind::Token { self.values.first() } else { None };
        values.map(|(_, token)| token.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_hold_a_token_of_the_identity_provider_alone() {
        let made = |kind| Made {
            kind,
            values: vec![("Secret Token".to_string(), "t".to_string())],
            expires: None,
            old_until: None,
        };
        assert_eq!(made(MadeKind::Token).token(), Some("t"));
        for kind in [MadeKind::Reader, MadeKind::Client, MadeKind::SetUpLink, MadeKind::WebhookSecret] {
            assert_eq!(made(kind).token(), None);
        }
    }
}
