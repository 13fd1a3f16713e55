//! Replies without a socket: however the bytes are cut, they are the same reply, and its end is where the count of bytes says.
#![no_main]

use djredis::fuzzing::{extent, reply};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8])| {
    let (lengths, bytes) = input;
    let whole = reply(bytes, &[]);
    // NaN is not equal to itself, but its text is.
    let expected = format!("{whole:?}");
    assert_eq!(format!("{:?}", reply(bytes, &[1])), expected);
    assert_eq!(format!("{:?}", reply(bytes, lengths)), expected);

    let end = extent(bytes, bytes.len());
    assert_eq!(extent(bytes, 1), end);
    assert_eq!(extent(bytes, lengths.first().copied().unwrap_or(2).into()), end);
    if let (Ok(_), Some(end)) = (&whole, end) {
        assert_eq!(format!("{:?}", reply(&bytes[..end], &[])), expected);
        assert!(reply(&bytes[..end - 1], &[]).is_err());
    }
    if whole.is_ok() {
        assert!(end.is_some());
    }
});
