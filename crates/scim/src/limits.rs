//! The limits of one request, including requests to the administration and to the token endpoint: all are stated
//! here. ServiceProviderConfig publishes those that SCIM has a place for; docs/LIMITS.md has the table.
//!
//! Not here: how many requests are allowed (the runtime counts them, by the numbers in wrangler.toml), and how large
//! a JWT and a key set may be (`oauth`, which does not know SCIM).

use crate::ScimError;

/// Bytes of a request body; a longer one is answered 413.
pub const BODY: usize = 1 << 20;
/// How deep arrays and objects of a body nest; deeper is 400 `invalidSyntax`. It is serde_json's own limit, repeated
/// here so that the refusal can name it.
pub const JSON_DEPTH: usize = 127;
/// JSON values of a body, objects and arrays included; more are 400 `tooMany`. Two for each of [`MEMBERS`] that are
/// sent as `{"value": ...}`, and what stands around them.
pub const JSON_VALUES: usize = 2 * MEMBERS + 1_000;
/// Objects among them. However small an object is, it takes more memory than its text: about 350 bytes.
pub const JSON_OBJECTS: usize = MEMBERS + 1_000;
/// Bytes of a resource as a row of D1, which holds it twice; a larger one is answered 413. D1 allows 2,000,000, and
/// the columns that are not counted need a few.
pub const RESOURCE: usize = 1_990_000;
/// The [`weight`] from which a body, or a resource that is changed, counts as large: only some of these are worked on
/// at once.
pub const LARGE: usize = 64 << 10;
/// The [`weight`] of the large bodies that an instance works on at once, and of the large resources that it changes
/// at once. Any more wait for their turn.
pub const LARGE_AT_ONCE: usize = 2 << 20;
/// Bytes of the large bodies that wait for their turn in an instance, which holds them meanwhile. Any more are
/// answered 503.
pub const LARGE_WAITING: usize = 16 << 20;
/// Attributes of a resource; those of its extensions are counted one by one.
pub const ATTRIBUTES: usize = 1_000;
/// Values of one attribute of a resource; members do not count.
pub const ELEMENTS: usize = 1_000;
/// Members that one request names, counted each time they are named; a group may have more. A body full of ids of
/// this service, each with `{"value": ...}` around it, has fewer.
pub const MEMBERS: usize = 25_000;

/// Bytes of a filter; a longer one is answered 400 `invalidFilter`.
pub const FILTER: usize = 64 << 10;
/// Terms (comparisons) of a filter.
pub const FILTER_TERMS: usize = 1_000;
/// How deep parentheses, `not` and value paths of a filter nest. This keeps the SQL of any filter within D1's limit
/// on the depth of expressions, which is 100 and counts the inside of a value path twice.
pub const FILTER_DEPTH: usize = 12;
/// Bytes of the statement that a query becomes; a longer one is answered 400 `tooMany`. D1 allows 100,000.
pub const STATEMENT: usize = 100_000;
/// Comparisons times rows that one query may cost, estimated from the totals of the directory; a query beyond it is
/// answered 400 `tooMany` before any rows are read. A query reads about a row a comparison, so that the most
/// expensive one reads fewer than 2,000,000: a second of the database that all tenants share.
pub const QUERY_ROWS: usize = 1_500_000;
/// Comparisons with each resource of a type that are always allowed, whatever the size of the directory: an identity
/// provider compares two attributes at most.
pub const FREE_TERMS: usize = 4;
/// Rows that the walks of one query have together, from groups to their users: so many people in a group, or so many
/// pairs of a group and another that contains it. A query beyond it is answered 400 `tooMany`.
pub const WALK_ROWS: usize = 300_000;
/// Rows of the database that a tenant may read in [`TENANT_ROWS_SECONDS`], as counted by one instance of the Worker;
/// beyond it is 429. All tenants share a database, which reads about 5,000,000 rows a second: the limit is a
/// fifteenth of its time. A cycle of 20,000 users read 2,500,000 in all; a page of 100 users with their groups reads
/// 1,000.
pub const TENANT_ROWS: usize = 20_000_000;
/// The window of [`TENANT_ROWS`].
pub const TENANT_ROWS_SECONDS: usize = 60;
/// Resources in a page when the client names no count.
pub const PAGE_DEFAULT: usize = 100;
/// Resources in a page, even if the client asks for more.
pub const PAGE_MAX: usize = 1_000;
/// Members, or groups of users, that are read with one page or one resource. A page ends early rather than hold more
/// (RFC 7644 s3.4.2.4 allows fewer than `count`).
pub const PAGE_MEMBERSHIPS: usize = 10_000;
/// Bytes of the displayName that an element of `members` or `groups` shows as its `display`; a longer one is left out
/// there, so that a page is bounded in bytes as well. Entra's longest has 256 characters.
pub const DISPLAY: usize = 1_000;
/// Members that are read at once of a group that has more than [`PAGE_MEMBERSHIPS`], once the response has begun. So
/// a group of a million takes half of [`DATABASE_CALLS`].
pub const REST_MEMBERS: usize = 2_000;
/// Bytes of documents in a page, which ends early rather than hold more.
pub const PAGE_BYTES: usize = 4 << 20;

/// Operations of one bulk request.
pub const BULK_OPERATIONS: usize = 1_000;
/// Calls of the database that one request makes; the operations of a bulk that would need more are answered 503.
/// Cloudflare allows a Worker 1,000 an invocation, whatever they hold (developers.cloudflare.com/d1/platform/limits);
/// the rest is for the work after the response.
pub const DATABASE_CALLS: u32 = 950;
/// Operations of one PATCH request.
pub const PATCH_OPERATIONS: usize = 5_000;
/// Attributes that one PATCH request changes; changes of members do not count.
pub const PATCH_CHANGES: usize = 1_000;
/// Comparisons in the value paths of one PATCH request; each looks at all values of an attribute.
pub const PATCH_TERMS: usize = 2_000;
/// Comparisons of one PATCH request that look at all members of a group; comparisons of ids do not count.
pub const MEMBER_TERMS: usize = 100;
/// Bytes that one PATCH request writes by setting one value in several elements.
pub const PATCH_COPIES: usize = 1 << 20;

/// Bytes of a body that the administration takes, except for an import.
pub const ADMIN_BODY: usize = 64 << 10;
/// Bytes of a token request (OAuth). Entra's assertions have about 2,000.
pub const TOKEN_BODY: usize = 64 << 10;
/// Bytes of an import.
pub const IMPORT_BODY: usize = 4 << 20;
/// Lines of an import.
pub const IMPORT_LINES: usize = 1_000;

/// Returns the bytes of a JSON text plus 64 for each object in it. The memory that the JSON takes is about five times
/// that.
pub fn weight(json: &[u8]) -> usize {
    json.len().saturating_add(64 * json.iter().filter(|byte| **byte == b'{').count())
}

/// Refuses a request that has more of something than is allowed: 400 `tooMany`.
pub(crate) fn check(count: usize, most: usize, of: &str) -> Result<(), ScimError> {
    if count <= most {
        return Ok(());
    }
    Err(ScimError::too_many(format!("the request has {count} {of}; at most {most} are taken")))
}
