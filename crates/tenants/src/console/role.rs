//! What a person may see and change in the console.

use database::{Failure, Param, Row};

/// The part that a person has in the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// One of the vendor's staff, who may see and change every tenant.
    Admin,
    /// One of the vendor's staff, who may see every tenant.
    Viewer,
    /// The administrator of a customer, who may see and change the tenant of that id, and no other.
    Customer(String),
}

impl Role {
    /// Returns its name, without the tenant.
    ///
    /// ```
    /// assert_eq!(tenants::console::Role::Customer("acme".into()).name(), "customer");
    /// ```
    pub fn name(&self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Viewer => "viewer",
            Role::Customer(_) => "customer",
        }
    }

    /// Returns the only tenant that it may see; None if it may see all of them.
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Role::Customer(tenant) => Some(tenant),
            Role::Admin | Role::Viewer => None,
        }
    }

    /// Returns whether it belongs to the vendor.
    pub fn is_vendor(&self) -> bool {
        self.tenant().is_none()
    }

    /// Returns whether it may change what it sees.
    pub fn may_change(&self) -> bool {
        !matches!(self, Role::Viewer)
    }

    /// Returns whether it may decide what is the vendor's alone: which roles groups give, and that a person is erased.
    pub fn may_decide(&self) -> bool {
        self.is_vendor() && self.may_change()
    }

    /// Returns whether it may see that tenant.
    pub fn may_see(&self, tenant: &str) -> bool {
        self.tenant().is_none_or(|own| own == tenant)
    }

    /// Returns the columns `role` and `tenant`.
    pub(super) fn columns(&self) -> [Param; 2] {
        [self.name().into(), self.tenant().into()]
    }

    /// Reads the columns `role` and `tenant`. A row that fits no role opens nothing.
    pub(super) fn of(row: &Row) -> Result<Role, Failure> {
        match (row.text("role")?, row.optional_text("tenant")) {
            ("admin", None) => Ok(Role::Admin),
            ("viewer", None) => Ok(Role::Viewer),
            ("customer", Some(tenant)) => Ok(Role::Customer(tenant.to_string())),
            (role, _) => Err(Failure::corrupt(format!("`{role}` is not a role with its tenant"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn a_customer_sees_one_tenant_and_a_viewer_changes_none() {
        let customer = Role::Customer("acme".into());
        assert!(customer.may_see("acme") && !customer.may_see("other") && !customer.is_vendor());
        assert!(Role::Admin.may_see("acme") && Role::Viewer.may_see("other"));
        assert!(Role::Admin.may_change() && customer.may_change() && !Role::Viewer.may_change());
        assert!(Role::Admin.may_decide() && !customer.may_decide() && !Role::Viewer.may_decide());
    }
}
