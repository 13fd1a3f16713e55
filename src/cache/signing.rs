//! Where the operations meet SIGNING_KEYS: values are signed last before they are sent, and verified before anything else looks
//! at their bytes.

use std::borrow::Cow;

use super::call::Call;
use super::core::Core;
use crate::codec::Stored;
use crate::decimal;
use crate::error::{Error, Result, Status};
use crate::sign::{Verdict, is_signed};
use crate::value::{Format, Value};

impl Core {
    /// What a value is stored as, under a full key.
    #[inline]
    pub(crate) fn encode<'v>(&self, key: &[u8], value: &'v Value<'_>, call: &Call) -> Result<Stored<'v>> {
        if self.config.signer.is_none() {
            return self.encode_unsigned(value, call);
        }
        self.encode_unsigned(value, call).map(|stored| self.signed(key, stored))
    }

    /// What is to stand under a full key. Integers stay as they are: the server adds to them.
    pub(crate) fn signed<'v>(&self, key: &[u8], stored: Stored<'v>) -> Stored<'v> {
        match &self.config.signer {
            Some(signer) if !stored.is_integer() => {
                Stored::Bytes(Cow::Owned(signer.sign(key, &stored.parts())))
            }
            _ => stored,
        }
    }

    /// Whether [`Core::verified`] has anything to say about stored bytes: of all where there are keys, and without any of those
    /// that only a key could make readable.
    #[inline]
    pub(crate) fn is_to_be_verified(&self, stored: &[u8]) -> bool {
        self.config.signer.is_some() || is_signed(stored)
    }

    /// What stands under a full key, without its signature; an error, if it is not authentic.
    pub(crate) fn verified<'s>(&self, key: &[u8], stored: Cow<'s, [u8]>) -> Result<Cow<'s, [u8]>> {
        if !self.is_to_be_verified(&stored) {
            return Ok(stored);
        }
        let Some(signer) = &self.config.signer else {
            return match self.config.values.serializer {
                Format::Raw => Ok(stored),
                _ => Err(unverifiable().with_stored(&stored)),
            };
        };
        match signer.verify(key, &stored) {
            Verdict::Signed { head } => Ok(without(stored, head)),
            Verdict::Unsigned { accepted } if accepted || decimal::canonical(&stored).is_some() => Ok(stored),
            Verdict::Unsigned { .. } => Err(unsigned().with_stored(&stored)),
            Verdict::Forged => Err(forged().with_stored(&stored)),
        }
    }

    /// What a value becomes that moves to another full key. One that is not authentic stays as it is, and so stays refused: what
    /// was not verified is never signed.
    pub(crate) fn signed_for<'s>(&self, from: &[u8], to: &[u8], stored: &'s [u8]) -> Cow<'s, [u8]> {
        let Some(signer) = &self.config.signer else { return Cow::Borrowed(stored) };
        match signer.verify(from, stored) {
            Verdict::Signed { head } => Cow::Owned(signer.sign(to, &[&stored[head..]])),
            Verdict::Unsigned { .. } | Verdict::Forged => Cow::Borrowed(stored),
        }
    }

    /// Whether stored bytes may be read where they stand: neither a signature nor a herd's moment is around the value.
    pub(crate) fn stores_plainly(&self) -> bool {
        self.config.signer.is_none() && self.config.herd.is_none()
    }

    /// For what makes or reads stored bytes without their key.
    pub(crate) fn check_needs_no_key(&self) -> Result<()> {
        if self.config.signer.is_none() {
            return Ok(());
        }
        Err(Error::new(
            Status::Unsupported,
            "SIGNING_KEYS signs each value together with its key, and encode and decode know no key: use set and get, or a cache \
             without SIGNING_KEYS for what is no value of a key",
        ))
    }
}

fn without(stored: Cow<'_, [u8]>, head: usize) -> Cow<'_, [u8]> {
    match stored {
        Cow::Borrowed(stored) => Cow::Borrowed(&stored[head..]),
        Cow::Owned(mut stored) => {
            stored.drain(..head);
            Cow::Owned(stored)
        }
    }
}

fn unsigned() -> Error {
    Error::decode(
        "the stored value is not signed, and with SIGNING_KEYS only signed ones are read: delete the key, or set \
         SIGNING_ACCEPT_UNSIGNED while values from before are still there",
    )
}

fn forged() -> Error {
    Error::decode(
        "the signature of the stored value fits none of SIGNING_KEYS: the value was changed, or copied from another key, or \
         the key that signed it is missing in SIGNING_KEYS; add that, or delete the key",
    )
}

fn unverifiable() -> Error {
    Error::decode(
        "the stored value is signed, and this cache has no SIGNING_KEYS: give it the keys of whoever stored it",
    )
}
