//! The slot of a key, as the servers count it.

use memchr::memchr;

/// How many slots a cluster has.
pub(super) const SLOTS: u16 = 16384;

/// The slot of a full key.
pub(super) fn slot_of(key: &[u8]) -> u16 {
    crc16(tag(key)) % SLOTS
}

/// What stands between the first `{` and the next `}`, unless that is nothing; else the whole key.
fn tag(key: &[u8]) -> &[u8] {
    let after = memchr(b'{', key).and_then(|open| key.get(open + 1..));
    let inside = after.and_then(|after| after.get(..memchr(b'}', after)?));
    inside.filter(|inside| !inside.is_empty()).unwrap_or(key)
}

/// CRC-16 with the polynomial 0x1021, from 0: XMODEM's.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| (crc << 8) ^ TABLE[usize::from((crc >> 8) as u8 ^ byte)])
}

const TABLE: [u16; 256] = table();

const fn table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_cluster_keyslot() {
        let slots: &[(&[u8], u16)] = &[
            (b"", 0),
            (b"123456789", 0x31C3),
            (b"foo", 12182),
            (b"somekey", 11058),
            (b"foo{hash_tag}", 2515),
            (b":1:key", 15240),
        ];
        for (key, slot) in slots {
            assert_eq!(slot_of(key), *slot, "{:?}", String::from_utf8_lossy(key));
        }
    }

    #[test]
    fn the_first_tag_that_is_not_empty_counts() {
        let tags: &[(&str, &str)] = &[
            ("{user}.a", "user"),
            ("a{user}b{other}", "user"),
            ("a{{b}}c", "{b"),
            ("a{}{b}", "a{}{b}"),
            ("a{b", "a{b"),
            ("a}b{", "a}b{"),
            ("a}{b}", "b"),
            ("plain", "plain"),
        ];
        for (key, expected) in tags {
            assert_eq!(tag(key.as_bytes()), expected.as_bytes(), "{key}");
        }
    }
}
