//! `prefix:version:key`, there and back, and the glob patterns that find such keys.
//!
//! The layout is Django's: the prefix and the key may hold colons themselves, so a full key is never split at
//! one; it is taken apart by the exact bytes it begins with.

use std::borrow::Cow;
use std::ops::Range;

use smallvec::SmallVec;

use crate::error::{Error, Result};
use crate::limits::{MAX_JOINED, MAX_KEY};
use crate::location::shorten;
use crate::resp::pack_argument;

/// What an argument of less than a hundred bytes takes beside them.
const USUAL_PACKING: usize = 7;

/// A full key; one of usual length stands on the stack.
pub(crate) type FullKey = SmallVec<[u8; USUAL]>;

/// The usual length of a full key, at most.
const USUAL: usize = 128;

/// Full keys in one buffer, each packed as an argument.
pub(crate) struct FullKeys {
    packed: Vec<u8>,
    places: Vec<Range<usize>>,
}

impl FullKeys {
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn get(&self, place: usize) -> &[u8] {
        &self.packed[self.places[place].clone()]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.places.iter().map(|place| &self.packed[place.clone()])
    }

    /// All of them as arguments of a command.
    pub(crate) fn packed(&self) -> &[u8] {
        &self.packed
    }
}

/// Makes the full keys of one cache.
#[derive(Clone, Debug)]
pub(crate) struct KeySpace {
    prefix: String,
    version: i64,
    /// `prefix:version:` with the cache's own version, made once.
    head: Vec<u8>,
}

impl KeySpace {
    pub(crate) fn new(prefix: &str, version: i64) -> KeySpace {
        KeySpace { prefix: prefix.to_owned(), version, head: head(prefix, version) }
    }

    /// Whether keys have no prefix: then another application's keys can't be told from ours.
    pub(crate) fn has_prefix(&self) -> bool {
        !self.prefix.is_empty()
    }

    /// The full key. With `key_made` the key is full already.
    pub(crate) fn full(&self, key: &[u8], version: Option<i64>, key_made: bool) -> Result<FullKey> {
        let head = self.head(version, key_made);
        check_length(&head, key)?;
        let mut full = FullKey::from_slice(&head);
        full.extend_from_slice(key);
        Ok(full)
    }

    /// What `look` finds under the full key: a usual one is put together where it is looked at. Moving a [`FullKey`] takes longer than
    /// making it.
    #[inline]
    pub(crate) fn with_full<T>(
        &self,
        key: &[u8],
        version: Option<i64>,
        key_made: bool,
        look: impl FnOnce(&[u8]) -> T,
    ) -> Result<T> {
        let mut room = [0; USUAL];
        let is_own = version.is_none_or(|version| version == self.version);
        let head = if key_made { &[] } else { self.head.as_slice() };
        match room.get_mut(..head.len().saturating_add(key.len())) {
            Some(full) if key_made || is_own => {
                let (start, rest) = full.split_at_mut(head.len());
                start.copy_from_slice(head);
                rest.copy_from_slice(key);
                Ok(look(full))
            }
            _ => self.full(key, version, key_made).map(|full| look(&full)),
        }
    }

    /// The full keys of many.
    pub(crate) fn all(&self, keys: &[&[u8]], version: Option<i64>, key_made: bool) -> Result<FullKeys> {
        let head = self.head(version, key_made);
        let length: usize = keys.iter().map(|key| head.len() + key.len()).sum();
        if length > MAX_JOINED {
            return Err(Error::argument("the keys of one call have more than 4 GiB; use several calls"));
        }
        let mut packed = Vec::with_capacity(length + keys.len() * USUAL_PACKING);
        let mut places = Vec::with_capacity(keys.len());
        for key in keys {
            check_length(&head, key)?;
            let begin = pack_argument(&mut packed, [&head, key]);
            places.push(begin..begin + head.len() + key.len());
        }
        Ok(FullKeys { packed, places })
    }

    /// Appends the pattern that SCAN matches full keys with. Prefix and version stand for themselves, whatever
    /// characters they hold; the pattern is the user's. With `key_made` it is the pattern of full keys.
    pub(crate) fn pattern(&self, pattern: &[u8], version: Option<i64>, key_made: bool, out: &mut Vec<u8>) {
        escape(&self.head(version, key_made), out);
        out.extend_from_slice(pattern);
    }

    /// The user's key inside a full one, or `None` where it has another prefix or version.
    pub(crate) fn strip<'k>(&self, full: &'k [u8], version: Option<i64>, key_made: bool) -> Option<&'k [u8]> {
        full.strip_prefix(&*self.head(version, key_made))
    }

    /// Appends the pattern of this prefix's keys of all versions. It also finds keys that only look alike:
    /// [`KeySpace::is_ours`] tells them apart.
    pub(crate) fn pattern_of_all(&self, out: &mut Vec<u8>) {
        escape(self.prefix.as_bytes(), out);
        out.extend_from_slice(b":*:*");
    }

    /// Whether that is `prefix:<integer>:<anything>`.
    pub(crate) fn is_ours(&self, full: &[u8]) -> bool {
        let rest = full.strip_prefix(self.prefix.as_bytes()).and_then(|rest| rest.strip_prefix(b":"));
        let version =
            rest.and_then(|rest| rest.split(|b| *b == b':').next().filter(|v| v.len() < rest.len()));
        version.is_some_and(is_integer)
    }

    /// What stands before the user's key.
    fn head(&self, version: Option<i64>, key_made: bool) -> Cow<'_, [u8]> {
        match version {
            _ if key_made => Cow::Borrowed(&[]),
            Some(version) if version != self.version => Cow::Owned(head(&self.prefix, version)),
            _ => Cow::Borrowed(&self.head),
        }
    }
}

fn check_length(head: &[u8], key: &[u8]) -> Result<()> {
    let length = head.len().saturating_add(key.len());
    if length <= MAX_KEY {
        return Ok(());
    }
    Err(Error::argument(format!(
        "the key has {length} bytes with its prefix, and Redis takes at most {MAX_KEY}: use a shorter one"
    )))
}

fn head(prefix: &str, version: i64) -> Vec<u8> {
    let mut head = prefix.as_bytes().to_vec();
    head.push(b':');
    head.extend_from_slice(itoa::Buffer::new().format(version).as_bytes());
    head.push(b':');
    head
}

/// Appends text in which every character that Redis's glob gives a meaning stands for itself.
fn escape(text: &[u8], out: &mut Vec<u8>) {
    for byte in text {
        if matches!(byte, b'*' | b'?' | b'[' | b']' | b'\\') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
}

/// A key in a message: readable, in quotes, and not too much of it.
pub(crate) fn shown(key: &[u8]) -> String {
    format!("'{}'", shorten(&String::from_utf8_lossy(key)))
}

/// An integer as a version is written: no blanks, plus signs or leading zeros.
fn is_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    match digits {
        b"0" => digits.len() == text.len(),
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(space: &KeySpace, key: &[u8], version: Option<i64>, key_made: bool) -> Vec<u8> {
        space.full(key, version, key_made).unwrap().to_vec()
    }

    fn pattern(space: &KeySpace, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        space.pattern(text, None, false, &mut out);
        out
    }

    #[test]
    fn makes_djangos_layout_of_any_bytes() {
        let bare = KeySpace::new("", 1);
        let site = KeySpace::new("si:te", -7);
        assert_eq!(made(&bare, b"", None, false), b":1:");
        assert_eq!(made(&bare, b"k", Some(22), false), b":22:k");
        assert_eq!(made(&site, b"a b\n\0\xff", None, false), b"si:te:-7:a b\n\0\xff");
        assert_eq!(made(&site, b"k", Some(i64::MIN), false), b"si:te:-9223372036854775808:k");
        assert_eq!(made(&site, b"other:1:k", Some(3), true), b"other:1:k");
    }

    #[test]
    fn many_keys_share_a_buffer() {
        let space = KeySpace::new("p", 1);
        let full = space.all(&[b"a", b"", b"bc"], None, false).unwrap();
        assert_eq!(full.iter().collect::<Vec<_>>(), [&b"p:1:a"[..], b"p:1:", b"p:1:bc"]);
        assert_eq!(full.get(2), b"p:1:bc");
        assert_eq!(space.all(&[b"k"], None, true).unwrap().get(0), b"k");
        assert_eq!(space.all(&[], None, false).unwrap().iter().count(), 0);
    }

    #[test]
    fn keys_to_be_looked_at_are_the_same() {
        let space = KeySpace::new("p", 1);
        for len in [0, 1, USUAL - 4, USUAL - 3, 1000] {
            let key = vec![b'k'; len];
            for (version, key_made) in [(None, false), (Some(12), false), (None, true)] {
                let looked_at = space.with_full(&key, version, key_made, <[u8]>::to_vec).unwrap();
                assert_eq!(looked_at, made(&space, &key, version, key_made));
            }
        }
    }

    #[test]
    fn refuses_a_full_key_over_512_mb() {
        let space = KeySpace::new("p", 1);
        let key = vec![0; MAX_KEY - 3];
        assert!(space.full(&key, None, false).is_err());
        let error = space.all(&[b"short", &key], None, false).err().unwrap();
        assert_eq!(error.status(), crate::Status::Argument);
        assert!(error.message().contains("536870913 bytes"), "{error}");
    }

    #[test]
    fn strips_the_exact_head_and_never_splits_at_colons() {
        let space = KeySpace::new("pre:fix", 7);
        assert_eq!(space.strip(b"pre:fix:7:a:b:c", None, false), Some(&b"a:b:c"[..]));
        assert_eq!(space.strip(b"pre:fix:7:", None, false), Some(&b""[..]));
        assert_eq!(space.strip(b"pre:fix:8:a", Some(8), false), Some(&b"a"[..]));
        assert_eq!(space.strip(b"pre:fix:8:a", None, false), None);
        assert_eq!(space.strip(b"pre:fix:7", None, false), None);
        assert_eq!(space.strip(b"anything", None, true), Some(&b"anything"[..]));
    }

    #[test]
    fn escapes_prefix_and_version_but_not_the_pattern() {
        let space = KeySpace::new("a*b?[c]\\^-", 1);
        assert_eq!(pattern(&space, b"x*[ab]"), b"a\\*b\\?\\[c\\]\\\\^-:1:x*[ab]");
        let mut whole = Vec::new();
        space.pattern(b"*:1:*", None, true, &mut whole);
        assert_eq!(whole, b"*:1:*");
        let mut all = Vec::new();
        space.pattern_of_all(&mut all);
        assert_eq!(all, b"a\\*b\\?\\[c\\]\\\\^-:*:*");
    }

    #[test]
    fn knows_its_keys_of_all_versions() {
        let space = KeySpace::new("p", 1);
        for key in [&b"p:1:"[..], b"p:0:k", b"p:-3:a:b", b"p:99999999999999999999:k"] {
            assert!(space.is_ours(key), "{key:?}");
        }
        for key in [
            &b"p:1"[..],
            b"p::k",
            b"p:x:k",
            b"p:1x:k",
            b"p:-:k",
            b"p:+1:k",
            b"p:01:k",
            b"p:-0:k",
            b"p: 1:k",
            b"q:1:k",
            b"pp:1:k",
            b"p",
            b"",
        ] {
            assert!(!space.is_ours(key), "{key:?}");
        }
    }
}
