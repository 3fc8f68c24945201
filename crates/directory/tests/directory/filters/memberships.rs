//! Filters on memberships.

use serde_json::json;

use crate::harness::Directory;

/// Returns a directory with Inner (ada, bob) within Outer (eve); Empty has no members.
fn company() -> (Directory, [String; 6]) {
    let directory = Directory::new();
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| {
        directory.created("/Users", json!({"userName": name, "displayName": format!("{name} x")}))
    });
    let inner = directory.group("Inner", &[&ada, &bob]);
    let outer = directory.group("Outer", &[&inner, &eve]);
    let empty = directory.group("Empty", &[]);
    (directory, [ada, bob, eve, inner, outer, empty])
}

#[test]
fn groups_by_their_members() {
    let (directory, [ada, bob, eve, inner, ..]) = company();
    for (filter, names) in [
        (format!("members.value eq \"{ada}\""), "Inner"),
        (format!("members eq \"{ada}\""), "Inner"),
        (format!("members[value eq \"{eve}\"]"), "Outer"),
        (format!("members[value eq \"{eve}\" and type eq \"group\"]"), ""),
        (format!("members[value eq \"{inner}\" and type eq \"group\"]"), "Outer"),
        (format!("members.value eq \"{ada}\" or members.value eq \"{eve}\""), "Inner Outer"),
        (format!("members.value eq \"{ada}\" and members.value eq \"{bob}\""), "Inner"),
        (format!("members[value eq \"{ada}\" and value eq \"{bob}\"]"), ""),
        (format!("members.value ne \"{ada}\""), "Outer Empty"),
        (format!("not (members[value eq \"{ada}\"])"), "Outer Empty"),
        (format!("members.value sw \"{}\"", &ada[..8]), "Inner Outer"),
        (format!("members.value gt \"{eve}\""), "Outer"),
        (format!("members.$ref ew \"/Users/{eve}\""), "Outer"),
        ("members.type eq \"User\"".into(), "Inner Outer"),
        ("members.type eq \"group\"".into(), "Outer"),
        ("members.display eq \"ADA X\"".into(), "Inner"),
        ("members.display co \"inn\"".into(), "Outer"),
        ("members[type eq \"User\" and not (display sw \"a\")]".into(), "Inner Outer"),
        ("members.display pr and displayName sw \"I\"".into(), "Inner"),
        ("members pr".into(), "Inner Outer"),
        ("members.value pr".into(), "Inner Outer"),
        ("members.$ref pr".into(), "Inner Outer"),
        ("not (members pr)".into(), "Empty"),
        ("members eq null".into(), "Empty"),
        (format!("id eq \"{inner}\" and members eq \"{bob}\""), "Inner"),
        (format!("id eq \"{inner}\" and members eq \"{eve}\""), ""),
        ("displayName eq \"EMPTY\"".into(), "Empty"),
        ("displayName co \"E\" and not (displayName eq \"inner\")".into(), "Outer Empty"),
    ] {
        assert_eq!(directory.names("/Groups", &filter), names, "{filter}");
    }
}

#[test]
fn users_by_their_groups() {
    let (directory, [_, _, _, inner, outer, empty]) = company();
    for (filter, names) in [
        (format!("groups.value eq \"{inner}\""), "ada bob"),
        (format!("groups eq \"{outer}\""), "ada bob eve"),
        (format!("groups.value eq \"{empty}\""), ""),
        (format!("groups.value ne \"{inner}\""), "eve"),
        (format!("groups[value eq \"{outer}\" and type eq \"direct\"]"), "eve"),
        (format!("groups[value eq \"{outer}\" and type eq \"Indirect\"]"), "ada bob"),
        (format!("groups.value eq \"{inner}\" or groups.value eq \"{outer}\""), "ada bob eve"),
        (format!("groups.value co \"{}\"", &inner[30..]), "ada bob"),
        (format!("groups.$ref ew \"/Groups/{inner}\""), "ada bob"),
        ("groups.display eq \"INNER\"".into(), "ada bob"),
        ("groups.display sw \"out\" and userName ne \"bob\"".into(), "ada eve"),
        ("groups.type eq \"indirect\"".into(), "ada bob"),
        ("groups pr".into(), "ada bob eve"),
        ("groups.$ref pr".into(), "ada bob eve"),
        ("not (groups.display eq \"inner\")".into(), "eve"),
    ] {
        assert_eq!(directory.names("/Users", &filter), names, "{filter}");
    }
    let nobody = directory.user("nobody");
    assert_eq!(directory.names("/Users", "not (groups pr)"), "nobody");
    assert_eq!(directory.names("/Users", &format!("groups.value eq \"{nobody}\"")), "");
}
