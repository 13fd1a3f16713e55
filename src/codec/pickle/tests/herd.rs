//! What django-redis's HerdClient stored (tests/golden/herd.json), and what is stored here.

use super::render::{render, unhex};
use crate::codec::Codec;
use crate::codec::pickle::{self, put_into_herd as wrap, take_out_of_herd as unwrap};
use crate::value::Value;

fn decode(payload: &[u8]) -> Value<'static> {
    Codec::of_pickle(5).decode(payload.into()).unwrap()
}

fn cases() -> Vec<serde_json::Value> {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/golden/herd.json")).unwrap();
    file["cases"].as_array().unwrap().clone()
}

#[test]
fn what_django_redis_stored_is_read() {
    let cases = cases();
    assert!(cases.len() > 100);
    for case in &cases {
        let stored = unhex(case["hex"].as_str().unwrap());
        let herded = unwrap(&stored).unwrap_or_else(|| panic!("{case}"));
        assert!((herded.renew_at - case["moment"].as_f64().unwrap()).abs() < 1e-6, "{case}");
        assert_eq!(render(&decode(&herded.payload)), case["value"].as_str().unwrap(), "{case}");
        // Again and again, as programs in both languages write it in turn.
        let again = unwrap(&wrap(&herded.payload, 5.5).unwrap()).unwrap();
        assert_eq!((again.payload, again.renew_at), (herded.payload, 5.5), "{case}");
    }
}

#[test]
fn what_is_stored_here_is_read() {
    for value in
        [Value::Int(42), Value::None, Value::Text("hello".into()), Value::Text("x".repeat(70_000).into())]
    {
        for protocol in 2..=5 {
            let payload = pickle::encode(&value, protocol).unwrap();
            let herded = unwrap(&wrap(&payload, 1.5e9).unwrap()).unwrap();
            assert_eq!((herded.payload, herded.renew_at), (payload, 1.5e9));
        }
    }
}

#[test]
fn releases_before_3_8_have_another_module() {
    let stored = b"\x80\x02credis_cache.client.herd\nMarker\nq\x00)\x81q\x01K\x05K\x07\x87q\x02.";
    let herded = unwrap(stored).unwrap();
    assert_eq!((decode(&herded.payload), herded.renew_at), (Value::Int(5), 7.0));
}

#[test]
fn what_no_herd_stored_is_left_alone() {
    let payload = pickle::encode(&Value::Text("v".into()), 4).unwrap();
    let stored = wrap(&payload, 1.5e9).unwrap();
    for length in 0..stored.len() {
        assert_eq!(unwrap(&stored[..length]), None, "{length}");
    }
    assert_eq!(unwrap(&payload), None);
    assert_eq!(unwrap(b"42"), None);
    assert_eq!(wrap(b"I1\n.", 1.0), None, "protocol 0");
    assert_eq!(wrap(b"", 1.0), None);
    // A tuple of a Marker and something that is no moment.
    assert_eq!(unwrap(b"\x80\x02cdjango_redis.client.herd\nMarker\nq\x00)\x81q\x01K\x01N\x87q\x02."), None);
    // More, or less, than the three.
    assert_eq!(unwrap(b"\x80\x02cdjango_redis.client.herd\nMarker\nq\x00)\x81q\x01K\x01\x86q\x02."), None);
    // Lengths beyond the end.
    assert_eq!(
        unwrap(b"\x80\x02cdjango_redis.client.herd\nMarker\nq\x00)\x81q\x01X\xff\xff\xff\xffK\x01\x87."),
        None
    );
    for last in 0..=0xff {
        let head = b"\x80\x04cdjango_redis.client.herd\nMarker\nq\x00)\x81q\x01\x8d";
        let stored = [&head[..], &[last], &[0xff; 7], b"K\x01\x87."].concat();
        assert_eq!(unwrap(&stored), None);
    }
}

#[test]
fn damaged_values() {
    let codec = Codec::of_pickle(5);
    for case in cases().iter().filter(|case| case["hex"].as_str().unwrap().len() < 400) {
        let stored = unhex(case["hex"].as_str().unwrap());
        for place in 0..stored.len() {
            for flip in [0x01, 0x10, 0x80, 0xff] {
                let mut damaged = stored.clone();
                damaged[place] ^= flip;
                if let Some(herded) = unwrap(&damaged) {
                    let _ = codec.decode(herded.payload.into());
                }
            }
        }
    }
}
