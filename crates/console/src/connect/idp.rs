//! The identity providers that the console has steps for.

/// An identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Idp {
    /// Microsoft Entra ID.
    #[default]
    Entra,
    /// Okta.
    Okta,
    /// OneLogin.
    OneLogin,
    /// JumpCloud.
    JumpCloud,
    /// Google Workspace.
    Google,
}

impl Idp {
    /// All of them, in the order of the page.
    pub const ALL: [Idp; 5] = [Idp::Entra, Idp::Okta, Idp::OneLogin, Idp::JumpCloud, Idp::Google];

    /// Returns its name in addresses and forms: `?idp=okta`.
    pub fn key(self) -> &'static str {
        match self {
            Idp::Entra => "entra",
            Idp::Okta => "okta",
            Idp::OneLogin => "onelogin",
            Idp::JumpCloud => "jumpcloud",
            Idp::Google => "google",
        }
    }

    /// Returns its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Idp::Entra => "Microsoft Entra ID",
            Idp::Okta => "Okta",
            Idp::OneLogin => "OneLogin",
            Idp::JumpCloud => "JumpCloud",
            Idp::Google => "Google Workspace",
        }
    }

    /// Returns the one of that key; Entra for any other text.
    pub fn of(key: &str) -> Idp {
        Idp::ALL.into_iter().find(|idp| idp.key() == key).unwrap_or_default()
    }
}
