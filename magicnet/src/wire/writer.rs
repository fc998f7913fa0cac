//! Appends msgpack values to a buffer, each in its shortest form.

/// Appends msgpack values to a buffer that the caller keeps and reuses.
///
/// A value that cannot be sent (a NaN where none is allowed) leaves a [`fault`](Self::fault) behind; who owns the
/// buffer looks at it and takes the bytes back.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
    any_float: bool,
    fault: Option<EncodeFault>,
}

/// Why a value cannot be sent although its type can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeFault {
    /// A NaN or an infinity in a place that does not say `any_float`.
    #[error("a float is NaN or infinite; write `#[arg(any_float)]` where that is meant")]
    NotFinite,
    /// An integer beyond 64 bits, which only an [`AnyValue`](super::AnyValue) can hold.
    #[error("an integer is not from -2^63 to 2^64 - 1, and msgpack holds no other")]
    TooWide,
    /// The whole message is larger than a frame. What the macros make cannot be; what is made by hand can.
    #[error("the message takes {0} bytes, more than a frame")]
    TooLarge(usize),
}

impl<'a> Writer<'a> {
    /// A writer that appends to `out`.
    #[inline]
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, any_float: false, fault: None }
    }

    /// Whether NaN and infinities pass, as `#[arg(any_float)]` says. Off at first. Returns what was in force.
    pub fn set_any_float(&mut self, allowed: bool) -> bool {
        std::mem::replace(&mut self.any_float, allowed)
    }

    /// The first value that could not be sent, if there was one.
    #[inline]
    pub fn fault(&self) -> Option<EncodeFault> {
        self.fault
    }

    /// A nil.
    pub fn nil(&mut self) {
        self.out.push(0xc0);
    }

    /// A boolean.
    pub fn bool(&mut self, value: bool) {
        self.out.push(if value { 0xc3 } else { 0xc2 });
    }

    /// An integer that is not negative.
    #[inline]
    pub fn unsigned(&mut self, value: u64) {
        match value.to_be_bytes() {
            [0, 0, 0, 0, 0, 0, 0, small @ 0..=0x7f] => self.out.push(small),
            bytes => self.long_unsigned(bytes),
        }
    }

    fn long_unsigned(&mut self, bytes: [u8; 8]) {
        match bytes {
            [0, 0, 0, 0, 0, 0, 0, a] => self.raw(&[0xcc, a]),
            [0, 0, 0, 0, 0, 0, a, b] => self.raw(&[0xcd, a, b]),
            [0, 0, 0, 0, a, b, c, d] => self.raw(&[0xce, a, b, c, d]),
            [a, b, c, d, e, f, g, h] => self.raw(&[0xcf, a, b, c, d, e, f, g, h]),
        }
    }

    /// An integer.
    #[inline]
    pub fn signed(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.unsigned(value),
            Err(_) => self.negative(value),
        }
    }

    fn negative(&mut self, value: i64) {
        let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
        match value {
            -0x20.. => self.out.push(h),
            -0x80.. => self.raw(&[0xd0, h]),
            -0x8000.. => self.raw(&[0xd1, g, h]),
            -0x8000_0000.. => self.raw(&[0xd2, e, f, g, h]),
            _ => self.raw(&[0xd3, a, b, c, d, e, f, g, h]),
        }
    }

    /// An integer that may have more bits than msgpack has. One that has leaves a fault, and nil in its place.
    pub(super) fn wide(&mut self, value: i128) {
        if let Ok(value) = u64::try_from(value) {
            self.unsigned(value);
        } else if let Ok(value) = i64::try_from(value) {
            self.signed(value);
        } else {
            self.fault.get_or_insert(EncodeFault::TooWide);
            self.nil();
        }
    }

    /// A float of 32 bits.
    #[inline]
    pub fn f32(&mut self, value: f32) {
        self.check_finite(value.is_finite());
        let [a, b, c, d] = value.to_be_bytes();
        self.raw(&[0xca, a, b, c, d]);
    }

    /// A float of 64 bits.
    #[inline]
    pub fn f64(&mut self, value: f64) {
        self.check_finite(value.is_finite());
        let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
        self.raw(&[0xcb, a, b, c, d, e, f, g, h]);
    }

    /// Text.
    pub fn text(&mut self, value: &str) {
        match length(value.len()) {
            [0, 0, 0, len @ 0..=0x1f] => self.out.push(0xa0 | len),
            [0, 0, 0, len] => self.raw(&[0xd9, len]),
            [0, 0, a, b] => self.raw(&[0xda, a, b]),
            [a, b, c, d] => self.raw(&[0xdb, a, b, c, d]),
        }
        self.raw(value.as_bytes());
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) {
        match length(value.len()) {
            [0, 0, 0, len] => self.raw(&[0xc4, len]),
            [0, 0, a, b] => self.raw(&[0xc5, a, b]),
            [a, b, c, d] => self.raw(&[0xc6, a, b, c, d]),
        }
        self.raw(value);
    }

    /// The header of an array; its members follow.
    #[inline]
    pub fn array(&mut self, len: usize) {
        match length(len) {
            [0, 0, 0, len @ 0..=0x0f] => self.out.push(0x90 | len),
            len => self.container(0xdc, len),
        }
    }

    /// The header of a map; its keys and values follow in turn.
    pub fn map(&mut self, len: usize) {
        match length(len) {
            [0, 0, 0, len @ 0..=0x0f] => self.out.push(0x80 | len),
            len => self.container(0xde, len),
        }
    }

    /// The header of a container of many members; `marker` is that for a length of 16 bits, and the next that for 32.
    fn container(&mut self, marker: u8, len: [u8; 4]) {
        match len {
            [0, 0, a, b] => self.raw(&[marker, a, b]),
            [a, b, c, d] => self.raw(&[marker + 1, a, b, c, d]),
        }
    }

    /// Values that are msgpack already.
    #[inline]
    pub fn raw(&mut self, value: &[u8]) {
        self.out.extend_from_slice(value);
    }

    #[inline]
    fn check_finite(&mut self, is_finite: bool) {
        if !is_finite && !self.any_float {
            self.fault.get_or_insert(EncodeFault::NotFinite);
        }
    }
}

/// A length as msgpack has it.
#[inline]
fn length(len: usize) -> [u8; 4] {
    u32::try_from(len).expect("bounded types hold fewer than 2^32 members or bytes").to_be_bytes()
}
