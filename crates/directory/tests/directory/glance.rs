//! Members of groups as pages for people show them: the first ones, and a count that ends.

use directory::{COUNTED, first_groups, first_members, member_counts};
use scim::Registry;

use crate::harness::Directory;

#[test]
fn members_are_counted_up_to_a_bound_and_the_first_are_named() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let (few, many) = (directory.group("Few", &[&ada]), directory.group("Many", &[]));
    let sql = format!(
        "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 5000) \
         INSERT INTO memberships (tenant, group_id, member_id, member_type) SELECT 'default', '{many}', 'm' || n, 'User' FROM n"
    );
    directory.sql(sql);
    let counts = |tenant: &str, ids: &[&str]| {
        pollster::block_on(member_counts(&*directory.database, tenant, ids)).unwrap()
    };
    assert_eq!(counts("default", &[&many, "none", &few]), [COUNTED + 1, 0, 1]);
    assert_eq!(counts("other", &[&many]), [0]);
    let groups = |tenant: &str, most: usize| {
        pollster::block_on(first_groups(&*directory.database, tenant, most)).unwrap()
    };
    assert_eq!(
        groups("default", 9),
        [(few.clone(), 1), (many.clone(), COUNTED + 1)],
        "in the order of their ids"
    );
    assert_eq!(groups("default", 1).len(), 1);
    assert_eq!(groups("other", 9), []);
    let group = Registry::load().unwrap().kind("Group").unwrap();
    let first = |id: &str| {
        pollster::block_on(first_members(&*directory.database, "default", (group, id), 3)).unwrap()
    };
    let (members, count) = first(&few);
    assert_eq!((members.len(), &members[0].id, count), (1, &ada, 1));
    let before = directory.database.sqlite.steps();
    let (members, count) = first(&many);
    assert_eq!((members.len(), count), (3, COUNTED + 1));
    let steps = directory.database.sqlite.steps() - before;
    assert!(steps < 20_000, "{steps} steps for a group of 5,000");
}
