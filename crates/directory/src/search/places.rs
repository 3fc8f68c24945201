//! Where pages by index have recently ended, as far as this instance has seen. For a client that walks through a
//! whole directory by `startIndex`, the next page begins there, by its key, without reading again all that it skips.
//! So if a resource before that place is deleted meanwhile, the client does not miss another one.

use std::cell::RefCell;

use scim::{Instant, Kind, Paging, Search};

use crate::Context;

/// The number of skipped resources from which remembering is worth it; a page before that is counted exactly.
const DEEP: usize = 1_000;
/// Milliseconds for which a place is remembered.
const GOOD: i64 = 60_000;
/// How many places are remembered, and how many of one list.
const MOST: usize = 500;
const OF_A_LIST: usize = 4;

thread_local! {
    /// The places of this instance. They are never borrowed across an await.
    static PLACES: RefCell<Places> = RefCell::default();
}

/// The number of resources before a page, and the id of the last of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PageStart {
    pub skipped: usize,
    pub id: String,
}

/// Returns where to begin to look for the page.
pub(super) fn before(context: &Context<'_>, search: &Search<'_>) -> Option<PageStart> {
    let (kind, skipped) = list(search)?;
    PLACES.with_borrow(|places| places.before(context.tenant, kind, skipped, context.now))
}

/// Remembers where a page of that many resources has ended.
pub(super) fn remember(context: &Context<'_>, search: &Search<'_>, held: usize, id: &str) {
    let Some((kind, skipped)) = list(search) else { return };
    let place = PageStart { skipped: skipped.saturating_add(held), id: id.to_string() };
    PLACES.with_borrow_mut(|places| places.add(context.tenant, kind, place, context.now));
}

/// Returns the list that a search walks through by index in the order of ids, and how many of it are skipped.
fn list(search: &Search<'_>) -> Option<(Kind, usize)> {
    match (search.branches.as_slice(), &search.paging) {
        ([branch], Paging::Index(start)) if branch.filter.is_none() && search.order.is_none() => {
            Some((branch.kind, start.saturating_sub(1)))
        }
        _ => None,
    }
}

/// The places, the oldest first.
#[derive(Default)]
struct Places(Vec<(String, Kind, PageStart, Instant)>);

impl Places {
    fn before(&self, tenant: &str, kind: Kind, skipped: usize, now: Instant) -> Option<PageStart> {
        let of_list = self.0.iter().filter(|(of, its, ..)| of == tenant && *its == kind);
        let fresh = of_list.filter(|(.., at)| (0..GOOD).contains(&(now.0 - at.0)));
        let places = fresh.map(|(.., place, _)| place).filter(|place| place.skipped <= skipped);
        places.max_by_key(|place| place.skipped).filter(|place| place.skipped >= DEEP).cloned()
    }

    fn add(&mut self, tenant: &str, kind: Kind, place: PageStart, now: Instant) {
        if place.skipped < DEEP {
            return;
        }
        let is_same_list = |(of, its, ..): &(String, Kind, PageStart, Instant)| of == tenant && *its == kind;
        self.0.retain(|entry| !(is_same_list(entry) && entry.2.skipped == place.skipped));
        if self.0.iter().filter(|entry| is_same_list(entry)).count() >= OF_A_LIST {
            if let Some(oldest) = self.0.iter().position(is_same_list) {
                self.0.remove(oldest);
            }
        } else if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((tenant.to_string(), kind, place, now));
    }
}

#[cfg(test)]
mod tests {
    use scim::{Instant, Registry};

    use super::{DEEP, GOOD, MOST, PageStart, Places};

    fn place(skipped: usize) -> PageStart {
        PageStart { skipped, id: format!("id{skipped}") }
    }

    #[test]
    fn the_nearest_place_before_the_page_is_found_for_a_minute() {
        let mut places = Places::default();
        let registry = Registry::load().unwrap();
        let (user, at) = (registry.kind("User").unwrap(), Instant(0));
        for skipped in [DEEP - 1, DEEP, 3_000, 2_000] {
            places.add("a", user, place(skipped), at);
        }
        let before = |places: &Places, skipped, now| places.before("a", user, skipped, Instant(now));
        assert_eq!(before(&places, DEEP - 1, 0), None);
        assert_eq!(before(&places, 2_999, GOOD - 1), Some(place(2_000)));
        assert_eq!(before(&places, 3_000, 0), Some(place(3_000)));
        assert_eq!((before(&places, 3_000, GOOD), before(&places, 3_000, -1)), (None, None));
        assert_eq!(places.before("b", user, 3_000, at), None);
        assert_eq!(places.before("a", registry.kind("Group").unwrap(), 3_000, at), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut places = Places::default();
        let user = Registry::load().unwrap().kind("User").unwrap();
        (1..=10).for_each(|at| places.add("a", user, place(at * DEEP), Instant(0)));
        assert_eq!(places.0.len(), 4);
        (0..MOST).for_each(|at| places.add(&at.to_string(), user, place(DEEP), Instant(0)));
        assert_eq!(places.0.len(), MOST);
    }
}
