//! Integers of their Rust width, ranges of them, and floats.

use std::fmt;

use super::super::{DecodeError, Reader, Shape, Writer};
use super::{Decode, NetworkType};

macro_rules! integers {
    ($($write:ident as $wide:ident: $($int:ident $size:literal),*;)*) => {$($(
        impl NetworkType for $int {
            const SHAPE: &'static Shape = &Shape::Integer { min: $int::MIN as i128, max: $int::MAX as i128 };
            const MAX_SIZE: usize = $size;

            #[inline]
            fn encode(&self, w: &mut Writer<'_>) {
                w.$write($wide::from(*self));
            }
        }
    )*)*};
}

integers! {
    unsigned as u64: u8 2, u16 3, u32 5, u64 9;
    signed as i64: i8 2, i16 3, i32 5, i64 9;
}

macro_rules! decode_integers {
    ($($int:ident)*) => {$(
        impl Decode<'_> for $int {
            #[inline]
            fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
                let value = r.narrow(i64::from($int::MIN), i64::from($int::MAX))?;
                Ok($int::try_from(value).expect("the reader checked the bounds of this type"))
            }
        }
    )*};
}

decode_integers!(u8 u16 u32 i8 i16 i32 i64);

impl Decode<'_> for u64 {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.unsigned()
    }
}

impl NetworkType for f32 {
    const SHAPE: &'static Shape = &Shape::Float { bits: 32 };
    const MAX_SIZE: usize = 5;

    #[inline]
    fn encode(&self, w: &mut Writer<'_>) {
        w.f32(*self);
    }
}

/// Takes floats of 64 bits too, which is what Python sends, rounded to the nearest that 32 bits can hold.
impl Decode<'_> for f32 {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match r.single() {
            Some(value) => Ok(value),
            None => narrowed(r),
        }
    }
}

/// A float of 32 bits from any other form.
fn narrowed(r: &mut Reader<'_>) -> Result<f32, DecodeError> {
    let before = r.clone();
    let wide = r.float()?;
    #[expect(clippy::cast_possible_truncation, reason = "rounding is meant")]
    let narrow = wide as f32;
    if wide.is_finite() && narrow.is_infinite() {
        return Err(before.refuse(super::super::Expected::FiniteFloat));
    }
    Ok(narrow)
}

impl NetworkType for f64 {
    const SHAPE: &'static Shape = &Shape::Float { bits: 64 };
    const MAX_SIZE: usize = 9;

    #[inline]
    fn encode(&self, w: &mut Writer<'_>) {
        w.f64(*self);
    }
}

impl Decode<'_> for f64 {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.float()
    }
}

/// An integer from `MIN` to `MAX`, inclusive.
///
/// ```
/// use magicnet::Ranged;
///
/// let percent: Ranged<u8, 0, 100> = 40.try_into()?;
/// assert_eq!(*percent, 40);
/// assert!(Ranged::<u8, 0, 100>::try_from(101).is_err());
/// # Ok::<(), magicnet::OutOfRange>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ranged<T, const MIN: i128, const MAX: i128>(T);

/// A number that is not in the range of its [`Ranged`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange {
    value: i128,
    min: i128,
    max: i128,
}

impl OutOfRange {
    pub(super) fn check(value: i128, min: i128, max: i128) -> Result<(), Self> {
        if (min..=max).contains(&value) { Ok(()) } else { Err(Self { value, min, max }) }
    }
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not from {} to {}", self.value, self.min, self.max)
    }
}

impl std::error::Error for OutOfRange {}

macro_rules! ranged {
    ($($int:ident)*) => {$(
        impl<const MIN: i128, const MAX: i128> TryFrom<$int> for Ranged<$int, MIN, MAX> {
            type Error = OutOfRange;

            fn try_from(value: $int) -> Result<Self, OutOfRange> {
                const { Self::BOUNDS_FIT };
                OutOfRange::check(value.into(), MIN, MAX).map(|()| Self(value))
            }
        }

        impl<const MIN: i128, const MAX: i128> Ranged<$int, MIN, MAX> {
            /// Mentioned wherever it is relied upon: what nobody mentions is not checked.
            const BOUNDS_FIT: () = {
                assert!(MIN <= MAX, "a Ranged needs MIN <= MAX");
                assert!(
                    MIN >= $int::MIN as i128 && MAX <= $int::MAX as i128,
                    "the bounds of a Ranged must be values of its integer type"
                );
            };
        }

        #[diagnostic::do_not_recommend]
        impl<const MIN: i128, const MAX: i128> NetworkType for Ranged<$int, MIN, MAX> {
            const SHAPE: &'static Shape = {
                let () = Self::BOUNDS_FIT;
                &Shape::Integer { min: MIN, max: MAX }
            };
            const MAX_SIZE: usize = <$int as NetworkType>::MAX_SIZE;

            fn encode(&self, w: &mut Writer<'_>) {
                self.0.encode(w);
            }
        }

        #[diagnostic::do_not_recommend]
        impl<const MIN: i128, const MAX: i128> Decode<'_> for Ranged<$int, MIN, MAX> {
            fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
                const { Self::BOUNDS_FIT };
                let value = r.integer(MIN, MAX)?;
                Ok(Self($int::try_from(value).expect("BOUNDS_FIT")))
            }
        }

        /// Zero, or the bound that is nearest to it.
        impl<const MIN: i128, const MAX: i128> Default for Ranged<$int, MIN, MAX> {
            fn default() -> Self {
                const { Self::BOUNDS_FIT };
                let nearest = if MIN > 0 { MIN } else if MAX < 0 { MAX } else { 0 };
                Self($int::try_from(nearest).expect("BOUNDS_FIT"))
            }
        }
    )*};
}

ranged!(u8 u16 u32 u64 i8 i16 i32 i64);

impl<T, const MIN: i128, const MAX: i128> std::ops::Deref for Ranged<T, MIN, MAX> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Display, const MIN: i128, const MAX: i128> fmt::Display for Ranged<T, MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
