//! Appends msgpack values to a buffer, each in its shortest form.

use rmp::encode;

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

/// Writing to a `Vec` cannot fail, which the signatures of `rmp` cannot say.
fn infallible<T, E: std::fmt::Debug>(result: Result<T, E>) {
    result.expect("writing to a Vec cannot fail");
}

impl<'a> Writer<'a> {
    /// A writer that appends to `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, any_float: false, fault: None }
    }

    /// Whether NaN and infinities pass, as `#[arg(any_float)]` says. Off at first. Returns what was in force.
    pub fn set_any_float(&mut self, allowed: bool) -> bool {
        std::mem::replace(&mut self.any_float, allowed)
    }

    /// The first value that could not be sent, if there was one.
    pub fn fault(&self) -> Option<EncodeFault> {
        self.fault
    }

    /// A nil.
    pub fn nil(&mut self) {
        infallible(encode::write_nil(self.out));
    }

    /// A boolean.
    pub fn bool(&mut self, value: bool) {
        infallible(encode::write_bool(self.out, value));
    }

    /// An integer that is not negative.
    #[inline]
    pub fn unsigned(&mut self, value: u64) {
        infallible(encode::write_uint(self.out, value));
    }

    /// An integer.
    #[inline]
    pub fn signed(&mut self, value: i64) {
        infallible(encode::write_sint(self.out, value));
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
    pub fn f32(&mut self, value: f32) {
        self.check_finite(value.is_finite());
        infallible(encode::write_f32(self.out, value));
    }

    /// A float of 64 bits.
    pub fn f64(&mut self, value: f64) {
        self.check_finite(value.is_finite());
        infallible(encode::write_f64(self.out, value));
    }

    /// Text.
    pub fn text(&mut self, value: &str) {
        infallible(encode::write_str(self.out, value));
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) {
        infallible(encode::write_bin(self.out, value));
    }

    /// The header of an array; its members follow.
    #[inline]
    pub fn array(&mut self, len: usize) {
        let len = u32::try_from(len).expect("bounded types hold fewer than 2^32 members");
        infallible(encode::write_array_len(self.out, len));
    }

    /// The header of a map; its keys and values follow in turn.
    pub fn map(&mut self, len: usize) {
        let len = u32::try_from(len).expect("bounded types hold fewer than 2^32 members");
        infallible(encode::write_map_len(self.out, len));
    }

    /// Values that are msgpack already.
    pub fn raw(&mut self, value: &[u8]) {
        self.out.extend_from_slice(value);
    }

    fn check_finite(&mut self, is_finite: bool) {
        if !is_finite && !self.any_float {
            self.fault.get_or_insert(EncodeFault::NotFinite);
        }
    }
}
