//! Every habit is described in the documents, names a wire case that exists, and is asked for somewhere.
//!
//! `UPDATE_DOCS=1 cargo test -p scim --test habits` writes the table again.

use std::path::{Path, PathBuf};
use std::{env, fs};

use scim::{Dialect, Habit, HabitFacts, HttpRequest, Registry, ScimType};
use serde_json::{Value, json};

const DOCUMENT: &str = "docs/IDP-TRAFFIC.md";
const BEGIN: &str = "<!-- habits -->\n";
const END: &str = "<!-- /habits -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn table() -> String {
    let head = "| Habit | Sent | Read as | By | Strict | Shown by |\n|---|---|---|---|---|---|\n";
    let row = |habit: &Habit| {
        let HabitFacts { sent, read, clients, strict, shown } = habit.facts();
        let case = shown.split_once('/').map(|(_, file)| file).and_then(|file| file.strip_suffix(".json"));
        let shown = case.unwrap_or(shown);
        format!("| `{habit:?}` | {sent} | {read} | {clients} | {strict} | `{shown}` |\n")
    };
    head.to_string() + &Habit::ALL.iter().map(row).collect::<String>()
}

#[test]
fn the_table_in_the_documents_is_the_list_of_habits() {
    let path = root().join(DOCUMENT);
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("no `<!-- habits -->`");
    let (found, after) = rest.split_once(END).expect("no `<!-- /habits -->`");
    let table = table();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(found, table, "{DOCUMENT} is out of date: UPDATE_DOCS=1 cargo test -p scim --test habits");
}

#[test]
fn each_habit_is_shown_by_a_wire_case() {
    for habit in Habit::ALL {
        let shown = habit.facts().shown;
        let path = root().join("tests/cases").join(shown);
        assert!(shown.ends_with(".json") && path.is_file(), "{habit:?}: there is no case {shown}");
    }
}

/// No schema that ships has a dateTime that clients write, so the Worker knows nothing of the attribute in the case. Here a schema
/// declares it.
#[test]
fn the_case_of_dates_is_taken_and_refused_by_the_strict_dialect_if_a_schema_declares_the_attribute() {
    let schema = json!({"id": "urn:example:hr:2.0:User", "name": "HR", "attributes": [
        {"name": "hired", "type": "dateTime", "multiValued": false, "mutability": "readWrite", "returned": "default"}
    ]});
    let registry = Registry::with_documents(&[("hr", &schema.to_string())], &[]).unwrap();
    let path = root().join("tests/cases").join(Habit::AnyDateTime.facts().shown);
    let case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let steps = case["steps"].as_array().unwrap().iter().filter(|step| step.get("body").is_some());
    let mut refused = Vec::new();
    for step in steps {
        let (path, body) = (step["path"].as_str().unwrap().replace("{{uid}}", "x"), step["body"].to_string());
        let method = step["method"].as_str().unwrap();
        let request = HttpRequest { method, path: &path, body: body.as_bytes(), ..HttpRequest::default() };
        let read = |dialect| scim::parse(&registry, dialect, &request).map(drop);
        assert_eq!(read(Dialect::TOLERANT).err(), None, "{method}");
        refused.extend(read(Dialect::STRICT).err().map(|error| (method, error.scim_type)));
    }
    let expected = ["POST", "PATCH"].map(|method| (method, Some(ScimType::InvalidValue)));
    assert_eq!(refused, expected);
}

#[test]
fn each_habit_is_asked_for_in_the_sources() {
    let mut sources = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if !path.ends_with("habit.rs") => sources += &fs::read_to_string(path).unwrap(),
                false => {}
            }
        }
    }
    for habit in Habit::ALL {
        assert!(sources.contains(&format!("takes(Habit::{habit:?})")), "{habit:?} is asked for nowhere");
    }
}

#[test]
fn a_preset_has_a_name_and_takes_all_habits_or_none() {
    for (name, dialect, takes) in [("tolerant", Dialect::TOLERANT, true), ("strict", Dialect::STRICT, false)]
    {
        assert_eq!((Dialect::from_name(name), dialect.name()), (Some(dialect), name));
        assert!(Habit::ALL.iter().all(|habit| dialect.takes(*habit) == takes), "{name}");
    }
    assert_eq!(Dialect::from_name("Strict"), None);
    assert_eq!(Dialect::default(), Dialect::TOLERANT);
}
