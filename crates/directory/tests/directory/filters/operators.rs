//! Every operator on every type of attribute that a schema declares.

use serde_json::{Value, json};

use crate::harness::BASE;
use crate::harness::{Directory, ENTERPRISE, USER};

/// Returns a directory in which `ada` has every attribute, `bob` other values, and `nil` only a name.
fn people() -> Directory {
    let directory = Directory::new();
    directory.created(
        "/Users",
        json!({
            "userName": "ada", "externalId": "Ext-A", "displayName": "Ada Ångström", "title": "Dr. \"Prof\" 100%",
            "active": true, "profileUrl": "https://x.example/Ada",
            "name": {"givenName": "Ada", "familyName": "Lovelace"},
            "emails": [
                {"value": "Ada@Work.example", "type": "work", "primary": true},
                {"value": "ada@home.example", "type": "home"},
            ],
            "photos": [{"value": "https://x.example/P", "type": "photo"}],
            "addresses": [{"locality": "Zürich", "type": "work"}],
            "x509Certificates": [{"value": "QUJD"}],
            ENTERPRISE: {"department": "Engines", "employeeNumber": "007", "manager": {"value": "Boss-1"}},
        }),
    );
    directory.created(
        "/Users",
        json!({
            "userName": "bob", "externalId": "ext-a", "displayName": "Bob", "active": false,
            "name": {"givenName": "Bob"},
            "emails": [{"value": "bob@work.example", "type": "home"}, {"value": "second@work.example", "type": "work"}],
            ENTERPRISE: {"department": "Sales"},
        }),
    );
    // A POST would give it `active`.
    let nil = json!({"id": "00000000-0000-7000-8000-000000000003", "userName": "nil", "meta": {"resourceType": "User"}});
    let lines = nil.to_string();
    let imported =
        directory.run(async |database, context| directory::import(database, context, &lines).await);
    assert_eq!(imported.unwrap().created, 1);
    directory
}

#[track_caller]
fn finds(directory: &Directory, cases: &[(&str, &str)]) {
    for (filter, names) in cases {
        assert_eq!(directory.names("/Users", filter), *names, "{filter}");
    }
}

#[test]
fn texts_that_are_not_case_exact() {
    let cases = [
        ("userName eq \"ADA\"", "ada"),
        ("USERNAME EQ \"ada\"", "ada"),
        ("userName ne \"ADA\"", "bob nil"),
        ("userName co \"D\"", "ada"),
        ("userName sw \"B\"", "bob"),
        ("userName ew \"L\"", "nil"),
        ("userName gt \"ADA\"", "bob nil"),
        ("userName ge \"BOB\"", "bob nil"),
        ("userName lt \"BOB\"", "ada"),
        ("userName le \"BOB\"", "ada bob"),
        ("userName pr", "ada bob nil"),
        ("displayName eq \"ada ångström\"", "ada"),
        ("displayName eq \"ADA A\u{30a}NGSTRO\u{308}M\"", "ada"),
        ("displayName co \"ÅNG\"", "ada"),
        ("displayName ew \"STRÖM\"", "ada"),
        ("displayName ne \"bob\"", "ada nil"),
        ("displayName gt \"B\"", "bob"),
        ("displayName pr", "ada bob"),
        ("not (displayName pr)", "nil"),
        ("title co \"\\\"PROF\\\"\"", "ada"),
        ("title ew \"%\"", "ada"),
        ("title sw \"_r\"", ""),
        ("name.givenName eq \"ADA\"", "ada"),
        ("name.familyName ne \"x\"", "ada bob nil"),
        ("name.familyName pr", "ada"),
        ("name pr", "ada bob"),
    ];
    finds(&people(), &cases);
}

#[test]
fn texts_that_are_case_exact() {
    let cases = [
        ("externalId eq \"Ext-A\"", "ada"),
        ("externalId eq \"ext-a\"", "bob"),
        ("externalId ne \"Ext-A\"", "bob nil"),
        ("externalId co \"xt-A\"", "ada"),
        ("externalId sw \"E\"", "ada"),
        ("externalId ew \"a\"", "bob"),
        ("externalId gt \"Ext-A\"", "bob"),
        ("externalId le \"Ext-A\"", "ada"),
        ("externalId pr", "ada bob"),
        ("profileUrl eq \"https://x.example/ada\"", ""),
        ("profileUrl eq \"https://x.example/Ada\"", "ada"),
        ("photos.value eq \"https://x.example/P\"", "ada"),
        ("photos.value eq \"https://x.example/p\"", ""),
        ("x509Certificates.value eq \"QUJD\"", "ada"),
        ("x509Certificates.value eq \"qujd\"", ""),
    ];
    finds(&people(), &cases);
}

#[test]
fn what_is_missing_is_equal_to_nothing_and_unequal_to_everything() {
    let cases = [
        ("title eq null", "bob nil"),
        ("title ne null", "ada"),
        ("name eq null", "nil"),
        ("emails eq null", "nil"),
        ("title ne \"x\"", "ada bob nil"),
        ("not (title eq \"x\")", "ada bob nil"),
        ("not (title ne \"x\")", ""),
        ("not (title co \"x\")", "ada bob nil"),
        ("title gt \"\"", "ada"),
        ("not (title gt \"\")", "bob nil"),
        ("not (not (title pr))", "ada"),
        ("active ne true", "bob nil"),
        ("not (active eq true or active eq false)", "nil"),
        ("emails.value ne \"bob@work.example\"", "ada nil"),
        ("emails[type ne \"work\"]", "ada bob"),
    ];
    finds(&people(), &cases);
}

#[test]
fn an_empty_text_is_within_every_text() {
    let cases = [
        ("title co \"\"", "ada"),
        ("title sw \"\"", "ada"),
        ("title ew \"\"", "ada"),
        ("title eq \"\"", ""),
        ("title ne \"\"", "ada bob nil"),
        ("emails.value co \"\"", "ada bob"),
        ("emails.value ew \"\" or emails.value ew \"x\"", "ada bob"),
        ("emails[value ew \"\" and type eq \"work\"]", "ada bob"),
    ];
    finds(&people(), &cases);
}

#[test]
fn booleans() {
    let cases = [
        ("active eq true", "ada"),
        ("active eq false", "bob"),
        ("active eq \"True\"", "ada"),
        ("active pr", "ada bob"),
        ("emails.primary eq true", "ada"),
        ("emails.primary eq false", ""),
        ("emails[primary eq true and type eq \"work\"].value ew \"work.example\"", "ada"),
        ("emails[primary pr and type eq \"home\"]", ""),
    ];
    finds(&people(), &cases);
}

#[test]
fn multi_valued_attributes_meet_what_one_of_their_values_meets() {
    let cases = [
        ("emails.value eq \"ADA@HOME.example\"", "ada"),
        ("emails eq \"ada@home.example\"", "ada"),
        ("emails co \"home\"", "ada"),
        ("emails.value sw \"bob\"", "bob"),
        ("emails.type eq \"work\"", "ada bob"),
        ("emails.type eq \"work\" and emails.value co \"bob\"", "bob"),
        ("emails[type eq \"work\" and value co \"bob\"]", ""),
        ("emails[type eq \"home\" and value co \"bob\"]", "bob"),
        ("emails[type eq \"work\"].value eq \"ada@work.example\"", "ada"),
        ("emails[type eq \"home\"].value eq \"ada@work.example\"", ""),
        ("emails[type eq \"work\" or value eq \"ada@home.example\"]", "ada bob"),
        ("emails[not (value pr)]", ""),
        ("not (emails[value pr])", "nil"),
        ("emails[value gt \"b\" and value lt \"c\"]", "bob"),
        ("emails[value eq \"a\" or value eq \"bob@work.example\"]", "bob"),
        ("emails.value eq \"a\" or emails.value eq \"bob@work.example\"", "bob"),
        ("emails.value co \"nobody\" or emails.value co \"home\"", "ada"),
        ("emails pr", "ada bob"),
        ("emails.value pr", "ada bob"),
        ("emails.display pr", ""),
        ("addresses pr", "ada"),
        ("addresses[locality eq \"ZÜRICH\"]", "ada"),
        ("photos[value sw \"https:\" and type eq \"PHOTO\"]", "ada"),
    ];
    finds(&people(), &cases);
}

#[test]
fn a_value_path_of_an_attribute_with_one_value() {
    let cases = [
        ("name[givenName eq \"ada\" and familyName sw \"L\"]", "ada"),
        ("name[not (familyName pr)]", "bob"),
        ("name[givenName eq \"ada\" or givenName eq \"bob\"]", "ada bob"),
        ("not (name[givenName eq \"ada\"])", "bob nil"),
        ("userName[value eq \"ADA\"]", "ada"),
        ("userName[not (value eq \"ADA\")]", "bob nil"),
        ("title[not (value eq \"x\")]", "ada"),
        ("meta[resourceType eq \"User\" and created lt \"2026-01-01T00:00:01Z\"]", "ada"),
        (&format!("{ENTERPRISE}:manager[value eq \"Boss-1\"]"), "ada"),
        (&format!("{ENTERPRISE}:manager[value eq \"boss-1\"]"), ""),
    ];
    finds(&people(), &cases);
}

#[test]
fn attributes_of_the_enterprise_extension() {
    let urn = |filter: &str| format!("{ENTERPRISE}:{filter}");
    let cases = [
        (urn("department eq \"ENGINES\""), "ada"),
        (urn("department eq \"ENGINES\"").to_uppercase(), "ada"),
        (urn("department ne \"engines\""), "bob nil"),
        (urn("employeeNumber sw \"00\""), "ada"),
        (urn("manager.value eq \"Boss-1\""), "ada"),
        (urn("manager eq \"Boss-1\""), "ada"),
        (urn("manager eq \"boss-1\""), ""),
        ("manager eq \"Boss-1\"".into(), "ada"),
        ("manager pr".into(), "ada"),
        (urn("department pr"), "ada bob"),
        (format!("{USER}:userName eq \"ada\""), "ada"),
        (format!("{USER}:emails.type eq \"work\""), "ada bob"),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(filter, names)| (filter.as_str(), *names)).collect();
    finds(&people(), &cases);
}

#[test]
fn what_the_server_keeps() {
    let directory = people();
    let id = directory.query("/Users", "userName eq \"bob\"").1["Resources"][0]["id"].clone();
    let id = id.as_str().unwrap();
    directory.at_second(5);
    directory.patch(&format!("/Users/{id}"), json!([{"op": "add", "path": "nickName", "value": "B"}]));
    let cases = [
        (format!("id eq \"{id}\""), "bob"),
        (format!("id ne \"{id}\""), "ada nil"),
        (format!("id gt \"{id}\""), "nil"),
        (format!("id sw \"{}\"", &id[..8]), "ada bob nil"),
        ("id pr".into(), "ada bob nil"),
        ("meta.created eq \"2026-01-01T00:00:00Z\"".into(), "ada"),
        ("meta.created eq \"2026-01-01T01:00:00+01:00\"".into(), "ada"),
        ("meta.created ne \"2026-01-01T00:00:00Z\"".into(), "bob nil"),
        ("meta.created gt \"2026-01-01T00:00:00Z\"".into(), "bob nil"),
        ("meta.created ge \"2026-01-01T00:00:01Z\"".into(), "bob nil"),
        ("meta.created lt \"2026-01-01T00:00:01Z\"".into(), "ada"),
        ("meta.created le \"2026-01-01T00:00:01Z\"".into(), "ada bob"),
        ("meta.created gt \"2026-01-01T00:00:01.999Z\"".into(), "nil"),
        ("meta.lastModified gt \"2026-01-01T00:00:04Z\"".into(), "bob"),
        ("meta.lastModified lt \"2027-01-01T00:00:00Z\" and meta.lastModified pr".into(), "ada bob nil"),
        ("meta.resourceType eq \"User\"".into(), "ada bob nil"),
        ("meta.resourceType eq \"Group\"".into(), ""),
        ("meta.version eq \"W/\\\"2\\\"\"".into(), "bob"),
        ("meta.version sw \"W/\"".into(), "ada bob nil"),
        ("meta.location pr".into(), "ada bob nil"),
        (format!("meta.location ew \"/Users/{id}\""), "bob"),
        (format!("meta.location eq \"{BASE}/Users/{id}\""), "bob"),
        (format!("meta.location eq \"{BASE}/Groups/{id}\""), ""),
        ("meta pr".into(), "ada bob nil"),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(filter, names)| (filter.as_str(), *names)).collect();
    finds(&directory, &cases);
}

#[test]
fn schemas_are_those_that_have_values() {
    let cases = [
        (format!("schemas eq \"{ENTERPRISE}\""), "ada bob"),
        (format!("schemas eq \"{}\"", ENTERPRISE.to_uppercase()), "ada bob"),
        (format!("schemas ne \"{ENTERPRISE}\""), "nil"),
        (format!("schemas eq \"{USER}\""), "ada bob nil"),
        ("schemas co \"enterprise\"".into(), "ada bob"),
        (format!("schemas[value eq \"{ENTERPRISE}\"]"), "ada bob"),
        (format!("schemas eq \"x\" or schemas eq \"{ENTERPRISE}\""), "ada bob"),
        ("schemas pr".into(), "ada bob nil"),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(filter, names)| (filter.as_str(), *names)).collect();
    finds(&people(), &cases);
}

#[test]
fn and_binds_closer_than_or_and_not_closest() {
    let cases = [
        ("userName eq \"nil\" or userName eq \"ada\" and active eq false", "nil"),
        ("(userName eq \"nil\" or userName eq \"ada\") and active eq true", "ada"),
        ("not (userName eq \"nil\") and not (active eq true)", "bob"),
        ("not (userName eq \"nil\" or active eq true)", "bob"),
        ("not (userName eq \"bob\" and active eq true)", "ada bob nil"),
        ("not (not (not (userName eq \"bob\")))", "ada nil"),
        ("userName eq \"ada\" and userName eq \"bob\"", ""),
        ("userName pr and (active eq true or (emails.type eq \"home\" and not (title pr)))", "ada bob"),
    ];
    finds(&people(), &cases);
}

#[test]
fn a_nul_within_a_text_is_a_character_like_others() {
    let directory = Directory::new();
    for (name, title) in [("one", "a\u{0}b"), ("two", "a\u{0}c"), ("three", "a")] {
        directory.created("/Users", json!({"userName": name, "title": title}));
    }
    let quoted = |op: &str, text: &str| format!("title {op} {}", Value::from(text));
    for (op, text, names) in [
        ("eq", "a\u{0}b", "one"),
        ("sw", "a\u{0}", "one two"),
        ("sw", "a\u{0}c", "two"),
        ("ew", "\u{0}b", "one"),
        ("ew", "b", "one"),
        ("co", "\u{0}", "one two"),
        ("gt", "a", "one two"),
    ] {
        assert_eq!(directory.names("/Users", &quoted(op, text)), names, "{op} {text:?}");
    }
}
