//! A person who has signed in to the console.

use tenants::Hash;
use tenants::console::Role;

/// A person who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// What the person may see and change.
    pub role: Role,
    /// Who it is, as text.
    pub person: String,
    /// The token that each form of the person's pages must send along.
    pub form_token: String,
    /// Whether Cloudflare Access has let the person pass, and there is no session.
    pub is_by_access: bool,
}

impl Visitor {
    /// Returns the person of a session, or of another proof that each request brings along.
    ///
    /// The form's token is a hash of what the browser proves itself with: it opens nothing, and only a program that has the proof can compute
    /// it. It differs from the hash that is stored.
    pub fn of(role: Role, person: String, proof: &str) -> Visitor {
        Visitor {
            role,
            person,
            form_token: Hash::of(&format!("form\0{proof}")).to_hex(),
            is_by_access: false,
        }
    }
}
