//! What the SQL of this crate asks of the table `tenants`, which it never writes: whether there is such a tenant.

/// Returns SQL of whether the tenant (an expression) exists. `default` does, although it has no row in `tenants`; one that is being
/// removed does not.
pub(crate) fn exists(tenant: &str) -> String {
    format!(
        "({tenant} = 'default' OR EXISTS (SELECT 1 FROM tenants AS t WHERE t.id = {tenant} AND t.deleted IS NULL))"
    )
}
