//! Patterns: a prefix stands for itself, whatever is in it, and `memory:` finds what Redis's own matching finds.
#![no_main]

use djredis::fuzzing::{finds, pattern};
use libfuzzer_sys::fuzz_target;

/// Redis's matching, as its documentation says it, and as simple as can be: it tries everything.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], text) => text.is_empty(),
        ([b'*', rest @ ..], text) => (0..=text.len()).any(|taken| matches(rest, &text[taken..])),
        (_, []) => false,
        ([b'?', rest @ ..], [_, text @ ..]) => matches(rest, text),
        ([b'[', class @ ..], [byte, text @ ..]) => {
            let (found, rest) = in_class(class, *byte);
            found && matches(rest, text)
        }
        ([b'\\', literal, rest @ ..] | [literal, rest @ ..], [byte, text @ ..]) => {
            literal == byte && matches(rest, text)
        }
    }
}

/// Whether a class takes the byte, and what follows the class.
fn in_class(class: &[u8], byte: u8) -> (bool, &[u8]) {
    let (negated, mut rest) = match class {
        [b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut found = false;
    loop {
        (found, rest) = match rest {
            [] => return (found != negated, rest),
            [b'\\', literal, rest @ ..] => (found || *literal == byte, rest),
            [b']', rest @ ..] => return (found != negated, rest),
            [first, b'-', last, rest @ ..] => {
                (found || (*first.min(last)..=*first.max(last)).contains(&byte), rest)
            }
            [literal, rest @ ..] => (found || *literal == byte, rest),
        };
    }
}

fuzz_target!(|input: (&str, i64, &[u8], &[u8])| {
    let (prefix, version, of_user, key) = input;
    // The matcher that tries everything takes as long as that takes.
    if of_user.len() > 16 || key.len() > 32 || prefix.len() > 32 {
        return;
    }
    let (whole, head) = pattern(prefix, version, b"");
    assert!(matches(&whole, &head));
    assert!(finds(&whole, &head));
    assert_eq!(matches(&whole, key), key == head);
    assert_eq!(finds(of_user, key), matches(of_user, key));

    let (whole, head) = pattern(prefix, version, of_user);
    let full = [&head, key].concat();
    assert_eq!(finds(&whole, &full), matches(of_user, key));
    // A neighbour: another byte somewhere in the prefix.
    if let (Some(byte), false) = (key.first(), head.is_empty()) {
        let mut other = full.clone();
        let place = usize::from(*byte) % head.len();
        other[place] ^= 1 + (byte >> 1);
        assert!(!finds(&whole, &other));
    }
});
