//! Commands in the protocol's unified form: `*argc`, then `$length` and the bytes of each argument.

use std::io::IoSlice;

use super::packed::commands;
use crate::limits::WRITE_IN_PLACE;

/// One or more packed commands. Large arguments stay where they stand and are written from there.
#[derive(Debug, Default)]
pub(crate) struct Request<'a> {
    packed: Vec<u8>,
    /// The large arguments, each with the offset in `packed` that it comes before.
    in_place: Vec<(usize, &'a [u8])>,
    expected: usize,
    missing: usize,
}

impl<'a> Request<'a> {
    /// An empty request that packs into the memory of an earlier one.
    pub(crate) fn reusing(mut memory: Vec<u8>) -> Request<'a> {
        memory.clear();
        Request { packed: memory, ..Request::default() }
    }

    /// The memory, for [`Request::reusing`].
    pub(crate) fn into_memory(self) -> Vec<u8> {
        self.packed
    }

    /// Begins a command of `argc` arguments, its name included, and counts one reply for it.
    pub(crate) fn command(&mut self, argc: usize) -> &mut Self {
        debug_assert_eq!(self.missing, 0, "the command before has too few arguments");
        self.header(b'*', argc);
        self.expected += 1;
        self.missing = argc;
        self
    }

    /// The next argument.
    pub(crate) fn arg(&mut self, argument: &'a [u8]) -> &mut Self {
        self.begin_arg(argument.len());
        self.append(argument);
        self.end_arg()
    }

    /// The next argument, a word that is known when this is compiled: it is written without a call.
    #[inline(always)]
    pub(crate) fn word(&mut self, word: &'static [u8]) -> &mut Self {
        self.packed.extend_from_slice(&[b'$', b'0' + word.len() as u8, b'\r', b'\n']);
        self.packed.extend_from_slice(word);
        self.end_arg()
    }

    /// The next argument, a password: it is written from where it stands, and no copy of it stays in this memory.
    pub(crate) fn secret(&mut self, argument: &'a [u8]) -> &mut Self {
        self.begin_arg(argument.len());
        self.in_place.push((self.packed.len(), argument));
        self.end_arg()
    }

    /// The next arguments, so many, as [`pack_argument`] has packed them.
    pub(crate) fn packed_args(&mut self, packed: &'a [u8], count: usize) -> &mut Self {
        debug_assert!(self.missing >= count, "more arguments than the command announced");
        self.append(packed);
        self.missing = self.missing.saturating_sub(count);
        self
    }

    /// The next argument, put together from parts: a value's pickle from what stands around it.
    pub(crate) fn arg_parts(&mut self, parts: &[&'a [u8]]) -> &mut Self {
        self.begin_arg(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            self.append(part);
        }
        self.end_arg()
    }

    /// The next argument, in decimal digits.
    pub(crate) fn arg_int(&mut self, number: i64) -> &mut Self {
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(number).as_bytes();
        self.begin_arg(digits.len());
        self.packed.extend_from_slice(digits);
        self.end_arg()
    }

    /// A whole command.
    pub(crate) fn push(&mut self, arguments: &[&'a [u8]]) -> &mut Self {
        self.command(arguments.len());
        for argument in arguments {
            self.arg(argument);
        }
        self
    }

    /// Commands that are packed already, with the number of replies that the server will give.
    pub(crate) fn raw(&mut self, packed: &'a [u8], replies: usize) -> &mut Self {
        debug_assert_eq!(self.missing, 0, "the command before has too few arguments");
        self.append(packed);
        self.expected += replies;
        self
    }

    /// The commands of another request, each after an ASKING of its own, which brings one reply more.
    pub(crate) fn asking(&mut self, others: &Request<'_>) {
        let packed: Vec<u8> = others.slices().iter().flat_map(|slice| slice.to_vec()).collect();
        for arguments in commands(&packed) {
            self.packed.extend_from_slice(b"*1\r\n$6\r\nASKING\r\n");
            self.header(b'*', arguments.len());
            for argument in arguments {
                self.header(b'$', argument.len());
                self.packed.extend_from_slice(argument);
                self.packed.extend_from_slice(b"\r\n");
            }
            self.expected += 2;
        }
    }

    /// How many replies the server will give.
    pub(crate) fn expected(&self) -> usize {
        self.expected
    }

    /// All of it, if it lies in one piece.
    pub(crate) fn as_one(&self) -> Option<&[u8]> {
        debug_assert_eq!(self.missing, 0, "the last command has too few arguments");
        self.in_place.is_empty().then_some(&self.packed)
    }

    /// All of it, in order.
    pub(crate) fn slices(&self) -> Vec<IoSlice<'_>> {
        let mut slices = Vec::with_capacity(2 * self.in_place.len() + 1);
        let mut rest = self.packed.as_slice();
        let mut taken = 0;
        for &(offset, argument) in &self.in_place {
            let (before, after) = rest.split_at_checked(offset - taken).unwrap_or((rest, &[]));
            slices.extend([IoSlice::new(before), IoSlice::new(argument)]);
            (rest, taken) = (after, offset);
        }
        slices.push(IoSlice::new(rest));
        slices
    }

    fn begin_arg(&mut self, length: usize) {
        debug_assert!(self.missing > 0, "one argument more than the command announced");
        self.header(b'$', length);
    }

    fn end_arg(&mut self) -> &mut Self {
        self.packed.extend_from_slice(b"\r\n");
        self.missing = self.missing.saturating_sub(1);
        self
    }

    fn append(&mut self, bytes: &'a [u8]) {
        if bytes.len() < WRITE_IN_PLACE {
            self.packed.extend_from_slice(bytes);
        } else {
            self.in_place.push((self.packed.len(), bytes));
        }
    }

    fn header(&mut self, kind: u8, count: usize) {
        header(&mut self.packed, kind, count);
    }
}

/// Packs an argument that is put together from two parts, for [`Request::packed_args`]; says where it begins.
#[inline]
pub(crate) fn pack_argument(packed: &mut Vec<u8>, parts: [&[u8]; 2]) -> usize {
    header(packed, b'$', parts[0].len() + parts[1].len());
    let begin = packed.len();
    packed.extend_from_slice(parts[0]);
    packed.extend_from_slice(parts[1]);
    packed.extend_from_slice(b"\r\n");
    begin
}

#[inline(always)]
fn header(packed: &mut Vec<u8>, kind: u8, count: usize) {
    // Most have three digits at most; bytes of a known number are written without a call.
    let digit = |number: usize| b'0' + (number % 10) as u8;
    match count {
        0..10 => packed.extend_from_slice(&[kind, digit(count), b'\r', b'\n']),
        10..100 => packed.extend_from_slice(&[kind, digit(count / 10), digit(count), b'\r', b'\n']),
        100..1000 => packed.extend_from_slice(&[
            kind,
            digit(count / 100),
            digit(count / 10),
            digit(count),
            b'\r',
            b'\n',
        ]),
        _ => {
            packed.push(kind);
            packed.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
            packed.extend_from_slice(b"\r\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(request: &Request<'_>) -> Vec<u8> {
        request.slices().iter().flat_map(|slice| slice.to_vec()).collect()
    }

    #[test]
    fn small_commands_lie_in_one_piece() {
        let mut request = Request::default();
        request.push(&[b"SET", b"k", b"v"]).command(2).arg(b"GET").arg_parts(&[b"p", b":", b"k"]);
        request.command(2).word(b"ECHO").arg_int(i64::MIN);
        let expected: &[u8] = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nGET\r\n$3\r\np:k\r\n\
            *2\r\n$4\r\nECHO\r\n$20\r\n-9223372036854775808\r\n";
        assert_eq!(request.as_one(), Some(expected));
        assert_eq!(bytes(&request), expected);
        assert_eq!(request.expected(), 3);
    }

    #[test]
    fn large_arguments_are_not_copied() {
        let (first, second) = (vec![b'x'; WRITE_IN_PLACE], vec![b'y'; WRITE_IN_PLACE + 1]);
        let mut request = Request::default();
        request.push(&[b"MSET", b"a", &first, b"b", &second]).push(&[b"PING"]);
        assert_eq!(request.as_one(), None);
        let slices = request.slices();
        assert!(slices.iter().any(|slice| slice.as_ptr() == first.as_ptr()));
        assert!(slices.iter().any(|slice| slice.as_ptr() == second.as_ptr()));

        let mut expected = b"*5\r\n$4\r\nMSET\r\n$1\r\na\r\n$16384\r\n".to_vec();
        expected.extend(&first);
        expected.extend(b"\r\n$1\r\nb\r\n$16385\r\n");
        expected.extend(&second);
        expected.extend(b"\r\n*1\r\n$4\r\nPING\r\n");
        assert_eq!(bytes(&request), expected);
    }

    #[test]
    fn packed_commands_go_through_as_they_are() {
        let packed = vec![b'p'; WRITE_IN_PLACE];
        let mut request = Request::default();
        request.raw(b"*1\r\n$4\r\nPING\r\n", 1).raw(&packed, 2);
        assert_eq!(request.expected(), 3);
        assert_eq!(bytes(&request).len(), 14 + WRITE_IN_PLACE);
    }

    #[test]
    fn asking_comes_before_each_command() {
        let large = vec![b'x'; WRITE_IN_PLACE];
        let mut commands = Request::default();
        commands.push(&[b"SET", b"k", &large]).push(&[b"GET", b"k"]);
        let mut request = Request::default();
        request.push(&[b"PING"]).command(1).arg(b"PING");
        request.asking(&commands);
        let asking: &[u8] = b"*1\r\n$6\r\nASKING\r\n";
        let expected = [
            b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n",
            asking,
            b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$16384\r\n",
            &large,
            b"\r\n",
            asking,
            b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
        ];
        assert_eq!(bytes(&request), expected.concat());
        assert_eq!(request.expected(), 6);
    }

    #[test]
    fn arguments_of_any_length_and_packed_ones() {
        for length in [0, 9, 10, 99, 100, 999, 1000, 12345] {
            let argument = vec![b'x'; length];
            let mut packed = Vec::new();
            let begin = pack_argument(&mut packed, [&argument[..length / 2], &argument[length / 2..]]);
            assert_eq!(packed[begin..begin + length], argument);
            let (mut whole, mut parts) = (Request::default(), Request::default());
            whole.command(2).arg(b"ECHO").arg(&argument);
            parts.command(2).word(b"ECHO").packed_args(&packed, 1);
            assert_eq!(bytes(&whole), bytes(&parts));
            assert_eq!(
                bytes(&whole),
                [format!("*2\r\n$4\r\nECHO\r\n${length}\r\n").as_bytes(), &argument, b"\r\n"].concat()
            );
        }
    }

    #[test]
    fn memory_is_used_again() {
        let memory = Vec::with_capacity(100);
        let address = memory.as_ptr();
        let mut request = Request::reusing(memory);
        request.push(&[b"PING"]);
        let memory = request.into_memory();
        assert_eq!(memory.as_ptr(), address);
    }
}
