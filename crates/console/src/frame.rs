//! What surrounds every page: its title, the navigation, who is signed in.

/// What surrounds a page.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The title of the page.
    pub title: String,
    /// The page of the navigation that is marked as the current one: `tenants`, `connect`, `activity` ...
    pub section: &'static str,
    /// The tenant whose page it is.
    pub tenant: Option<Tenant>,
    /// The person who is signed in, as text; `None` before the sign-in.
    pub person: Option<String>,
    /// Whether that person belongs to the vendor and may see every tenant.
    pub is_vendor: bool,
    /// Whether that person may change anything.
    pub may_change: bool,
    /// The token that each form sends along (CSRF).
    pub form_token: String,
    /// The addresses of the sheet and the script, with a hash in their names.
    pub style: String,
    /// See `style`.
    pub script: String,
}

/// A tenant in the navigation.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id, as in addresses.
    pub id: String,
    /// Its display name.
    pub name: String,
}
