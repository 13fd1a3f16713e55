//! "Did you mean": the known name nearest to an unknown one.

use super::table;

/// The known option name with the fewest edits between it and `name`.
pub(super) fn nearest(name: &str) -> &'static str {
    // No name is longer than this, and the distance takes time by the product of both lengths.
    let name: Vec<char> = name.chars().take(64).map(|c| c.to_ascii_uppercase()).collect();
    table::list()
        .iter()
        .map(|option| option.name())
        .min_by_key(|known| distance(&name, known.as_bytes()))
        .unwrap_or("")
}

/// Levenshtein's distance: insertions, deletions and replacements.
fn distance(name: &[char], known: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=known.len()).collect();
    for (i, a) in name.iter().enumerate() {
        let mut before = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(known) {
            let replaced = before + usize::from(*a != char::from(*b));
            before = *cell;
            left = replaced.min(before + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}
