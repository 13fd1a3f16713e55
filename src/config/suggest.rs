//! "Did you mean": the known name nearest to an unknown one, or what redis-py's names of TLS are called here.

use super::table;

/// The options that are meant by redis-py's names, as they stand in URLs.
const OF_TLS: &[(&str, &str)] = &[
    ("ssl_ca_certs", "TLS_CA"),
    ("ssl_cert_reqs", "TLS_VERIFY, which is true or false"),
    ("ssl_certfile", "TLS_CERT"),
    ("ssl_check_hostname", "TLS_SERVER_NAME, which is the name to be checked"),
    ("ssl_keyfile", "TLS_KEY"),
];

/// What to write in the place of one of redis-py's names.
pub(super) fn renamed(name: &str) -> Option<&'static str> {
    OF_TLS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, own)| *own)
}

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
