//! From JSON to a document and a PATCH, and the comparisons that the tests are written in.

use std::sync::LazyLock;

use scim::{
    Dialect, Document, HttpRequest, Kind, MemberChange, Operation, Patch, Registry, ScimError, ScimType, urn,
};
use serde_json::{Value, json};

/// The URN of the enterprise extension.
pub const ENTERPRISE: &str = urn::ENTERPRISE_USER;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::load().unwrap());

/// Returns the type of users.
pub fn user_kind() -> Kind {
    REGISTRY.kind("User").unwrap()
}

/// Returns the type of groups.
pub fn group_kind() -> Kind {
    REGISTRY.kind("Group").unwrap()
}

fn parsed(dialect: Dialect, method: &str, path: &str, body: &Value) -> Result<Operation<'static>, ScimError> {
    let body = body.to_string();
    let request = HttpRequest { method, path, body: body.as_bytes(), ..HttpRequest::default() };
    Ok(scim::parse(&REGISTRY, dialect, &request)?.operation().unwrap())
}

/// Returns the document that is stored of a resource, without the defaults of a POST.
pub fn created(kind: Kind, body: &Value) -> Document {
    scim::parse_resource(&REGISTRY, kind, body.clone()).unwrap().0
}

/// Returns the body of a PATCH with these operations.
pub fn message(operations: &Value) -> Value {
    json!({"schemas": [urn::PATCH_OP], "Operations": operations})
}

/// Returns the PATCH that this body is parsed as.
pub fn patch(dialect: Dialect, kind: Kind, body: &Value) -> Result<Patch<'static>, ScimError> {
    match parsed(dialect, "PATCH", &format!("/{}/x", kind.endpoint()), body)? {
        Operation::Patch { patch, .. } => Ok(patch),
        other => panic!("{other:?}"),
    }
}

/// Returns the document after a PATCH with this body.
pub fn patched(dialect: Dialect, kind: Kind, before: &Document, body: &Value) -> Result<Value, ScimError> {
    let after = patch(dialect, kind, body)?.apply(REGISTRY.resource_type(kind), before)?;
    Ok(Value::Object(after.0))
}

/// Returns the attributes with the `userName` that every user needs, unless they have one.
fn with_user_name(mut attributes: Value) -> Value {
    let members = attributes.as_object_mut().unwrap();
    members.entry("userName").or_insert_with(|| json!("ada"));
    attributes
}

/// Checks that the operations change the user `before` to `after`. Both are the whole document, except that
/// `userName` is `ada` if it is left out.
#[track_caller]
pub fn becomes(before: Value, operations: Value, after: Value) {
    becomes_under(Dialect::TOLERANT, before, operations, after);
}

/// Checks the same in a dialect.
#[track_caller]
pub fn becomes_under(dialect: Dialect, before: Value, operations: Value, after: Value) {
    let before = created(user_kind(), &with_user_name(before));
    match patched(dialect, user_kind(), &before, &message(&operations)) {
        Ok(found) => assert_eq!(found, with_user_name(after), "{operations}"),
        Err(error) => panic!("{operations} is refused: {error:?}"),
    }
}

/// Checks that the operations leave the user as it is.
#[track_caller]
pub fn leaves(user: Value, operations: Value) {
    let stored = Value::Object(created(user_kind(), &with_user_name(user.clone())).0);
    becomes(user, operations, stored);
}

/// Checks that the operations do not change the user `before`, and are answered 400 with this keyword and sentence.
#[track_caller]
pub fn refuses(before: Value, operations: Value, scim_type: ScimType, detail: &str) {
    refuses_under(Dialect::TOLERANT, before, operations, scim_type, detail);
}

/// Checks the same in a dialect.
#[track_caller]
pub fn refuses_under(dialect: Dialect, before: Value, operations: Value, scim_type: ScimType, detail: &str) {
    let before = created(user_kind(), &with_user_name(before));
    let found = patched(dialect, user_kind(), &before, &message(&operations));
    assert_eq!(found, Err(refusal(scim_type, detail)), "{operations}");
}

/// Returns a 400.
pub fn refusal(scim_type: ScimType, detail: &str) -> ScimError {
    let mut refusal = ScimError::new(400, detail);
    refusal.scim_type = Some(scim_type);
    refusal
}

/// Returns what the operations do to the members of a group of which nothing else is known.
pub fn member_change(dialect: Dialect, operations: &Value) -> Result<MemberChange, ScimError> {
    let patch = patch(dialect, group_kind(), &message(operations))?;
    assert!(!MemberChange::needs_members(&patch.members), "{operations}");
    Ok(MemberChange::reduce(&patch.members, &[]))
}
