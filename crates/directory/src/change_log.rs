//! What those who write the change log (`store`) and those who read it (`events`, `edge`) must agree on.

/// SQL of the greatest sequence of the tenant `?1`, whether its row is kept or was trimmed; 0 if nothing has ever changed. It
/// is never that of all tenants: the number of a row of another one may be used again when that one is removed.
pub(crate) const LATEST: &str = "coalesce((SELECT max(seq) FROM changes WHERE tenant = +?1), \
    (SELECT trimmed FROM logs WHERE tenant = +?1), 0)";

/// The type that a row of the log has which is about the directory as a whole. Its id is the tenant's.
pub(crate) const DIRECTORY: &str = "Directory";
/// What a row of that type says: the end of the type of its event.
pub(crate) const MASS_DEPROVISIONING: &str = "mass_deprovisioning";
