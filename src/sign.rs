//! Signed values: a proof that whoever stored them knew a key of SIGNING_KEYS. docs/wire.md has the bytes, docs/security.md
//! what the proof is worth.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::{Error, Result};
use crate::limits::SIGNING_KEY_MIN;

/// What a signed value starts with: a byte that no serializer and no compressor begins with, a name, and the version of this
/// layout.
const MAGIC: [u8; 4] = *b"\xc1DJ\x01";
const TAG_LEN: usize = 32;
const HEAD_LEN: usize = MAGIC.len() + TAG_LEN;

type Keyed = Hmac<Sha256>;

/// Signs values and verifies them. It holds no key as it was given, only what HMAC makes of it, which is overwritten when it
/// is dropped.
#[derive(Clone)]
pub(crate) struct Signer {
    signing: Keyed,
    /// Those of earlier days, which verify alone.
    retired: Vec<Keyed>,
    accept_unsigned: bool,
}

/// What stored bytes are to a signer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Behind so many bytes stands a payload that is authentic.
    Signed { head: usize },
    /// No signature is there; whether that is accepted.
    Unsigned { accepted: bool },
    /// A signature is there, and is another key's or another value's.
    Forged,
}

impl Signer {
    /// Of keys with commas between them; `None` if there are none.
    pub(crate) fn new(keys: &str, accept_unsigned: bool) -> Result<Option<Signer>> {
        if keys.is_empty() {
            return Ok(None);
        }
        let mut keyed = Vec::new();
        for (place, key) in keys.split(',').map(str::trim).enumerate() {
            keyed.push(keyed_with(key).ok_or_else(|| too_short(place + 1, key.len()))?);
        }
        let mut keyed = keyed.into_iter();
        let signer =
            keyed.next().map(|signing| Signer { signing, retired: keyed.collect(), accept_unsigned });
        Ok(signer)
    }

    /// What is to stand in Redis under a full key, for a payload in parts.
    pub(crate) fn sign(&self, key: &[u8], payload: &[&[u8]]) -> Vec<u8> {
        let length = payload.iter().map(|part| part.len()).sum::<usize>();
        let mut signed = Vec::with_capacity(HEAD_LEN + length);
        signed.extend_from_slice(&MAGIC);
        signed.extend_from_slice(&over(&self.signing, key, payload).finalize().into_bytes());
        payload.iter().for_each(|part| signed.extend_from_slice(part));
        signed
    }

    /// Whether stored bytes were signed for this full key. It takes as long for a tag that is wrong at its end as for one that is
    /// wrong at its start.
    pub(crate) fn verify(&self, key: &[u8], stored: &[u8]) -> Verdict {
        let Some((tag, payload)) = tag_and_payload(stored) else {
            return match is_signed(stored) {
                true => Verdict::Forged,
                false => Verdict::Unsigned { accepted: self.accept_unsigned },
            };
        };
        let fits = |keyed: &Keyed| over(keyed, key, &[payload]).verify_slice(tag).is_ok();
        match fits(&self.signing) || self.retired.iter().any(fits) {
            true => Verdict::Signed { head: HEAD_LEN },
            false => Verdict::Forged,
        }
    }
}

/// Whether these bytes start as a signed value does.
#[inline]
pub(crate) fn is_signed(stored: &[u8]) -> bool {
    stored.starts_with(&MAGIC)
}

fn tag_and_payload(stored: &[u8]) -> Option<(&[u8], &[u8])> {
    stored.strip_prefix(&MAGIC)?.split_at_checked(TAG_LEN)
}

/// The length of the key stands before it, so that no byte can go from the key to the payload or back.
fn over(keyed: &Keyed, key: &[u8], payload: &[&[u8]]) -> Keyed {
    let mut mac = keyed.clone();
    mac.update(&MAGIC);
    mac.update(&(key.len() as u64).to_be_bytes());
    mac.update(key);
    payload.iter().for_each(|part| mac.update(part));
    mac
}

fn keyed_with(key: &str) -> Option<Keyed> {
    if key.len() < SIGNING_KEY_MIN { None } else { Keyed::new_from_slice(key.as_bytes()).ok() }
}

fn too_short(place: usize, len: usize) -> Error {
    Error::config(format!(
        "key {place} of option SIGNING_KEYS has {len} bytes, and fewer than {SIGNING_KEY_MIN} can be guessed: make one with \
         `openssl rand -hex 32`; between keys stand commas"
    ))
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("keys", &(1 + self.retired.len()))
            .field("accept_unsigned", &self.accept_unsigned)
            .finish()
    }
}

#[cfg(test)]
mod tests;
