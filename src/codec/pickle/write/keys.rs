//! Keys that were written, by their text.

/// Places in the table; a key that falls on another's place takes it.
const PLACES: usize = 128;
/// Longer keys are seldom the same.
const LONGEST: usize = 64;

/// A table that forgets: it costs one look, and what it forgets is only written once more.
#[derive(Debug, Default)]
pub(super) struct Keys<'a> {
    table: Vec<(&'a str, u32)>,
}

impl<'a> Keys<'a> {
    /// The memo number of this key.
    pub(super) fn find(&self, key: &str) -> Option<u32> {
        self.table
            .get(place(key))
            .filter(|(known, _)| *known == key && !key.is_empty())
            .map(|(_, number)| *number)
    }

    pub(super) fn put(&mut self, key: &'a str, number: u32) {
        if key.len() > LONGEST {
            return;
        }
        if self.table.is_empty() {
            self.table.resize(PLACES, ("", 0));
        }
        self.table[place(key)] = (key, number);
    }
}

/// From the length and the bytes at both ends: names differ there.
fn place(key: &str) -> usize {
    let bytes = key.as_bytes();
    let word = |bytes: &[u8]| bytes.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    let (head, tail) = (&bytes[..bytes.len().min(8)], &bytes[bytes.len().saturating_sub(8)..]);
    let mixed =
        (word(head) ^ word(tail).rotate_left(29) ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_and_forgotten() {
        let texts: Vec<String> = (0..1000).map(|index| format!("field_{index}")).collect();
        let long = "x".repeat(LONGEST + 1);
        let mut keys = Keys::default();
        assert_eq!(keys.find("field_1"), None);
        for (number, text) in texts.iter().enumerate() {
            keys.put(text, number as u32);
            assert_eq!(keys.find(text), Some(number as u32));
        }
        keys.put(&long, 5);
        keys.put("", 6);
        assert_eq!((keys.find(&long), keys.find("")), (None, None));
        let found = texts.iter().filter(|text| keys.find(text).is_some()).count();
        assert!((40..=PLACES).contains(&found), "{found} of {PLACES} places are in use");
        let in_order =
            texts.iter().enumerate().all(|(n, text)| keys.find(text).is_none_or(|found| found == n as u32));
        assert!(in_order, "a key never gets another's number");
    }
}
