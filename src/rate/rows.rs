//! What tenants have recently read of the database, as far as this instance has seen. Pure: the time is a parameter.

use std::collections::BTreeMap;

use scim::{Instant, limits};

/// How many tenants are remembered.
const MOST: usize = 1_000;
/// The rows that are subtracted each second.
const A_SECOND: f64 = limits::TENANT_ROWS as f64 / limits::TENANT_ROWS_SECONDS as f64;

/// Tenants, and what each has read that is not subtracted yet.
#[derive(Default)]
pub(super) struct Rows(BTreeMap<String, Read>);

#[derive(Clone, Copy)]
struct Read {
    rows: f64,
    at: Instant,
}

impl Read {
    /// Returns what is left of it at that time. A clock that runs backwards is not trusted.
    fn left(self, now: Instant) -> f64 {
        let seconds = (now.0 - self.at.0).max(0) as f64 / 1_000.0;
        (self.rows - seconds * A_SECOND).max(0.0)
    }
}

impl Rows {
    /// Adds what the tenant has read. No more than twice its limit is counted, so that it never waits longer than a
    /// window.
    pub(super) fn add(&mut self, tenant: &str, rows: usize, now: Instant) {
        let left = self.0.get(tenant).map_or(0.0, |read| read.left(now));
        let rows = (left + rows as f64).min(2.0 * limits::TENANT_ROWS as f64);
        if self.0.len() >= MOST && !self.0.contains_key(tenant) {
            self.forget(now);
        }
        self.0.insert(tenant.to_string(), Read { rows, at: now });
    }

    /// Returns after how many seconds the tenant may read again; None if it may now.
    pub(super) fn wait(&self, tenant: &str, now: Instant) -> Option<u32> {
        let left = self.0.get(tenant)?.left(now);
        let over = left - limits::TENANT_ROWS as f64;
        (over > 0.0).then(|| (over / A_SECOND).ceil().max(1.0) as u32)
    }

    /// Forgets the tenants for which nothing is left, or otherwise the one that has read least.
    fn forget(&mut self, now: Instant) {
        self.0.retain(|_, read| read.left(now) > 0.0);
        if self.0.len() < MOST {
            return;
        }
        let least = self.0.iter().min_by(|(_, one), (_, other)| one.left(now).total_cmp(&other.left(now)));
        if let Some(least) = least.map(|(tenant, _)| tenant.clone()) {
            self.0.remove(&least);
        }
    }
}

#[cfg(test)]
mod tests {
    use scim::{Instant, limits};

    use super::{MOST, Rows};

    const ALL: usize = limits::TENANT_ROWS;

    #[test]
    fn a_tenant_waits_until_enough_is_forgiven() {
        let mut rows = Rows::default();
        rows.add("a", ALL, Instant(1_000));
        assert_eq!(rows.wait("a", Instant(1_000)), None);
        rows.add("a", ALL / 60, Instant(1_000));
        assert_eq!(rows.wait("a", Instant(1_000)), Some(1));
        assert_eq!(rows.wait("a", Instant(2_001)), None);
        assert_eq!(rows.wait("b", Instant(1_000)), None);
        rows.add("a", 10 * ALL, Instant(2_001));
        assert_eq!(rows.wait("a", Instant(2_001)), Some(60));
        assert_eq!(rows.wait("a", Instant(0)), Some(60));
        assert_eq!(rows.wait("a", Instant(62_002)), None);
    }

    #[test]
    fn a_steady_reader_below_the_rate_never_waits() {
        let mut rows = Rows::default();
        for second in 0..600 {
            rows.add("a", ALL / 61, Instant(second * 1_000));
            assert_eq!(rows.wait("a", Instant(second * 1_000)), None);
        }
    }

    #[test]
    fn the_memory_is_bounded_and_the_tenant_that_has_read_least_is_forgotten_first() {
        let mut rows = Rows::default();
        for number in 0..MOST {
            rows.add(&number.to_string(), 2 * ALL - number, Instant(0));
        }
        rows.add("one more", 2 * ALL, Instant(0));
        assert_eq!(rows.0.len(), MOST);
        assert_eq!(rows.wait(&(MOST - 1).to_string(), Instant(0)), None);
        assert!(rows.wait("0", Instant(0)).is_some() && rows.wait("one more", Instant(0)).is_some());
        rows.add("later", 1, Instant(1_000_000));
        assert_eq!(rows.0.len(), 1);
    }
}
