//! Whether there is such a tenant, as SQL. The table `tenants` is of the crate of that name: this one reads it, and never writes it.

/// Returns SQL of whether the tenant (an expression) exists. `default` does, although it has no row in `tenants`; one that is being
/// removed does not.
pub(crate) fn exists(tenant: &str) -> String {
    format!(
        "({tenant} = 'default' OR EXISTS (SELECT 1 FROM tenants AS t WHERE t.id = {tenant} AND t.deleted IS NULL))"
    )
}
