//! The parameters of fields, messages and structs as types: what generated code asks for instead of naming them.
//!
//! A macro says the type of each parameter once, in an implementation of [`Argument`] (or [`RestArgument`]) for the
//! marker that the parameter belongs to. Descriptors, dispatch and stubs then take and give "argument 1 of field 0 of
//! that marker". So a type that cannot be sent is one error, under the type, however often it is used.

use super::{Parameter, Presence};
use crate::wire::{
    Arguments, ArgumentsWriter, Decode, DecodeError, List, Member, NetworkType, Shape, Writer,
};

/// Parameter `INDEX` of field `FIELD` of a role, a message or a struct (whose only field is 0).
pub trait Argument<const FIELD: usize, const INDEX: usize> {
    /// Its type, which may borrow from the bytes that it is read from.
    type Type<'de>: Decode<'de>;

    /// Its name.
    const NAME: &'static str;

    /// Whether NaN and infinities pass: `#[arg(any_float)]`.
    const ANY_FLOAT: bool = false;

    /// The most bytes that it takes.
    const MAX_SIZE: usize = <Self::Type<'static> as NetworkType>::MAX_SIZE;

    /// What peers know of it.
    const PARAMETER: Parameter = Parameter {
        name: Self::NAME,
        shape: <Self::Type<'static> as NetworkType>::SHAPE,
        presence: Presence::Required,
    };

    /// The same as a member of a struct.
    const MEMBER: Member =
        Member { name: Self::NAME, shape: <Self::Type<'static> as NetworkType>::SHAPE, has_default: false };
}

/// A parameter that may be left out: `#[arg(default)]`.
pub trait DefaultArgument<const FIELD: usize, const INDEX: usize>: Argument<FIELD, INDEX> {
    /// What it is then.
    fn default<'de>() -> Self::Type<'de>;

    /// What peers know of it.
    const PARAMETER: Parameter = Parameter {
        name: Self::NAME,
        shape: <Self::Type<'static> as NetworkType>::SHAPE,
        presence: Presence::Default(|w| give::<Self, FIELD, INDEX>(w, &Self::default())),
    };

    /// The same as a member of a struct.
    const MEMBER: Member =
        Member { name: Self::NAME, shape: <Self::Type<'static> as NetworkType>::SHAPE, has_default: true };
}

/// A parameter that takes all values that are left: `#[arg(rest)]`.
pub trait RestArgument<const FIELD: usize, const INDEX: usize> {
    /// Its type.
    type Type<'de>: Rest<'de>;

    /// Its name.
    const NAME: &'static str;

    /// Whether NaN and infinities pass: `#[arg(any_float)]`.
    const ANY_FLOAT: bool = false;

    /// The most bytes that all of its values take.
    const MAX_SIZE: usize = <Self::Type<'static> as Rest<'static>>::MAX_SIZE;

    /// What peers know of it.
    const PARAMETER: Parameter = Parameter {
        name: Self::NAME,
        shape: <Self::Type<'static> as Rest<'static>>::SHAPE,
        presence: Presence::Rest { max: <Self::Type<'static> as Rest<'static>>::MAX },
    };
}

/// A parameter with a rule of the application's: `#[arg(check = path)]`.
pub trait CheckedArgument<const FIELD: usize, const INDEX: usize> {
    /// Its type.
    type Type<'de>;

    /// Its name.
    const NAME: &'static str;

    /// The rule, as the path of its function.
    const RULE: &'static str;

    /// Whether the rule accepts the value.
    fn accepts(value: &Self::Type<'_>) -> bool;
}

/// The type of a rest: a bounded list.
#[diagnostic::on_unimplemented(
    message = "a rest of arguments is a `List<T, N>` of a network type, not `{Self}`",
    label = "not a `List` of a network type",
    note = "`#[arg(rest)] tags: List<Str<16>, 8>` takes up to 8 values after all others"
)]
pub trait Rest<'de>: Sized {
    /// The shape of each value.
    const SHAPE: &'static Shape;
    /// The most values.
    const MAX: usize;
    /// The most bytes that they take.
    const MAX_SIZE: usize;

    /// How many values there are.
    fn count(&self) -> usize;

    /// Takes all values that are left.
    ///
    /// # Errors
    ///
    /// When there are more than [`MAX`](Self::MAX), or one is not of the type.
    fn take(arguments: &mut Arguments<'de>, name: &'static str) -> Result<Self, DecodeError>;

    /// Appends each value.
    fn give(&self, writer: &mut ArgumentsWriter<'_, '_>, any_float: bool);
}

impl<'de, T: Decode<'de>, const N: usize> Rest<'de> for List<T, N> {
    const SHAPE: &'static Shape = T::SHAPE;
    const MAX: usize = N;
    const MAX_SIZE: usize = <Self as NetworkType>::MAX_SIZE;

    fn count(&self) -> usize {
        self.len()
    }

    fn take(arguments: &mut Arguments<'de>, name: &'static str) -> Result<Self, DecodeError> {
        arguments.rest(name)
    }

    fn give(&self, writer: &mut ArgumentsWriter<'_, '_>, any_float: bool) {
        for value in self {
            if any_float {
                writer.put_any_float(value);
            } else {
                writer.put(value);
            }
        }
    }
}

/// Generated code reads arguments by these, each by its place.
impl<'de> Arguments<'de> {
    /// The next argument, which must be there.
    #[inline]
    pub fn take<P: Argument<F, I> + ?Sized, const F: usize, const I: usize>(
        &mut self,
    ) -> Result<P::Type<'de>, DecodeError> {
        if P::ANY_FLOAT { self.any_float(|arguments| arguments.next(P::NAME)) } else { self.next(P::NAME) }
    }

    /// The next argument, or its default where the sender left it out.
    pub fn take_or_default<P: DefaultArgument<F, I> + ?Sized, const F: usize, const I: usize>(
        &mut self,
    ) -> Result<P::Type<'de>, DecodeError> {
        if self.left() == 0 { Ok(P::default()) } else { self.take::<P, F, I>() }
    }

    /// What `take` takes, if the rule of the parameter accepts it.
    pub fn checked<P: CheckedArgument<F, I> + ?Sized, const F: usize, const I: usize>(
        &mut self,
        take: impl FnOnce(&mut Self) -> Result<P::Type<'de>, DecodeError>,
    ) -> Result<P::Type<'de>, DecodeError> {
        self.accepted(P::NAME, P::RULE, take, P::accepts)
    }

    /// All arguments that are left.
    pub fn take_rest<P: RestArgument<F, I> + ?Sized, const F: usize, const I: usize>(
        &mut self,
    ) -> Result<P::Type<'de>, DecodeError> {
        if P::ANY_FLOAT {
            self.any_float(|arguments| P::Type::take(arguments, P::NAME))
        } else {
            P::Type::take(self, P::NAME)
        }
    }
}

/// Generated code writes arguments by these, each by its place.
impl ArgumentsWriter<'_, '_> {
    /// The next argument.
    #[inline]
    pub fn give<P: Argument<F, I> + ?Sized, const F: usize, const I: usize>(
        &mut self,
        value: &P::Type<'_>,
    ) -> &mut Self {
        if P::ANY_FLOAT { self.put_any_float(value) } else { self.put(value) }
    }

    /// The values of a rest, one argument each.
    pub fn give_rest<P: RestArgument<F, I> + ?Sized, const F: usize, const I: usize>(
        &mut self,
        values: &P::Type<'_>,
    ) -> &mut Self {
        Rest::give(values, self, P::ANY_FLOAT);
        self
    }
}

/// How many values a rest has.
pub fn rest_len<P: RestArgument<F, I> + ?Sized, const F: usize, const I: usize>(
    values: &P::Type<'_>,
) -> usize {
    values.count()
}

/// Writes a default as the argument would be.
fn give<P: Argument<F, I> + ?Sized, const F: usize, const I: usize>(w: &mut Writer<'_>, value: &P::Type<'_>) {
    w.set_any_float(P::ANY_FLOAT);
    value.encode(w);
    w.set_any_float(false);
}
