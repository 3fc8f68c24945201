//! Every habit is described in the documents, names a test that exists, and is asked for somewhere.
//!
//! `UPDATE_DOCS=1 cargo test -p scim --test habits` writes the table again.

use std::path::{Path, PathBuf};
use std::{env, fs};

use scim::{Dialect, Habit, HabitFacts};

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
fn each_habit_is_shown_by_a_wire_case_or_a_native_test() {
    for habit in Habit::ALL {
        let shown = habit.facts().shown;
        // A path from the repository's root, as the table has it; or a case, by the path below the folder of cases.
        let is_native = shown.ends_with(".rs");
        let path = root().join(if is_native { "" } else { "tests/cases" }).join(shown);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{habit:?}: {shown}: {error}"));
        assert!(!is_native || text.contains("#[test]"), "{habit:?}: {shown} holds no test");
    }
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
