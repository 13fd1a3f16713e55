//! Writes MessagePack: the shortest form of everything, except that containers in extensions have a header
//! of fixed size, whose length is filled in when they end.

/// Bytes of an ext 32 header.
const EXT32_HEADER: usize = 6;

/// Appends MessagePack values to a buffer.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// An empty writer with room for `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Writer {
        Writer { out: Vec::with_capacity(capacity) }
    }

    /// How many bytes were written.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// What was written so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.out
    }

    /// Takes back what was written behind the first `len` bytes.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.out.truncate(len);
    }

    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    pub(crate) fn nil(&mut self) {
        self.out.push(0xc0);
    }

    pub(crate) fn bool(&mut self, truth: bool) {
        self.out.push(0xc2 + u8::from(truth));
    }

    pub(crate) fn int(&mut self, integer: i64) {
        match integer {
            -0x20..=0x7f => self.out.push(integer as u8),
            0x80..=0xff => self.head(0xcc, &(integer as u8).to_be_bytes()),
            0x100..=0xffff => self.head(0xcd, &(integer as u16).to_be_bytes()),
            0x1_0000..=0xffff_ffff => self.head(0xce, &(integer as u32).to_be_bytes()),
            0x1_0000_0000.. => self.head(0xcf, &integer.to_be_bytes()),
            -0x80..=-0x21 => self.head(0xd0, &(integer as i8).to_be_bytes()),
            -0x8000..=-0x81 => self.head(0xd1, &(integer as i16).to_be_bytes()),
            -0x8000_0000..=-0x8001 => self.head(0xd2, &(integer as i32).to_be_bytes()),
            _ => self.head(0xd3, &integer.to_be_bytes()),
        }
    }

    pub(crate) fn uint(&mut self, integer: u64) {
        match i64::try_from(integer) {
            Ok(integer) => self.int(integer),
            Err(_) => self.head(0xcf, &integer.to_be_bytes()),
        }
    }

    pub(crate) fn float(&mut self, real: f64) {
        self.head(0xcb, &real.to_be_bytes());
    }

    pub(crate) fn str(&mut self, text: &str) {
        self.checked_str(text.as_bytes());
    }

    /// A text as bytes that are known to be UTF-8.
    pub(crate) fn checked_str(&mut self, text: &[u8]) {
        match text.len() {
            len @ 0..=0x1f => self.out.push(0xa0 | len as u8),
            len @ 0x20..=0xff => self.head(0xd9, &[len as u8]),
            len => self.long_head(0xda, len),
        }
        self.out.extend_from_slice(text);
    }

    pub(crate) fn bin(&mut self, bytes: &[u8]) {
        match bytes.len() {
            len @ 0..=0xff => self.head(0xc4, &[len as u8]),
            len => self.long_head(0xc5, len),
        }
        self.out.extend_from_slice(bytes);
    }

    /// The header of an array: `len` values follow.
    pub(crate) fn array(&mut self, len: usize) {
        match len {
            0..=0xf => self.out.push(0x90 | len as u8),
            _ => self.long_head(0xdc, len),
        }
    }

    /// The header of a map: `len` pairs follow.
    pub(crate) fn map(&mut self, len: usize) {
        match len {
            0..=0xf => self.out.push(0x80 | len as u8),
            _ => self.long_head(0xde, len),
        }
    }

    /// A whole extension.
    pub(crate) fn ext(&mut self, kind: u8, payload: &[u8]) {
        match payload.len() {
            1 => self.out.push(0xd4),
            2 => self.out.push(0xd5),
            4 => self.out.push(0xd6),
            8 => self.out.push(0xd7),
            16 => self.out.push(0xd8),
            len @ 0..=0xff => self.head(0xc7, &[len as u8]),
            len => self.long_head(0xc8, len),
        }
        self.out.push(kind);
        self.out.extend_from_slice(payload);
    }

    /// Begins an extension whose payload is written next; pass what this returns to [`close_ext`](Self::close_ext).
    pub(crate) fn open_ext(&mut self, kind: u8) -> usize {
        self.out.extend_from_slice(&[0xc9, 0, 0, 0, 0, kind]);
        self.out.len() - EXT32_HEADER
    }

    /// Ends the extension that began at `opened`.
    pub(crate) fn close_ext(&mut self, opened: usize) {
        let len = (self.out.len() - opened - EXT32_HEADER) as u32;
        self.out[opened + 1..opened + 5].copy_from_slice(&len.to_be_bytes());
    }

    /// Begins an array or a map whose length is not known yet; pass what this returns to
    /// [`close_container`](Self::close_container).
    pub(crate) fn open_container(&mut self, is_map: bool) -> usize {
        self.out.extend_from_slice(&[if is_map { 0xdf } else { 0xdd }, 0, 0, 0, 0]);
        self.out.len() - 5
    }

    /// Ends the array or map that began at `opened`: so many elements, or pairs.
    pub(crate) fn close_container(&mut self, opened: usize, len: usize) {
        self.out[opened + 1..opened + 5].copy_from_slice(&(len as u32).to_be_bytes());
    }

    /// Bytes that are MessagePack already.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn head<const N: usize>(&mut self, marker: u8, number: &[u8; N]) {
        self.out.push(marker);
        self.out.extend_from_slice(number);
    }

    /// A 16-bit length behind `marker`, or a 32-bit one behind the next marker.
    fn long_head(&mut self, marker: u8, len: usize) {
        match u16::try_from(len) {
            Ok(len) => self.head(marker, &len.to_be_bytes()),
            Err(_) => self.head(marker + 1, &(len as u32).to_be_bytes()),
        }
    }
}
