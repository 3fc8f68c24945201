//! A checked filter as SQL.
//!
//! The condition is about the row `r` of `resources`. It consists of fixed pieces only: the contents of the filter,
//! JSON paths included, go into one JSON array that is bound as `?3`, so that neither the number nor the size of the
//! values exceeds a limit of D1 (100 parameters a statement). `?1` is the tenant.
//!
//! `field` says where an attribute's values are, `indexed` which of them an index finds, `condition` how they are
//! compared, `compare` how two values compare, `joined` how conditions become one. `groups` walks down from the
//! groups that match to their users, `needs` holds what a condition refers to, and `price` what it costs.

mod compare;
mod condition;
mod field;
mod groups;
mod indexed;
mod joined;
mod needs;
mod price;

use scim::{Field, Kind, Memberships};

use field::{Elements, Source, source};

pub(crate) use condition::condition;
pub(crate) use indexed::{is_unique, led_by};
pub(crate) use needs::Needs;

/// Returns the value that the row `r` is sorted by: of a multi-valued attribute the primary one, else the first
/// (RFC 7644 s3.4.2.3).
pub(crate) fn sort_key(kind: Kind, field: &Field<'_>, needs: &mut Needs) -> String {
    needs.price.compare(kind.name(), 1);
    if let (Some(Memberships::Member), Field::Declared { extension: None, attribute, sub }) =
        (kind.memberships(), field)
        && attribute.is("groups")
    {
        return groups::sort_key(kind, *sub, needs);
    }
    match source(kind, field, Elements::Json, needs) {
        Source::Scalar(value) => value,
        Source::Rows { from, value, first, .. } => {
            format!("(SELECT {value} FROM {from}1 ORDER BY {first} LIMIT 1)")
        }
        Source::Groups(_) => "NULL".into(),
    }
}
