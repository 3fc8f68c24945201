//! Every operation that there is, each on the same small directory.

use database::{Database, Failure, schema};
use directory::QuotaChanges;
use directory::{Context, Quota};
use scim::{Dialect, Instant};
use serde_json::{Value, json};
use tenants::{Changes, GRACE, NewTenant, NewToken, Secret};

use super::clients;
use crate::harness::{Directory, Headers, members, patch};
use crate::instrumented::InstrumentedDatabase;

/// The status and the body, or the failure that the Worker answers 503 or 500.
pub type Answer = Result<(u16, String), Failure>;

pub struct Operation {
    pub name: &'static str,
    pub run: Box<dyn Fn(&Directory) -> Answer>,
    /// The status of the repeated request, if the first was done.
    pub again: u16,
    /// Whether a repetition creates another one.
    pub adds: bool,
}

/// Returns a directory of three users, two of them members of a group; a tenant with tokens and clients, and one that
/// is being removed.
pub fn filled() -> Directory {
    let directory = Directory::new();
    for name in ["ada", "bob", "eve"] {
        directory
            .created("/Users", json!({"userName": name, "emails": [{"value": format!("{name}@x.example")}]}));
    }
    directory.group("Engines", &[ADA, BOB]);
    let made = directory.run(async |database, context| {
        tenants::create(database, tenant("acme"), context.now).await?;
        tenants::create_token(database, "acme", token("token1", 1), context.now).await?;
        tenants::create_token(database, "acme", token("token2", 2), context.now).await?;
        tenants::create(database, tenant("gone"), context.now).await?;
        tenants::remove(database, "gone", None, directory::empty("gone"), context.now).await?;
        clients::fill(database, context).await
    });
    made.unwrap();
    directory.of_tenant("acme").user("of acme");
    directory
}

pub const ADA: &str = "00000000-0000-7000-8000-000000000001";
pub const BOB: &str = "00000000-0000-7000-8000-000000000002";
pub const EVE: &str = "00000000-0000-7000-8000-000000000003";
pub const ENGINES: &str = "00000000-0000-7000-8000-000000000004";

fn tenant(id: &str) -> NewTenant {
    NewTenant { id: id.into(), name: "Acme".into(), dialect: Dialect::STRICT, log_retention_days: 30 }
}

/// Returns a new token.
pub fn another(context: &Context<'_>) -> NewToken<'static> {
    let id = (context.new_id)();
    let number = id.rsplit('-').next().unwrap().parse::<u64>().unwrap() / 1_000;
    token(&id, 10 + u8::try_from(number).unwrap())
}

fn token(id: &str, number: u8) -> NewToken<'static> {
    let secret = Box::leak(Box::new(Secret::new(&[number; 32])));
    NewToken { id: id.into(), name: Some("first"), secret, scopes: None, expires: None }
}

fn fixed(path: &str) -> String {
    path.replace("ada", ADA).replace("engines", ENGINES)
}

fn request(method: &'static str, path: &str, body: Value, again: u16) -> Operation {
    conditional(method, path, body, None, again)
}

fn conditional(
    method: &'static str,
    path: &str,
    body: Value,
    if_match: Option<&'static str>,
    again: u16,
) -> Operation {
    let path = fixed(path);
    let run = move |directory: &Directory| {
        let headers = Headers { if_match, ..Headers::default() };
        let body = (!body.is_null()).then(|| body.clone());
        let response = directory.try_request(method, &path, body, headers)?;
        Ok((response.status, response.body.to_string()))
    };
    Operation { name: method, run: Box::new(run), again, adds: false }
}

/// Runs what an administrator does; a refusal is an answer.
pub fn admin<T: std::fmt::Debug>(
    name: &'static str,
    again: u16,
    run: impl AsyncFn(&InstrumentedDatabase, &Context<'_>) -> Result<T, Failure> + 'static,
) -> Operation {
    let run = move |directory: &Directory| match directory.run(&run) {
        Ok(done) => Ok((200, format!("{done:?}"))),
        Err(failure) => failure.into_refusal().map(|refusal| (refusal.status, refusal.into_detail())),
    };
    Operation { name, run: Box::new(run), again, adds: false }
}

pub fn all() -> Vec<Operation> {
    let mut all = requests();
    all.extend(administration());
    all.extend(clients::all());
    all
}

fn requests() -> Vec<Operation> {
    let title = patch(json!([{"op": "replace", "path": "title", "value": "Countess"},
        {"op": "replace", "path": "emails", "value": [{"value": "other@x.example"}]}]));
    let added = patch(
        json!([{"op": "add", "path": "emails", "value": [{"value": "second@x.example", "type": "home"}]},
        {"op": "add", "path": "addresses", "value": [{"type": "work", "locality": "London"}]},
        {"op": "add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "1"},
        {"op": "add", "path": "roles", "value": [{"value": "admin"}]}]),
    );
    let members_alone = patch(json!([{"op": "add", "path": "members", "value": members(&[EVE])},
        {"op": "remove", "path": "members", "value": members(&[ADA])}]));
    let filtered = patch(json!([{"op": "remove", "path": "members[type eq \"User\"]"}]));
    let rename = patch(json!([{"op": "replace", "path": "displayName", "value": "Looms"},
        {"op": "add", "path": "members", "value": members(&[EVE])}]));
    let group = json!({"displayName": "Looms", "members": members(&[EVE])});
    let user = json!({"userName": "new", "emails": [{"value": "new@x.example"}]});
    let first = Some("W/\"1\"");
    vec![
        request("GET", "/Users/ada", Value::Null, 200),
        request("GET", "/Groups/engines", Value::Null, 200),
        request("GET", "/Users?filter=userName+eq+%22ada%22", Value::Null, 200),
        request("GET", "/Users?count=1&cursor", Value::Null, 200),
        request("POST", "/.search", json!({"filter": "emails.value eq \"bob@x.example\""}), 200),
        request("POST", "/Users", user.clone(), 409),
        request("POST", "/Groups", group.clone(), 409),
        request("PUT", "/Users/ada", json!({"userName": "ada", "title": "Countess"}), 200),
        request("PUT", "/Groups/engines", group.clone(), 200),
        request("PATCH", "/Users/ada", title.clone(), 200),
        request("PATCH", "/Users/ada", added, 200),
        request("PATCH", "/Groups/engines", rename, 204),
        request("PATCH", "/Groups/engines", members_alone.clone(), 204),
        request("PATCH", "/Groups/engines", filtered, 204),
        request("DELETE", "/Users/ada", Value::Null, 404),
        request("DELETE", "/Groups/engines", Value::Null, 404),
        conditional("PUT", "/Groups/engines", group, first, 412),
        conditional("PATCH", "/Users/ada", title, first, 412),
        conditional("PATCH", "/Groups/engines", members_alone, first, 412),
        conditional("DELETE", "/Users/ada", Value::Null, first, 404),
    ]
}

fn administration() -> Vec<Operation> {
    let lines = "{\"id\":\"i1\",\"userName\":\"imported\",\"meta\":{\"resourceType\":\"User\"}}\n\
        {\"id\":\"i2\",\"displayName\":\"Imported\",\"members\":[{\"value\":\"i1\"}],\"meta\":{\"resourceType\":\"Group\"}}\n";
    let suspend = || Changes { name: Some("Acme Inc".into()), enabled: Some(false), ..Changes::default() };
    let hash = || Secret::new(&[1; 32]).hash();
    let adding = |operation| Operation { adds: true, ..operation };
    vec![
        admin("list", 200, async |database, _| tenants::list(database, "", 10).await),
        admin("show", 200, async |database, _| tenants::show(database, "acme").await),
        admin("usage", 200, async |database, _| directory::usage(database, "acme").await),
        admin("recount", 200, async |database, _| directory::recount(database, "default").await),
        admin("set quotas", 200, async |database, _| {
            let changes = QuotaChanges(vec![(Quota::Users, Some(7)), (Quota::Bytes, None)]);
            Ok(database.run(directory::set_quotas_of_tenant("acme", &changes)).await?)
        }),
        admin("tokens", 200, async |database, _| tenants::list_tokens(database, "acme").await),
        admin("look up", 200, async move |database, _| tenants::look_up(database, hash()).await),
        admin("probe", 200, async |database, _| schema::probe(database).await),
        admin("export", 200, async |database, context| {
            let page = directory::export(database, context.registry, "default", Some("Group~")).await?;
            Ok(page.lines)
        }),
        admin("import", 200, async move |database, context| {
            directory::import(database, context, lines).await
        }),
        admin("create", 409, async |database, context| {
            tenants::create(database, tenant("umbrella"), context.now).await
        }),
        admin("update", 200, async move |database, context| {
            tenants::update(database, "acme", suspend(), Vec::new(), context.now).await
        }),
        admin("refresh", 200, async move |database, context| {
            tenants::refresh(database, hash(), context.now).await
        }),
        admin("revoke", 200, async |database, context| {
            tenants::revoke(database, "acme", "token1", context.now).await
        }),
        adding(admin("create token", 200, async move |database, context| {
            tenants::create_token(database, "acme", another(context), context.now).await
        })),
        adding(admin("rotate", 200, async move |database, context| {
            tenants::rotate(database, "acme", "token1", another(context), context.now, context.now).await
        })),
        admin("remove", 200, async |database, context| {
            tenants::remove(database, "acme", None, directory::empty("acme"), context.now).await
        }),
        admin("end", 404, async |database, context| {
            tenants::remove(database, "gone", None, directory::empty("gone"), Instant(context.now.0 + GRACE))
                .await
        }),
    ]
}
