//! The paths below `/admin`, and what each method does there. Pure: nothing is executed here.

use scim::ScimError;

use Action::*;

/// What an administrator may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    ListTenants,
    CreateTenant,
    ShowTenant,
    UpdateTenant,
    DeleteTenant,
    Recount,
    ListTokens,
    CreateToken,
    RevokeToken,
    RotateToken,
    ListClients,
    CreateClient,
    RevokeClient,
    CreateSecret,
    RevokeSecret,
    ListIssuers,
    CreateIssuer,
    RevokeIssuer,
    FetchIssuer,
    Export,
    Import,
    Activity,
    Audit,
    Erase,
    ListEndpoints,
    CreateEndpoint,
    DeleteEndpoint,
    PauseEndpoint,
    ResumeEndpoint,
    RotateEndpoint,
    ReplayEndpoint,
    SkipEvent,
    TestEndpoint,
    ShowEdge,
    WorkEdge,
    RebuildEdge,
    ListRoles,
    MapRole,
    UnmapRole,
    CreateSetupLink,
    ListSetupLinks,
    RevokeSetupLink,
    CreateConsoleLink,
    ListConsoleSessions,
    RevokeConsoleSession,
    ListSigningKeys,
    RotateSigningKeys,
    RevokeSigningKey,
}

/// A method, what it does, and its name in the log.
type Method = (&'static str, Action, &'static str);

/// A path, in which `*` stands for an id; its methods, as the header `Allow` lists them; and each of them.
type Resource = (&'static str, &'static str, &'static [Method]);

const RESOURCES: &[Resource] = &[
    (
        "tenants",
        "GET, POST",
        &[("GET", ListTenants, "list tenants"), ("POST", CreateTenant, "create tenant")],
    ),
    (
        "tenants/*",
        "GET, PATCH, DELETE",
        &[
            ("GET", ShowTenant, "show tenant"),
            ("PATCH", UpdateTenant, "update tenant"),
            ("DELETE", DeleteTenant, "delete tenant"),
        ],
    ),
    ("tenants/*/recount", "POST", &[("POST", Recount, "recount tenant")]),
    (
        "tenants/*/tokens",
        "GET, POST",
        &[("GET", ListTokens, "list tokens"), ("POST", CreateToken, "create token")],
    ),
    ("tenants/*/tokens/*", "DELETE", &[("DELETE", RevokeToken, "revoke token")]),
    ("tenants/*/tokens/*/rotate", "POST", &[("POST", RotateToken, "rotate token")]),
    (
        "tenants/*/clients",
        "GET, POST",
        &[("GET", ListClients, "list clients"), ("POST", CreateClient, "create client")],
    ),
    ("tenants/*/clients/*", "DELETE", &[("DELETE", RevokeClient, "revoke client")]),
    ("tenants/*/clients/*/secrets", "POST", &[("POST", CreateSecret, "create client secret")]),
    ("tenants/*/clients/*/secrets/*", "DELETE", &[("DELETE", RevokeSecret, "revoke client secret")]),
    (
        "tenants/*/issuers",
        "GET, POST",
        &[("GET", ListIssuers, "list issuers"), ("POST", CreateIssuer, "create issuer")],
    ),
    ("tenants/*/issuers/*", "DELETE", &[("DELETE", RevokeIssuer, "revoke issuer")]),
    ("tenants/*/issuers/*/fetch", "POST", &[("POST", FetchIssuer, "fetch keys of issuer")]),
    ("tenants/*/export", "GET", &[("GET", Export, "export")]),
    ("tenants/*/import", "POST", &[("POST", Import, "import")]),
    ("tenants/*/activity", "GET", &[("GET", Activity, "show activity")]),
    ("tenants/*/audit", "GET", &[("GET", Audit, "audit")]),
    (
        "tenants/*/endpoints",
        "GET, POST",
        &[("GET", ListEndpoints, "list endpoints"), ("POST", CreateEndpoint, "create endpoint")],
    ),
    ("tenants/*/endpoints/*", "DELETE", &[("DELETE", DeleteEndpoint, "delete endpoint")]),
    ("tenants/*/endpoints/*/pause", "POST", &[("POST", PauseEndpoint, "pause endpoint")]),
    ("tenants/*/endpoints/*/resume", "POST", &[("POST", ResumeEndpoint, "resume endpoint")]),
    ("tenants/*/endpoints/*/rotate", "POST", &[("POST", RotateEndpoint, "rotate secret of endpoint")]),
    ("tenants/*/endpoints/*/replay", "POST", &[("POST", ReplayEndpoint, "replay to endpoint")]),
    ("tenants/*/endpoints/*/skip", "POST", &[("POST", SkipEvent, "skip event of endpoint")]),
    ("tenants/*/endpoints/*/test", "POST", &[("POST", TestEndpoint, "test endpoint")]),
    ("tenants/*/erase", "POST", &[("POST", Erase, "erase user")]),
    (
        "tenants/*/edge",
        "GET, POST",
        &[("GET", ShowEdge, "show edge copy"), ("POST", WorkEdge, "write edge copy")],
    ),
    ("tenants/*/edge/rebuild", "POST", &[("POST", RebuildEdge, "rebuild edge copy")]),
    (
        "tenants/*/roles",
        "GET, POST",
        &[("GET", ListRoles, "list roles"), ("POST", MapRole, "map group to role")],
    ),
    ("tenants/*/roles/*", "DELETE", &[("DELETE", UnmapRole, "end mapping to role")]),
    (
        "tenants/*/setup-links",
        "GET, POST",
        &[("GET", ListSetupLinks, "list set-up links"), ("POST", CreateSetupLink, "create set-up link")],
    ),
    ("tenants/*/setup-links/*", "DELETE", &[("DELETE", RevokeSetupLink, "revoke set-up link")]),
    ("console/links", "POST", &[("POST", CreateConsoleLink, "create console link")]),
    ("console/sessions", "GET", &[("GET", ListConsoleSessions, "list console sessions")]),
    ("console/sessions/*", "DELETE", &[("DELETE", RevokeConsoleSession, "end console session")]),
    (
        "signing-keys",
        "GET, POST",
        &[("GET", ListSigningKeys, "list signing keys"), ("POST", RotateSigningKeys, "rotate signing keys")],
    ),
    ("signing-keys/*", "DELETE", &[("DELETE", RevokeSigningKey, "revoke signing key")]),
];

/// What is asked for, the ids in its path, and its name in the log.
pub(super) struct Routed<'p> {
    pub action: Action,
    pub ids: Vec<&'p str>,
    pub name: &'static str,
}

/// Finds what a method does at a path.
///
/// # Errors
/// 404 if the path does not exist, 405 if it does not take the method.
pub(super) fn route<'p>(below: &[&'p str], method: &str) -> Result<Routed<'p>, ScimError> {
    let found = RESOURCES.iter().find_map(|(path, allow, methods)| Some((ids(path, below)?, allow, methods)));
    let Some((ids, allow, methods)) = found else {
        return Err(ScimError::not_found("the administration has no such resource"));
    };
    match methods.iter().find(|(taken, ..)| *taken == method) {
        Some(&(_, action, name)) => Ok(Routed { action, ids, name }),
        None => Err(ScimError::method_not_allowed(method, allow)),
    }
}

/// Returns the ids in the places of the `*`, if the path has that form.
fn ids<'p>(path: &str, below: &[&'p str]) -> Option<Vec<&'p str>> {
    let mut ids = Vec::new();
    let mut given = below.iter();
    for part in path.split('/') {
        match *given.next()? {
            id if part == "*" => ids.push(id),
            segment if part == segment => {}
            _ => return None,
        }
    }
    given.next().is_none().then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::{Action, RESOURCES, route};

    #[test]
    fn a_path_is_found_with_its_ids_and_nothing_is_found_beside_it() {
        let found = route(&["tenants", "acme", "clients", "c", "secrets", "s"], "DELETE").ok().unwrap();
        assert_eq!(
            (found.action, found.ids, found.name),
            (Action::RevokeSecret, vec!["acme", "c", "s"], "revoke client secret")
        );
        for none in [
            &[][..],
            &["tenants", "acme", "x"],
            &["tenants", "a", "export", "b"],
            &["signing-keys", "k", "x"],
        ] {
            assert_eq!(route(none, "GET").err().unwrap().status, 404, "{none:?}");
        }
    }

    #[test]
    fn what_is_allowed_is_what_is_listed() {
        for (path, allow, methods) in RESOURCES {
            let listed: Vec<&str> = methods.iter().map(|(method, ..)| *method).collect();
            assert_eq!(listed.join(", "), *allow, "{path}");
            let refusal = route(&path.split('/').collect::<Vec<_>>(), "PUT").err().unwrap();
            assert_eq!((refusal.status, refusal.allow), (405, Some(*allow)), "{path}");
        }
    }
}
