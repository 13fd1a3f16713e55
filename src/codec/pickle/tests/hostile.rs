//! Bytes that were made to hurt: each is an error or an opaque value, in bounded stack, memory and time.

use std::time::{Duration, Instant};

use super::golden::goldens;
use crate::codec::Codec;
use crate::error::{Result, Status};
use crate::value::Value;

/// What a host's thread may have.
const SMALL_STACK: usize = 128 << 10;
/// A wide deadline, for debug builds on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// Decodes on a small stack and within the deadline.
fn decode(bytes: Vec<u8>) -> Result<Value<'static>> {
    let started = Instant::now();
    let decode = move || Codec::of_pickle(5).decode(bytes.into());
    let result = std::thread::Builder::new().stack_size(SMALL_STACK).spawn(decode).unwrap().join().unwrap();
    assert!(started.elapsed() < DEADLINE, "{:?}", started.elapsed());
    result
}

fn refused(bytes: Vec<u8>) -> String {
    let stored = bytes.clone();
    let error = decode(bytes).unwrap_err();
    assert_eq!(error.status(), Status::Decode);
    assert_eq!(error.stored(), stored, "the stored bytes are handed over");
    error.message().to_owned()
}

fn opaque(bytes: Vec<u8>) {
    assert_eq!(decode(bytes.clone()).unwrap(), Value::Opaque(bytes.into()));
}

fn repeat(times: usize, part: &[u8]) -> Vec<u8> {
    part.repeat(times)
}

fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

const MILLION: usize = 1_000_000;

#[test]
fn a_million_nested_containers() {
    // Lists, dicts, tuples, sets and objects, in the forms of every protocol.
    opaque(join(&[&repeat(MILLION, b"(l"), &repeat(MILLION - 1, b"a"), b"."]));
    opaque(join(&[b"\x80\x02", &repeat(MILLION, b"]"), &repeat(MILLION - 1, b"a"), b"."]));
    opaque(
        join(&[b"\x80\x04", &repeat(MILLION, b"](]"), &repeat(MILLION, b"e"), b"."]).into_iter().collect(),
    );
    opaque(join(&[b"\x80\x02", &repeat(MILLION, b"}K\x01"), b"N", &repeat(MILLION, b"s"), b"."]));
    opaque(join(&[b"(", &repeat(MILLION, b"("), &repeat(MILLION, b"t"), b"t."]));
    opaque(join(&[b"\x80\x02N", &repeat(MILLION, b"\x85"), b"."]));
    opaque(join(&[b"\x80\x04", &repeat(MILLION, b"("), &repeat(MILLION, b"\x91"), b"."]));
    opaque(join(&[b"\x80\x02cm\nC\nq\x00)R", &repeat(MILLION, b"q\x01h\x00)Rh\x01b"), b"."]));
}

#[test]
fn depth_up_to_the_limit_is_carried() {
    let nested = |depth: usize| join(&[b"\x80\x02", &repeat(depth, b"]"), &repeat(depth - 1, b"a"), b"."]);
    let codec = Codec::of_pickle(4);
    let value = decode(nested(512)).unwrap();
    assert!(matches!(value, Value::Packed { .. }));
    assert_eq!(decode(codec.encode(&value).unwrap().into_owned()).unwrap(), value);
    opaque(nested(513));
}

#[test]
fn recursive_values() {
    opaque(b"\x80\x04]\x94h\x00a.".to_vec());
    opaque(b"\x80\x04}\x94K\x01h\x00s.".to_vec());
    opaque(b"(lp0\ng0\na.".to_vec());
    // A tuple in a list in the tuple, as CPython writes it.
    opaque(b"\x80\x04]\x94h\x00\x85\x94a0h\x01.".to_vec());
    opaque(b"\x80\x04cm\nC\n\x94)R\x94}\x94\x8c\x04self\x94h\x01sb.".to_vec());
    // Twice in itself: no doubling on the way to the bound.
    opaque(b"\x80\x04]\x94(h\x00h\x00e.".to_vec());
}

#[test]
fn memo_bombs() {
    // Each holds the one before twice: 2^100 elements.
    let lists: Vec<u8> =
        (0..100_u8).flat_map(|n| [b']', b'q', n + 1, b'(', b'h', n, b'h', n, b'e', b'0']).collect();
    opaque(join(&[b"\x80\x02]q\x000", &lists, b"h\x64."]));
    let tuples: Vec<u8> = (0..100_u8).flat_map(|n| [b'h', n, b'h', n, 0x86, b'q', n + 1, b'0']).collect();
    opaque(join(&[b"\x80\x02Nq\x000", &tuples, b"h\x64."]));
    // A long text a million times.
    let text = join(&[b"X\x00\x00\x10\x00", &repeat(1 << 20, b"x"), b"q\x00"]);
    opaque(join(&[b"\x80\x02](", &text, &repeat(MILLION, b"h\x00"), b"e."]));
    // A long list made into a set many times, and one that grew in two steps, so that it has to be copied.
    let texts = join(&[b"X\x64\x00\x00\x00", &repeat(100, b"y"), b"q\x05(", &repeat(10_000, b"h\x05")]);
    let set = b"c__builtin__\nset\nq\x01";
    let list = join(&[b"]q\x00(", &texts, b"te", set]);
    opaque(join(&[b"\x80\x02(", &list, &repeat(10_000, b"h\x01h\x00\x85R"), b"l."]));
    let elements = repeat(10_000, b"N");
    let list = join(&[b"]q\x00(", &elements, b"e](Nel0h\x00(", &elements, b"e", set]);
    opaque(join(&[b"\x80\x02(", &list, &repeat(10_000, b"h\x01h\x00\x85R"), b"l."]));
    // A long text made into bytes many times.
    let text = join(&[
        b"X\x00\x80\x00\x00",
        &repeat(1 << 14, "\u{ff}".as_bytes()),
        b"q\x00X\x06\x00\x00\x00latin1q\x01",
    ]);
    let encode = b"c_codecs\nencode\nq\x02";
    opaque(join(&[b"\x80\x02(", &text, encode, &repeat(5_000, b"h\x02h\x00h\x01\x86R"), b"l."]));
    // A wide integer many times: converting it is the work.
    let wide = join(&[b"\x8b\x40\x9c\x00\x00", &repeat(40_000, b"\x7f"), b"q\x00"]);
    opaque(join(&[b"\x80\x02](", &wide, &repeat(MILLION, b"h\x00"), b"e."]));
    // A class within a class within a class, each name longer.
    let step = join(&[b"0h\x00h\x01X\xe8\x03\x00\x00", &repeat(1000, b"n"), b"\x86Rq\x01"]);
    opaque(join(&[b"\x80\x02c__builtin__\ngetattr\nq\x000cm\nC\nq\x01", &repeat(2000, &step), b"."]));
}

#[test]
fn lengths_that_promise_too_much() {
    for opcode in [0x8d, 0x8e, 0x96] {
        for len in [1 << 63, u64::MAX, u64::MAX - 10, 1 << 40, 100] {
            let message = refused(join(&[b"\x80\x05", &[opcode], &len.to_le_bytes(), b"abc."]));
            assert!(message.contains("offset 1"), "{message}");
            assert!(message.contains("length reaches beyond the end"), "{message}");
        }
    }
    for opcode in *b"BTX\x8b" {
        refused(join(&[b"\x80\x03", &[opcode], &i32::MAX.to_le_bytes(), b"abc."]));
        refused(join(&[b"\x80\x03", &[opcode], &[0xff; 4], b"abc."]));
    }
    refused(join(&[b"\x80\x04\x95", &u64::MAX.to_le_bytes(), b"N."]));
    // Memo numbers that would ask for a table of gigabytes.
    assert_eq!(decode(b"\x80\x02Nr\xff\xff\xff\xff0j\xff\xff\xff\xff.".to_vec()).unwrap(), Value::None);
    assert_eq!(decode(b"Np18446744073709551615\n0g18446744073709551615\n.".to_vec()).unwrap(), Value::None);
    refused(b"Np99999999999999999999999\n.".to_vec());
}

#[test]
fn integers_that_are_too_long() {
    let digits = repeat(2 << 20, b"9");
    for (before, after) in [("I", "\n."), ("L", "L\n."), ("I-", "\n."), ("](L", "L\ne.")] {
        let message = refused(join(&[before.as_bytes(), &digits, after.as_bytes()]));
        assert!(message.contains("100,000 digits"), "{message}");
    }
    let long4 = |len: u32| join(&[b"\x80\x02\x8b", &len.to_le_bytes(), &repeat(len as usize, b"\x7f"), b"."]);
    assert!(refused(long4(10 << 20)).contains("100,000 digits"));
    assert!(matches!(decode(long4(41_000)).unwrap(), Value::BigInt(digits) if digits.len() > 98_000));
    // Many that are each allowed.
    let some = join(&[b"\x8b\x40\x9c\x00\x00", &repeat(40_000, b"\x7f")]);
    assert!(refused(join(&[b"\x80\x02](", &repeat(100, &some), b"e."])).contains("100,000 digits"));
    // Redis' own digits need no conversion.
    assert!(matches!(decode(digits.clone()).unwrap(), Value::BigInt(text) if text.len() == digits.len()));
}

#[test]
fn floods() {
    refused(repeat(MILLION, b"("));
    refused(join(&[&repeat(MILLION, b"("), b"N.x"]));
    opaque(join(&[b"N", &repeat(MILLION, b"2"), b"."]));
    assert_eq!(decode(join(&[b"N", &repeat(MILLION, b"20"), b"."])).unwrap(), Value::None);
    assert_eq!(decode(join(&[b"N", &repeat(MILLION, b"(0"), b"."])).unwrap(), Value::None);
    assert_eq!(decode(join(&[b"N", &repeat(MILLION, b"(NN1"), b"."])).unwrap(), Value::None);
    assert_eq!(decode(join(&[b"\x80\x04N", &repeat(MILLION, b"\x94"), b"."])).unwrap(), Value::None);
    let far =
        (0..200_000_u32).rev().flat_map(|n| join(&[b"r", &(n * 20_000).to_le_bytes()])).collect::<Vec<u8>>();
    assert_eq!(decode(join(&[b"\x80\x02N", &far, b"."])).unwrap(), Value::None);
    assert!(refused(join(&[&repeat(17 << 20, b"N0"), b"N."])).contains("opcodes"));
    let keys = repeat(100_000, b"K\x01K\x02");
    assert!(matches!(decode(join(&[b"\x80\x02}(", &keys, b"u."])).unwrap(), Value::Packed { kind: 255, .. }));
}

#[test]
fn nothing_is_called() {
    let gadgets: [&[u8]; 5] = [
        b"cos\nsystem\n(S'exit 1'\ntR.",
        b"cposix\nsystem\n(S'exit 1'\ntR.",
        b"\x80\x04\x8c\x08builtins\x94\x8c\x04eval\x94\x93\x94\x8c\x0f__import__('x')\x94\x85\x94R\x94.",
        b"(S'exit 1'\nios\nsystem\n.",
        b"\x80\x02cbuiltins\n__import__\n(X\x02\x00\x00\x00ostRX\x06\x00\x00\x00systemX\x01\x00\x00\x00x\x86b.",
    ];
    for gadget in gadgets {
        let value = decode(gadget.to_vec()).unwrap();
        assert!(matches!(value, Value::Packed { kind: 16, .. } | Value::Opaque(_)), "{value:?}");
    }
}

/// A pickle that was cut anywhere or changed in one byte is an error or some value, and no disaster.
#[test]
fn damaged_goldens() {
    let goldens: Vec<Vec<u8>> =
        goldens().into_iter().map(|golden| golden.bytes).filter(|bytes| bytes.len() < 600).collect();
    let all_of_them = move || {
        let codec = Codec::of_pickle(5);
        let (mut errors, mut values) = (0, 0);
        let mut try_one = |bytes: &[u8]| match codec.decode(bytes.into()) {
            Ok(value) => {
                values += 1;
                // What was read can be written, or the reason is named.
                if let Err(error) = codec.encode(&value) {
                    assert_eq!(error.status(), Status::Encode);
                }
            }
            Err(error) => {
                errors += 1;
                assert_eq!(error.status(), Status::Decode);
            }
        };
        for golden in &goldens {
            for len in 0..golden.len() {
                try_one(&golden[..len]);
            }
            let mut damaged = golden.clone();
            for at in 0..golden.len() {
                for change in
                    [0x01, 0x80, 0xff, 0x10, golden[at] ^ b'.', golden[at] ^ b'(', golden[at] ^ b'R']
                {
                    damaged[at] = golden[at] ^ change;
                    try_one(&damaged);
                }
                damaged[at] = golden[at];
            }
        }
        assert!(errors > 10_000 && values > 10_000, "{errors} errors, {values} values");
    };
    std::thread::Builder::new().stack_size(SMALL_STACK).spawn(all_of_them).unwrap().join().unwrap();
}
