//! The names of commands that somebody else packed.

use memchr::memchr;

use super::head::{Aggregate, Head};

/// The name of each command in packed bytes, as far as they are well formed.
pub(crate) fn command_names(packed: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = packed;
    std::iter::from_fn(move || {
        let Head::Aggregate(Aggregate::Array, argc @ 1..) = head(&mut rest)? else { return None };
        let name = argument(&mut rest)?;
        for _ in 1..argc {
            argument(&mut rest)?;
        }
        Some(name)
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
    use super::command_names;

    #[test]
    fn names_stand_first() {
        let packed = b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nPING\r\n*3\r\n$6\r\nselect\r\n$0\r\n\r\n$2\r\n\r\n\r\n";
        assert_eq!(command_names(packed).collect::<Vec<_>>(), [&b"GET"[..], b"PING", b"select"]);
        assert_eq!(command_names(b"").count(), 0);
        assert_eq!(command_names(b"*2\r\n$3\r\nGET\r\n$9\r\nk\r\n").count(), 0);
    }
}
