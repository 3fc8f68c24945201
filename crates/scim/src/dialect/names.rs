//! How the names that clients write are read: those of operations, attributes and sub-attributes.

use super::{Dialect, Habit};
use crate::attr_name::names;
use crate::schema::{Attribute, ResourceType, Schema};

/// Returns the `op` of a PATCH in lower case: Entra capitalises it (`"Replace"`) unless `aadOptscim062020` is set.
pub(crate) fn operation_name(op: &str, dialect: Dialect) -> String {
    if dialect.takes(Habit::CapitalisedOp) { op.to_ascii_lowercase() } else { op.to_string() }
}

/// Finds `manager` by its name alone: Entra omits its schema, and the name is unambiguous.
pub(crate) fn unqualified<'r>(
    of: &'r ResourceType,
    name: &str,
    dialect: Dialect,
) -> Option<(Option<&'r Schema>, &'r Attribute)> {
    if !dialect.takes(Habit::UnqualifiedExtension) {
        return None;
    }
    let found = |schema: &'r Schema| schema.attribute(name).map(|attribute| (Some(schema), attribute));
    of.extensions.iter().find_map(found)
}

/// Returns what stands after the URN of a schema: the attribute, and the sub-attribute if there is one. RFC 7644
/// s3.10 writes `URN:name.sub`; directory-scimple, WSO2 and scim-patch know clients that write `URN.name.sub` and
/// `URN:name:sub`.
pub(crate) fn after_urn(rest: &str, dialect: Dialect) -> Option<(&str, Option<&str>)> {
    let (before_name, before_sub): (&[char], &[char]) = match dialect.takes(Habit::UrnSeparators) {
        true => (&[':', '.'], &[':', '.']),
        false => (&[':'], &['.']),
    };
    names(rest.strip_prefix(before_name)?, before_sub)
}

/// Finds the sub-attribute of that name. Entra's newer mapping of roles writes `displayName` for `display`.
pub(crate) fn sub_attribute<'r>(
    attribute: &'r Attribute,
    name: &str,
    dialect: Dialect,
) -> Option<&'r Attribute> {
    let alias = || {
        let meant = dialect.takes(Habit::DisplayNameForDisplay) && name.eq_ignore_ascii_case("displayName");
        meant.then(|| attribute.sub_attribute("display")).flatten()
    };
    attribute.sub_attribute(name).or_else(alias)
}
