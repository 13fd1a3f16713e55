//! Packed commands, taken apart again.

use memchr::memchr;

use super::head::{Aggregate, Head};

/// The arguments of each command in packed bytes, as far as they are well formed.
pub(crate) fn commands(packed: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let mut rest = packed;
    std::iter::from_fn(move || {
        let Head::Aggregate(Aggregate::Array, argc @ 1..) = head(&mut rest)? else { return None };
        (0..argc).map(|_| argument(&mut rest)).collect()
    })
}

fn head(rest: &mut &[u8]) -> Option<Head> {
    let end = memchr(b'\n', rest)?;
    let line = rest.get(..end.checked_sub(1)?)?;
    *rest = rest.get(end + 1..)?;
    Head::parse(line)
}

fn argument<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let Head::Bulk(length) = head(rest)? else { return None };
    let (argument, after) = rest.split_at_checked(length)?;
    *rest = after.get(2..)?;
    Some(argument)
}

#[cfg(test)]
mod tests {
    use super::commands;

    #[test]
    fn commands_come_apart() {
        let packed = b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nPING\r\n*3\r\n$6\r\nselect\r\n$0\r\n\r\n$2\r\n\r\n\r\n";
        let expected: [&[&[u8]]; 3] = [&[b"GET", b"k"], &[b"PING"], &[b"select", b"", b"\r\n"]];
        assert_eq!(commands(packed).collect::<Vec<_>>(), expected);
        assert_eq!(commands(b"").count(), 0);
        assert_eq!(commands(b"*2\r\n$3\r\nGET\r\n$9\r\nk\r\n").count(), 0);
    }
}
