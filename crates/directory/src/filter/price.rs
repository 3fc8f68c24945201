//! What a query costs, estimated before it is executed: comparisons times the rows that they are made on.

use std::collections::BTreeMap;

use scim::{Kind, limits};

/// How often each row of a table is compared.
#[derive(Debug, Default, Clone)]
pub(crate) struct Price {
    /// The comparisons of the resources, by the name of their type.
    resources: BTreeMap<&'static str, usize>,
    memberships: usize,
    /// Comparisons of the rows that an index finds: SQL that counts the rows, and the comparisons of each.
    led: Vec<(String, usize)>,
}

impl Price {
    /// Adds that many comparisons of each resource of the type of that name.
    pub(super) fn compare(&mut self, kind: &'static str, comparisons: usize) {
        *self.resources.entry(kind).or_default() += comparisons;
    }

    /// Adds that many rows for each membership.
    pub(super) fn walk(&mut self, rows: usize) {
        self.memberships += rows;
    }

    /// Moves the comparisons that were added for the type since then: they are made only on the rows that an index
    /// finds, which `counted` counts.
    pub(crate) fn lead(&mut self, kind: Kind, since: &Price, counted: Option<String>) {
        let before = since.resources.get(kind.name()).copied().unwrap_or_default();
        let compared = self.resources.entry(kind.name()).or_default();
        let comparisons = compared.saturating_sub(before);
        *compared = before;
        if comparisons <= limits::FREE_TERMS {
            self.memberships = since.memberships;
        } else if let Some(counted) = counted {
            self.led.push((counted, comparisons));
        }
    }

    /// Returns the rows as SQL; None if they are few enough whatever the size of the directory.
    pub(crate) fn rows(&self) -> Option<String> {
        let total = |kind: &str| format!("(SELECT total FROM totals WHERE tenant = +?1 AND type = '{kind}')");
        // Migrations before the totals of memberships: they must be counted.
        let memberships = format!(
            "coalesce({}, (SELECT count(*) FROM memberships WHERE tenant = +?1))",
            total("Membership")
        );
        let of = |comparisons: usize, total: String| format!("{comparisons} * {total}");
        let mut rows = Vec::new();
        for (kind, &comparisons) in &self.resources {
            if comparisons > limits::FREE_TERMS {
                rows.push(of(comparisons, format!("coalesce({}, 0)", total(kind))));
            }
        }
        if self.memberships > 0 {
            rows.push(of(self.memberships, memberships));
        }
        rows.extend(self.led.iter().map(|(counted, comparisons)| format!("{comparisons} * {counted}")));
        (!rows.is_empty()).then(|| rows.join(" + "))
    }
}
