//! The bytes of a pickle, in frames as CPython cuts them (PEP 3154).

use crate::codec::pickle::opcode as op;

/// A frame ends at the first value that starts after so many bytes; longer text and bytes stand outside.
const FRAME_TARGET: usize = 64 << 10;
/// A frame of fewer bytes has no header.
const FRAME_MIN: usize = 4;
/// FRAME and a length of 8 bytes.
const FRAME_HEADER: usize = 9;

/// Appends opcodes; from protocol 4 on, in frames.
#[derive(Debug)]
pub(super) struct Output {
    bytes: Vec<u8>,
    framed: bool,
    /// Where the header of the open frame stands.
    frame: Option<usize>,
}

impl Output {
    /// Begins a pickle of this protocol.
    pub(super) fn new(protocol: u8, capacity: usize) -> Output {
        let mut bytes = Vec::with_capacity(capacity + 16);
        bytes.extend_from_slice(&[op::PROTO, protocol]);
        Output { bytes, framed: protocol >= 4, frame: None }
    }

    /// Ends the pickle.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.op(op::STOP);
        self.end_frame();
        self.bytes
    }

    /// Between two values: a frame that is long enough ends here.
    pub(super) fn boundary(&mut self) {
        if self.frame.is_some_and(|start| self.bytes.len() - start - FRAME_HEADER >= FRAME_TARGET) {
            self.end_frame();
        }
    }

    pub(super) fn op(&mut self, opcode: u8) {
        self.ensure_frame();
        self.bytes.push(opcode);
    }

    /// An opcode with its argument.
    pub(super) fn op_with<const N: usize>(&mut self, opcode: u8, argument: [u8; N]) {
        self.ensure_frame();
        self.bytes.push(opcode);
        self.bytes.extend_from_slice(&argument);
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.ensure_frame();
        self.bytes.extend_from_slice(bytes);
    }

    /// Text or bytes behind their header, outside of any frame if they are long.
    pub(super) fn counted(&mut self, header: &[u8], bytes: &[u8]) {
        let outside = self.framed && bytes.len() >= FRAME_TARGET;
        if outside {
            self.end_frame();
            self.framed = false;
        }
        self.write(header);
        self.write(bytes);
        self.framed |= outside;
    }

    fn ensure_frame(&mut self) {
        if self.framed && self.frame.is_none() {
            self.frame = Some(self.bytes.len());
            self.bytes.extend_from_slice(&[op::FRAME, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
    }

    fn end_frame(&mut self) {
        let Some(start) = self.frame.take() else { return };
        let len = self.bytes.len() - start - FRAME_HEADER;
        if len < FRAME_MIN {
            self.bytes.drain(start..start + FRAME_HEADER);
        } else {
            self.bytes[start + 1..start + FRAME_HEADER].copy_from_slice(&(len as u64).to_le_bytes());
        }
    }
}
