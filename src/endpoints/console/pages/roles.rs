//! Groups mapped to roles of the application: the list, who gets what, and forms that map a group and end a mapping. `manage::roles` does the work.

use console::{Banner, Kind, PreviewRow, Reach, Reference, RoleRow, Roles, Shown};
use database::Failure;
use directory::roles::{self as directory_roles, Holder, Mapping, MappingsQuery};
use scim::ScimError;

use super::page::{Page, no_page};
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::{lines, roles};

/// Roles of a person in a list, and of one who was asked for.
const ROLES: (usize, usize) = (10, 100);

/// What was entered.
#[derive(Default)]
struct Entered {
    group: String,
    role: String,
    person: String,
}

/// Answers the page; a POST maps a group, or ends a mapping.
///
/// # Errors
/// 404 if there is no such page, 405 if it does not take the method, 403 if the person may not map groups.
pub(super) async fn handle(page: &Page<'_>, below: &[&str]) -> Result<Response, Failure> {
    // A customer's administrator decides who is in a group, and the vendor what that opens.
    if page.is_post() && !page.visitor.role.may_decide() {
        return Err(ScimError::new(403, "the vendor decides which roles there are").into());
    }
    match (below, page.is_post()) {
        ([], false) => {
            page.asked.named("roles");
            asked(page).await
        }
        ([], true) => map(page).await,
        ([id, "delete"], true) => unmap(page, id).await,
        ([_, "delete"], false) => Err(ScimError::method_not_allowed(page.asked.method, "POST").into()),
        _ => Err(no_page()),
    }
}

async fn map(page: &Page<'_>) -> Result<Response, Failure> {
    page.asked.named("map group to role");
    let text = |name: &str| page.field(name).unwrap_or_default().to_string();
    let entered = Entered { group: text("group"), role: text("role"), person: String::new() };
    let mapping = (entered.group.as_str(), entered.role.as_str());
    match roles::map(page.asked.context, page.by(), page.tenant, mapping).await {
        Ok(_) => Ok(page.go_to("roles?done=mapped")),
        Err(failure) => show(page, &entered, Some(failure.into_refusal()?)).await,
    }
}

async fn unmap(page: &Page<'_>, id: &str) -> Result<Response, Failure> {
    page.asked.named("end mapping to role");
    match roles::unmap(page.asked.context, page.by(), page.tenant, id).await {
        Ok(_) => Ok(page.go_to("roles?done=ended")),
        Err(failure) => show(page, &Entered::default(), Some(failure.into_refusal()?)).await,
    }
}

/// Answers what the query asks for: a group that may be mapped, a person, or everyone.
async fn asked(page: &Page<'_>) -> Result<Response, Failure> {
    let query = page.asked.query();
    let text = |name: &str| query.get(name).unwrap_or_default().trim().to_string();
    let entered = Entered { group: text("group"), role: text("role"), person: text("person") };
    let role = match entered.group.is_empty() {
        true => Ok(""),
        false => lines::name("role", &entered.role),
    };
    show(page, &entered, role.err()).await
}

/// Shows the page. After a refusal it says why, and shows everyone.
async fn show(page: &Page<'_>, entered: &Entered, refusal: Option<ScimError>) -> Result<Response, Failure> {
    let query = page.asked.query();
    let given = |text: &'_ String| Some(text.clone()).filter(|text| !text.is_empty() && refusal.is_none());
    let (group, person) = (given(&entered.group), given(&entered.person));
    let asked = MappingsQuery {
        after: query.get("after").unwrap_or_default(),
        group: group.as_deref(),
        person: person.as_deref().filter(|_| group.is_none()),
    };
    let found = roles::page(page.asked.context, page.tenant, &asked).await?;
    let refusal = refusal.or_else(|| match (asked.group, asked.person) {
        (Some(group), _) if found.group.is_none() => Some(directory_roles::no_group(group)),
        (_, Some(person)) if found.people.is_empty() => Some(no_person(person)),
        _ => None,
    });
    let most = if asked.person.is_some() { ROLES.1 } else { ROLES.0 };
    let shown = match (found.group, asked.person) {
        (Some(group), _) => Shown::Group(reference(Kind::Groups, group.id, group.name)),
        (None, Some(_)) => Shown::Person,
        (None, None) => Shown::All,
    };
    let mut frame = page.frame("Roles", "roles");
    frame.banners.extend(query.get("done").and_then(done).map(Banner::notice));
    let is_vendor = page.visitor.role.is_vendor();
    let shown = Roles {
        frame,
        may_map: page.visitor.role.may_decide(),
        rows: found.mappings.into_iter().map(|(mapping, reach)| row(mapping, reach, is_vendor)).collect(),
        next: found.next,
        shown,
        preview: found.people.into_iter().map(|person| holder(person, most)).collect(),
        reach: counted(found.reach),
        group: entered.group.clone(),
        role: entered.role.clone(),
        person: entered.person.clone(),
        problem: render::problem(refusal.as_ref()),
    };
    render::page_after(refusal.as_ref(), &shown)
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "mapped" => Some("The group is mapped to the role."),
        "ended" => Some("The group does not give the role any more."),
        _ => None,
    }
}

fn no_person(person: &str) -> ScimError {
    ScimError::not_found(format!("no user has the userName, externalId or id `{person}`"))
}

/// Shows a mapping. A customer does not see who of the vendor made it.
fn row(mapping: Mapping, reach: directory_roles::Reach, is_vendor: bool) -> RoleRow {
    RoleRow {
        id: mapping.id,
        group: reference(Kind::Groups, mapping.group_id, mapping.group_name),
        role: mapping.role,
        reach: counted(reach),
        created: mapping.created.0,
        maker: Some(mapping.maker).filter(|_| is_vendor),
    }
}

fn holder(person: Holder, most: usize) -> PreviewRow {
    let own = person.own.into_iter().map(|role| (role, None));
    let given = person.given.into_iter().map(|(role, group)| (role, Some(group)));
    let mut roles: Vec<(String, Option<String>)> = own.chain(given).collect();
    let more = roles.len().saturating_sub(most);
    roles.truncate(most);
    PreviewRow { user: reference(Kind::Users, person.id, Some(person.user_name)), roles, more }
}

fn counted(reach: directory_roles::Reach) -> Reach {
    Reach { people: reach.people, is_least: reach.is_least }
}

fn reference(kind: Kind, id: String, name: Option<String>) -> Reference {
    Reference { kind: Some(kind), id, name }
}
