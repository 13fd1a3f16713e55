use super::{HEAD_LEN, MAGIC, Signer, Verdict, is_signed};
use crate::error::Status;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "another key which is of another day";

fn signer(keys: &str) -> Signer {
    Signer::new(keys, false).unwrap().unwrap()
}

fn unhex(text: &serde_json::Value) -> Vec<u8> {
    let digits = text.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn signatures_are_those_of_python() {
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../../tests/golden/signed.json")).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 48);
    for case in cases {
        let signer = signer(case["secret"].as_str().unwrap());
        let (key, payload, signed) = (unhex(&case["key"]), unhex(&case["payload"]), unhex(&case["signed"]));
        assert_eq!(signer.sign(&key, &[&payload]), signed);
        let (start, rest) = payload.split_at(payload.len() / 2);
        assert_eq!(signer.sign(&key, &[start, &[], rest]), signed);
        assert_eq!(signer.verify(&key, &signed), Verdict::Signed { head: HEAD_LEN });
    }
}

#[test]
fn whatever_bit_is_changed_is_noticed() {
    let signer = signer(SECRET);
    let signed = signer.sign(b":1:key", &[b"payload"]);
    for bit in 0..signed.len() * 8 {
        let mut changed = signed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let verdict = signer.verify(b":1:key", &changed);
        let unsigned = Verdict::Unsigned { accepted: false };
        assert_eq!(verdict, if bit < MAGIC.len() * 8 { unsigned } else { Verdict::Forged }, "bit {bit}");
    }
    for len in MAGIC.len()..signed.len() {
        assert_eq!(signer.verify(b":1:key", &signed[..len]), Verdict::Forged, "{len} bytes");
    }
    let longer = [&signed[..], b"x"].concat();
    assert_eq!(signer.verify(b":1:key", &longer), Verdict::Forged);
}

#[test]
fn the_key_is_signed_too() {
    let signer = signer(SECRET);
    let signed = signer.sign(b":1:a", &[b"bc"]);
    for key in [&b":1:b"[..], b":2:a", b":1:ab", b":1:", b""] {
        assert_eq!(signer.verify(key, &signed), Verdict::Forged);
    }
    // A byte that goes from the payload to the key.
    let mut moved = signed.clone();
    moved.remove(HEAD_LEN);
    assert_eq!(signer.verify(b":1:ab", &moved), Verdict::Forged);
}

#[test]
fn the_first_key_signs_and_all_verify() {
    let (old, new, both) = (signer(OTHER), signer(SECRET), signer(&format!("{SECRET}, {OTHER}")));
    let (by_old, by_both) = (old.sign(b"k", &[b"v"]), both.sign(b"k", &[b"v"]));
    assert_eq!(by_both, new.sign(b"k", &[b"v"]));
    assert_eq!(both.verify(b"k", &by_old), Verdict::Signed { head: HEAD_LEN });
    assert_eq!(new.verify(b"k", &by_old), Verdict::Forged);
    assert_eq!(old.verify(b"k", &by_both), Verdict::Forged);
}

#[test]
fn unsigned_is_accepted_where_that_is_said_and_forged_never() {
    let (strict, mild) = (signer(SECRET), Signer::new(SECRET, true).unwrap().unwrap());
    for (signer, accepted) in [(&strict, false), (&mild, true)] {
        for stored in [&b""[..], b"\xc1", b"\xc1DJ", b"\x80\x05N.", b"42"] {
            assert!(!is_signed(stored));
            assert_eq!(signer.verify(b"k", stored), Verdict::Unsigned { accepted });
        }
        assert_eq!(signer.verify(b"k", &MAGIC), Verdict::Forged);
        assert_eq!(signer.verify(b"k", &[&MAGIC[..], &[0; 99]].concat()), Verdict::Forged);
    }
}

#[test]
fn keys_that_can_be_guessed_are_refused_and_never_shown() {
    assert!(Signer::new("", false).unwrap().is_none());
    for (keys, place) in
        [("hunter2", 1), (",", 1), (" ", 1), (&format!("{SECRET},hunter2"), 2), (&format!("{SECRET},"), 2)]
    {
        let error = Signer::new(keys, false).unwrap_err();
        assert_eq!(error.status(), Status::Config);
        assert!(error.message().contains(&format!("key {place} of option SIGNING_KEYS")), "{error}");
        assert!(error.message().contains("openssl rand") && !error.message().contains("hunter2"), "{error}");
    }
    let shown = format!("{:?}", signer(&format!("{SECRET},{OTHER}")));
    assert_eq!(shown, "Signer { keys: 2, accept_unsigned: false }");
}
