//! Resource types that consist of documents alone: those of `examples/resource-types`.

use scim::Registry;
use serde_json::{Value, json};

use crate::harness::{BASE, Directory};

macro_rules! example {
    ($name:literal, $file:literal) => {
        (
            concat!($name, ".json"),
            include_str!(concat!("../../../../examples/resource-types/", $name, "/", $file, ".json")),
        )
    };
}

const SCHEMAS: [(&str, &str); 5] = [
    example!("device", "schema"),
    example!("role", "schema"),
    example!("entitlement", "schema"),
    example!("agent", "schema"),
    example!("agentic-application", "schema"),
];
const TYPES: [(&str, &str); 5] = [
    example!("device", "resource-type"),
    example!("role", "resource-type"),
    example!("entitlement", "resource-type"),
    example!("agent", "resource-type"),
    example!("agentic-application", "resource-type"),
];
const DEVICE: &str = "urn:ietf:params:scim:schemas:core:2.0:Device";
const ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";
const ENTITLEMENT: &str = "urn:okta:scim:schemas:core:1.0:Entitlement";
const AGENT: &str = "urn:ietf:params:scim:schemas:core:2.0:Agent";
const APPLICATION: &str = "urn:ietf:params:scim:schemas:core:2.0:AgenticApplication";

/// Endpoint, type, the URN of its schema, an attribute by which resources differ, and what else a resource needs.
const ALL: [(&str, &str, &str, &str, &str); 5] = [
    ("/Devices", "Device", DEVICE, "displayName", r#"{"active": true}"#),
    ("/Roles", "Role", ROLE, "displayName", r#"{"type": "license"}"#),
    ("/Entitlements", "Entitlement", ENTITLEMENT, "displayName", r#"{"type": "seat"}"#),
    ("/Agents", "Agent", AGENT, "name", r#"{"agentType": "Assistant"}"#),
    ("/AgenticApplications", "AgenticApplication", APPLICATION, "name", r#"{"active": true}"#),
];

fn directory() -> Directory {
    Directory::with(Registry::with_documents(&SCHEMAS, &TYPES).unwrap())
}

fn body(urn: &str, attribute: &str, name: &str, more: &str) -> Value {
    let mut body: Value = serde_json::from_str(more).unwrap();
    body["schemas"] = json!([urn]);
    body[attribute] = json!(name);
    body
}

#[test]
fn each_is_created_read_found_changed_replaced_and_deleted() {
    let directory = directory();
    for (endpoint, name, urn, attribute, more) in ALL {
        let (status, created) = directory.post(endpoint, body(urn, attribute, "One", more));
        assert_eq!(status, 201, "{created}");
        let id = created["id"].as_str().unwrap();
        let path = format!("{endpoint}/{id}");
        assert_eq!((&created["schemas"], &created[attribute]), (&json!([urn]), &json!("One")));
        assert_eq!(created["meta"]["resourceType"], name);
        assert_eq!(created["meta"]["location"], format!("{BASE}{path}"));
        assert_eq!(created.get("active"), serde_json::from_str::<Value>(more).unwrap().get("active"));
        assert_eq!(directory.get(&path), (200, created.clone()));
        for filter in [
            format!("{attribute} eq \"ONE\""),
            format!("{urn}:{attribute} sw \"on\""),
            format!("id eq \"{id}\""),
            format!("meta.location ew \"{path}\" and meta.resourceType eq \"{name}\""),
            format!("schemas eq \"{urn}\""),
        ] {
            let (status, found) = directory.query(endpoint, &filter);
            assert_eq!(
                (status, &found["totalResults"], &found["Resources"][0]),
                (200, &json!(1), &created),
                "{filter}"
            );
        }
        let replace = json!([{"op": "Replace", "path": attribute, "value": "Two"}]);
        let (status, patched) = directory.patch(&path, replace);
        assert_eq!(
            (status, &patched[attribute], &patched["meta"]["version"]),
            (200, &json!("Two"), &json!("W/\"2\""))
        );
        let (status, put) = directory.put(&path, body(urn, attribute, "Three", more));
        assert_eq!(
            (status, &put[attribute], &put["meta"]["version"]),
            (200, &json!("Three"), &json!("W/\"3\""))
        );
        let (_, sorted) = directory.get(&format!("{endpoint}?sortBy={attribute}&count=1"));
        assert_eq!(sorted["Resources"], json!([put]));
        assert_eq!(directory.delete(&path).0, 204);
        let (status, error) = directory.get(&path);
        assert_eq!(
            (status, error["detail"].as_str().unwrap().starts_with(&format!("there is no {name}"))),
            (404, true),
            "{error}"
        );
    }
}

#[test]
fn a_name_is_unique_only_if_the_schema_says_so() {
    let directory = directory();
    for (endpoint, name, urn, attribute, more) in ALL {
        let statuses =
            ["Same", "same"].map(|text| directory.post(endpoint, body(urn, attribute, text, more)));
        match name {
            "Agent" | "AgenticApplication" => {
                let detail = format!("another {name} has the name `same`");
                assert_eq!((statuses[1].0, &statuses[1].1["detail"]), (409, &json!(detail)));
            }
            _ => assert_eq!([statuses[0].0, statuses[1].0], [201, 201], "{name}"),
        }
    }
}

#[test]
fn types_do_not_meet_and_the_root_lists_them_all() {
    let directory = directory();
    directory.created("/Users", json!({"userName": "ada"}));
    directory.created("/Groups", json!({"displayName": "Sales"}));
    for (endpoint, _, urn, attribute, more) in ALL {
        let id = directory.created(endpoint, body(urn, attribute, "One", more));
        assert_eq!(directory.get(&format!("/Users/{id}")).0, 404);
        assert_eq!(directory.get(&format!("{endpoint}?count=0")).1["totalResults"], 1);
    }
    for path in ["/", "/?filter=meta.resourceType+pr"] {
        let (status, all) = directory.get(path);
        let types: Vec<&str> = all["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|resource| resource["meta"]["resourceType"].as_str().unwrap())
            .collect();
        assert_eq!((status, all["totalResults"].as_i64()), (200, Some(7)), "{path}");
        assert_eq!(types.len(), 7, "{types:?}");
    }
    // RFC 7643 s3: a body that names another type's schema alone was meant for another endpoint.
    let (status, error) = directory.post("/Users", json!({"schemas": [DEVICE], "userName": "bob"}));
    assert_eq!((status, error["scimType"].as_str()), (400, Some("invalidSyntax")));
    let (status, error) =
        directory.patch("/Roles/x", json!([{"op": "add", "path": "members", "value": [{"value": "u"}]}]));
    assert_eq!((status, error["scimType"].as_str()), (400, Some("invalidPath")));
}

#[test]
fn a_bulk_writes_all_of_them() {
    let directory = directory();
    let operation = |(at, (endpoint, _, urn, attribute, more)): (usize, &(&str, &str, &str, &str, &str))| json!({"method": "POST", "path": endpoint, "bulkId": format!("b{at}"), "data": body(urn, attribute, "One", more)});
    let mut operations: Vec<Value> = ALL.iter().enumerate().map(operation).collect();
    operations.push(json!({"method": "PATCH", "path": "/Roles/bulkId:b1",
        "data": {"Operations": [{"op": "add", "path": "description", "value": "D"}]}}));
    operations.push(json!({"method": "DELETE", "path": "/Entitlements/bulkId:b2"}));
    let urn = scim::urn::BULK_REQUEST;
    let (status, answer) = directory.post("/Bulk", json!({"schemas": [urn], "Operations": operations}));
    let statuses: Vec<&str> = answer["Operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["status"].as_str().unwrap())
        .collect();
    assert_eq!((status, statuses), (200, vec!["201", "201", "201", "201", "201", "200", "204"]), "{answer}");
    assert_eq!(directory.query("/Roles", "description eq \"d\"").1["totalResults"], 1);
    assert_eq!(directory.get("/Entitlements").1["totalResults"], 0);
}

#[test]
fn they_go_out_in_an_export_and_come_in_again() {
    let (directory, copy) = (directory(), directory().of_tenant("copy"));
    let ada = directory.created("/Users", json!({"userName": "ada"}));
    for (endpoint, _, urn, attribute, more) in ALL {
        directory.created(endpoint, body(urn, attribute, "One", more));
    }
    directory.created("/Groups", json!({"displayName": "Sales", "members": [{"value": ada}]}));
    let lines = |directory: &Directory| {
        let (mut lines, mut cursor) = (String::new(), None);
        loop {
            let page = directory
                .run(async |database, context| {
                    directory::export(database, context.registry, context.tenant, cursor.as_deref()).await
                })
                .unwrap();
            lines.push_str(&page.lines);
            cursor = page.cursor;
            if cursor.is_none() {
                return lines;
            }
        }
    };
    let exported = lines(&directory);
    assert_eq!(exported.lines().count(), 7);
    assert!(exported.lines().last().unwrap().contains("\"Sales\""), "members come before their groups");
    let imported =
        copy.run(async |database, context| directory::import(database, context, &exported).await).unwrap();
    assert_eq!((imported.created, imported.refused.len(), imported.incomplete.len()), (7, 0, 0));
    assert_eq!(lines(&copy), exported);
}

#[test]
fn discovery_and_the_openapi_document_tell_of_them() {
    let directory = directory();
    let (_, types) = directory.get("/ResourceTypes");
    let (_, document) = directory.get("/openapi.json");
    for (endpoint, name, urn, ..) in ALL {
        let listed = types["Resources"].as_array().unwrap().iter().find(|of| of["name"] == name).unwrap();
        assert_eq!((&listed["endpoint"], &listed["schema"]), (&json!(endpoint), &json!(urn)));
        assert_eq!(directory.get(&format!("/ResourceTypes/{name}")), (200, listed.clone()));
        assert_eq!(directory.get(&format!("/Schemas/{urn}")).1["id"], urn);
        assert!(document["paths"][endpoint]["post"].is_object(), "{endpoint}");
        assert!(document["components"]["schemas"][name]["properties"].is_object(), "{name}");
    }
}

/// The name and the endpoint of the type that has members are `Group` and `/Groups` in the files that ship.
#[test]
fn groups_of_a_user_are_found_and_sorted_at_another_endpoint_and_without_a_unique_name() {
    let group = include_str!("../../../../schemas/group.json");
    let not_unique = group.replacen("\"uniqueness\": \"server\"", "\"uniqueness\": \"none\"", 1);
    let at_teams = include_str!("../../../../resource-types/group.json").replace("/Groups", "/Teams");
    assert!(not_unique != group && at_teams.contains("/Teams"));
    let schemas = [
        ("user.json", include_str!("../../../../schemas/user.json")),
        ("enterprise-user.json", include_str!("../../../../schemas/enterprise-user.json")),
        ("group.json", not_unique.as_str()),
    ];
    let types = [
        ("user.json", include_str!("../../../../resource-types/user.json")),
        ("group.json", at_teams.as_str()),
    ];
    let directory = Directory::with(Registry::from_documents(&schemas, &types).unwrap());
    let [ada, bob] = ["ada", "bob"].map(|name| directory.created("/Users", json!({"userName": name})));
    let team = |name: &str, member: &str| {
        directory.created("/Teams", json!({"displayName": name, "members": [{"value": member}]}))
    };
    let (late, early) = (team("Wheels", &ada), team("Engines", &bob));
    let found = |query: &str| {
        let (status, list) = directory.get(&format!("/Users?attributes=userName&{query}"));
        assert_eq!(status, 200, "{list}");
        let name = |user: &Value| user["userName"].as_str().unwrap().to_string();
        list["Resources"].as_array().unwrap().iter().map(name).collect::<String>()
    };
    assert_eq!(found(&format!("filter=groups.%24ref%20ew%20%22/Teams/{late}%22")), "ada");
    assert_eq!(found(&format!("filter=groups.%24ref%20ew%20%22/Groups/{late}%22")), "");
    assert_eq!(found("filter=groups.display%20eq%20%22engines%22"), "bob");
    assert_eq!(found("sortBy=groups.display"), "bobada");
    assert_eq!(found("sortBy=groups.%24ref"), "adabob");
    assert_ne!(late, early);
}

#[test]
fn a_group_has_members_of_the_types_that_its_schema_refers_to() {
    let group = include_str!("../../../../schemas/group.json");
    let with_agents = group.replacen("\"Group\"\n          ]", "\"Group\", \"Agent\"\n          ]", 2);
    assert_ne!(with_agents, group);
    let user = include_str!("../../../../schemas/user.json");
    let core = [
        ("user.json", include_str!("../../../../resource-types/user.json")),
        ("group.json", include_str!("../../../../resource-types/group.json")),
    ];
    let schemas = [&[("user.json", user), ("group.json", with_agents.as_str())][..], &SCHEMAS].concat();
    let directory =
        Directory::with(Registry::from_documents(&schemas, &[&core[..], &TYPES].concat()).unwrap());
    let ada = directory.created("/Users", json!({"userName": "ada"}));
    let bot = directory.created("/Agents", json!({"name": "bot", "displayName": "Bot"}));
    let role = directory.created("/Roles", json!({"displayName": "Admin"}));
    let inner = directory.created("/Groups", json!({"displayName": "Inner", "members": [{"value": bot}]}));
    let sales =
        json!({"displayName": "Sales", "members": [{"value": ada}, {"value": bot}, {"value": inner}]});
    let (status, sales) = directory.post("/Groups", sales);
    assert_eq!(status, 201, "{sales}");
    let members = json!([
        {"value": ada, "$ref": format!("{BASE}/Users/{ada}"), "type": "User"},
        {"value": bot, "$ref": format!("{BASE}/Agents/{bot}"), "type": "Agent", "display": "Bot"},
        {"value": inner, "$ref": format!("{BASE}/Groups/{inner}"), "type": "Group", "display": "Inner"},
    ]);
    assert_eq!(sales["members"], members);
    let (_, listed) =
        directory.query("/Groups", &format!("members[type eq \"agent\" and $ref ew \"/Agents/{bot}\"]"));
    assert_eq!((&listed["totalResults"], &listed["Resources"][1]["members"]), (&json!(2), &members));
    let (_, read) = directory.get(&format!("/Agents/{bot}"));
    let groups = json!([
        {"value": inner, "$ref": format!("{BASE}/Groups/{inner}"), "type": "direct", "display": "Inner"},
        {"value": sales["id"], "$ref": format!("{BASE}/Groups/{}", sales["id"].as_str().unwrap()), "type": "direct", "display": "Sales"},
    ]);
    assert_eq!(read["groups"], groups);
    let (_, found) = directory.query("/Agents", "groups.display eq \"inner\"");
    assert_eq!((&found["totalResults"], &found["Resources"][0]["groups"]), (&json!(1), &groups));
    let path = format!("/Groups/{inner}");
    let (status, error) =
        directory.patch(&path, json!([{"op": "add", "path": "members", "value": [{"value": role}]}]));
    assert_eq!((status, error["scimType"].as_str()), (400, Some("invalidValue")), "{error}");
    assert_eq!(directory.delete(&format!("/Agents/{bot}")).0, 204);
    assert_eq!(directory.get(&path).1["members"], json!([]));
}
