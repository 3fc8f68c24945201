//! How much of a resource a page has room for. A person may have values of thousands of characters in hundreds of places, and each may
//! be of characters that take five bytes in HTML.

use crate::activity::{Difference, HistoryRow};
use crate::reference::Reference;

/// Bytes of all attributes, of what changed in all rows of the history, and of all groups or members: besides what surrounds them, a page
/// of them stays below 30 KB. What attributes do not use, changes get, and then groups or members.
const ATTRIBUTES: usize = 6_000;
const CHANGES: usize = 3_000;
const RELATED: usize = 5_000;
/// Bytes of one path or name, and of one value.
const NAME: usize = 120;
const VALUE: usize = 600;
/// Bytes of one value within the history, whose page has it all.
const OLD_OR_NEW: usize = 150;
/// Bytes of the elements around an attribute or a change, and around a reference.
const AROUND: usize = 70;
const AROUND_REFERENCE: usize = 45;

/// Cuts the attributes to what there is room for. Returns the bytes that are left, and how many attributes were left out.
pub(super) fn attributes(all: &mut Vec<(String, String)>) -> (usize, usize) {
    let cut = all.iter().map(|(path, value)| (fit(path, NAME), fit(value, VALUE)));
    let (kept, left) = within(ATTRIBUTES, cut, |(path, value)| weight(path) + weight(value) + AROUND);
    let left_out = all.len() - kept.len();
    *all = kept;
    (left, left_out)
}

/// Cuts what changed in each row of a history, with those bytes more: all rows have the same share. Returns the bytes that are left.
pub(super) fn history(rows: &mut [HistoryRow], more: usize) -> usize {
    let (share, mut room) = match rows.len() {
        0 => (0, CHANGES + more),
        rows => ((CHANGES + more) / rows, (CHANGES + more) % rows),
    };
    for row in rows {
        (row.operation, row.actor) = (fit(&row.operation, NAME), fit(&row.actor, NAME));
        let value = |value: &Option<String>| value.as_ref().map(|text| fit(text, OLD_OR_NEW));
        let cut = row.shown().map(|change| Difference {
            path: fit(&change.path, NAME),
            old: value(&change.old),
            new: value(&change.new),
        });
        let weight_of = |text: &Option<String>| text.as_ref().map_or(0, |text| weight(text));
        let of = |change: &Difference| {
            weight(&change.path) + weight_of(&change.old) + weight_of(&change.new) + AROUND
        };
        let (kept, left) = within(room + share, cut, of);
        row.left_out += row.changes.len() - kept.len();
        (row.changes, room) = (kept, left);
    }
    room
}

/// Cuts groups or members to what there is room for, with those bytes more. Returns how many were left out.
pub(super) fn related(all: &mut Vec<Reference>, more: usize, base: &str) -> usize {
    let cut = all
        .iter()
        .map(|each| Reference { name: each.name.as_ref().map(|name| fit(name, NAME)), ..each.clone() });
    let of = |each: &Reference| {
        weight(each.name.as_ref().unwrap_or(&each.id)) + base.len() + weight(&each.id) + AROUND_REFERENCE
    };
    let (kept, _) = within(RELATED + more, cut, of);
    let left_out = all.len() - kept.len();
    *all = kept;
    left_out
}

/// Returns the first of them that there is room for, and what is left of the room.
fn within<T>(room: usize, all: impl Iterator<Item = T>, weight: impl Fn(&T) -> usize) -> (Vec<T>, usize) {
    let (mut kept, mut left) = (Vec::new(), room);
    for one in all {
        let Some(rest) = left.checked_sub(weight(&one)) else { break };
        left = rest;
        kept.push(one);
    }
    (kept, left)
}

/// Returns the bytes of a text in HTML, where five are written for a character of the markup, and a line may break before an `@`.
fn weight(text: &str) -> usize {
    text.chars().map(weight_of).sum()
}

fn weight_of(character: char) -> usize {
    match character {
        '<' | '>' | '&' | '"' | '\'' => 5,
        '@' => 6,
        _ => character.len_utf8(),
    }
}

/// Returns as much of the text as those bytes hold; a longer one ends in an ellipsis.
pub(super) fn fit(text: &str, most: usize) -> String {
    let mut left = most;
    let fits = |character: &char| {
        left.checked_sub(weight_of(*character)).is_some_and(|rest| {
            left = rest;
            true
        })
    };
    let shown: String = text.chars().take_while(fits).collect();
    if shown.len() < text.len() { shown + "…" } else { shown }
}

#[cfg(test)]
mod tests {
    use super::{fit, weight};

    #[test]
    fn a_text_is_cut_by_what_it_takes_in_html() {
        assert_eq!((weight("a<ä"), weight("")), (8, 0));
        assert_eq!(fit("a<b", 7), "a<b");
        assert_eq!(fit("a<b", 6), "a<…");
        assert_eq!(fit("<<", 4), "…");
        assert_eq!(fit("ää", 3), "ä…");
    }
}
