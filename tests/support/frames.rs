//! Which bytes of a stream of replies say what comes: a fault there puts the client out of step, and it can find out.

/// Reads along with a stream of RESP, however it is cut into pieces.
///
/// A head's bytes are a reply's first one, which is its type, and the length of a string or an aggregate. What a
/// reply says - a number, a status, a string's bytes - is none: changed, it is as good a reply as it was before.
#[derive(Default)]
pub struct Heads {
    state: State,
}

#[derive(Clone, Copy, Default)]
enum State {
    /// The next byte is a type.
    #[default]
    Type,
    /// In the length of a string; if `payload`, bytes follow it.
    Length { payload: bool, value: usize },
    /// In a line that says something.
    Line,
    /// So many bytes until the next reply.
    Payload(usize),
}

impl Heads {
    /// For each of the next bytes whether it is a head's.
    pub fn mark(&mut self, bytes: &[u8]) -> Vec<bool> {
        bytes.iter().map(|&byte| self.next(byte)).collect()
    }

    fn next(&mut self, byte: u8) -> bool {
        let (state, head) = match (self.state, byte) {
            (State::Type, b'$') => (State::Length { payload: true, value: 0 }, true),
            (State::Type, b'*' | b'%' | b'~' | b'>') => (State::Length { payload: false, value: 0 }, true),
            (State::Type, _) => (State::Line, true),
            // $-1 has no payload.
            (State::Length { .. }, b'-') => (State::Length { payload: false, value: 0 }, true),
            (State::Length { payload, value }, b'0'..=b'9') => {
                // TLS comes along here too, and is no such stream.
                let value = value.saturating_mul(10).saturating_add(usize::from(byte - b'0'));
                (State::Length { payload, value }, true)
            }
            (State::Length { payload: true, value }, b'\n') => {
                (State::Payload(value.saturating_add(2)), false)
            }
            (State::Length { .. } | State::Line, b'\n') => (State::Type, false),
            (State::Payload(1), _) => (State::Type, false),
            (State::Payload(left), _) => (State::Payload(left - 1), false),
            (state, _) => (state, false),
        };
        self.state = state;
        head
    }
}
