//! The arguments of a call or a message: an array whose missing tail may be filled by defaults.

use super::{Decode, DecodeError, Expected, Found, List, NetworkType, Reader, Writer};

/// Walks over an array of arguments (or of the members of a struct), naming each.
///
/// Generated code takes them one by one and then says [`finish`](Self::finish), so that nothing is left over.
#[derive(Clone, Debug)]
pub struct Arguments<'de> {
    /// From the start of the array to the end of what the reader can see.
    bytes: &'de [u8],
    reader: Reader<'de>,
    count: usize,
    taken: usize,
}

impl<'de> Arguments<'de> {
    /// Opens the array that `reader` stands at.
    #[inline]
    pub fn open(reader: Reader<'de>) -> Result<Self, DecodeError> {
        let mut reader = reader;
        let bytes = reader.rest();
        let count = reader.array(usize::MAX)?;
        Ok(Self {
            bytes,
            reader,
            count,
            taken: 0,
        })
    }

    /// Decodes a struct: an array whose members `read` takes by name. `reader` then stands behind it.
    pub fn nested<T>(
        reader: &mut Reader<'de>,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let mut members = Self::open(reader.clone())?;
        let value = read(&mut members)?;
        *reader = members.finish()?;
        Ok(value)
    }

    /// How many values there are that have not been taken yet.
    pub fn left(&self) -> usize {
        self.count - self.taken
    }

    /// The bytes of the whole array, and of what follows it in the reader that was opened.
    pub(super) fn bytes(&self) -> &'de [u8] {
        self.bytes
    }

    /// The next argument, which must be there.
    #[inline]
    pub fn next<T: Decode<'de>>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        self.next_by(name, T::decode)
    }

    /// The next argument, by a decoder that is no type's.
    #[inline]
    pub(super) fn next_by<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Reader<'de>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if self.taken == self.count {
            return Err(DecodeError::new(Expected::OneMore, Found::Nothing).within(name));
        }
        self.taken += 1;
        read(&mut self.reader).map_err(|error| error.within(name))
    }

    /// The next argument, or its default where the sender left it out.
    pub fn next_or<T: Decode<'de>>(
        &mut self,
        name: &'static str,
        default: impl FnOnce() -> T,
    ) -> Result<T, DecodeError> {
        if self.taken == self.count {
            Ok(default())
        } else {
            self.next(name)
        }
    }

    /// All arguments that are left.
    pub fn rest<T: Decode<'de>, const N: usize>(
        &mut self,
        name: &'static str,
    ) -> Result<List<T, N>, DecodeError> {
        let len = self.left();
        if len > N {
            let error = DecodeError::new(Expected::Array { max: N }, Found::Array { len });
            return Err(error.within(name));
        }
        self.taken = self.count;
        List::decode_members(&mut self.reader, len).map_err(|error| error.within(name))
    }

    /// Lets NaN and infinities pass while `read` takes an argument: `#[arg(any_float)]`.
    pub fn any_float<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        self.reader.set_any_float(true);
        let value = read(self);
        self.reader.set_any_float(false);
        value
    }

    /// Says that all arguments were taken; more of them are an error. Returns the reader behind the array.
    #[inline]
    pub fn finish(&mut self) -> Result<Reader<'de>, DecodeError> {
        if self.taken < self.count {
            return Err(DecodeError::new(
                Expected::AtMost(self.taken),
                Found::Values(self.count),
            ));
        }
        Ok(self.reader.clone())
    }
}

/// Writes an array of arguments; generated code uses it.
#[derive(Debug)]
pub struct ArgumentsWriter<'w, 'a> {
    writer: &'w mut Writer<'a>,
}

impl<'w, 'a> ArgumentsWriter<'w, 'a> {
    /// Opens an array of `count` values, each of which is to be written next.
    #[inline]
    pub fn open(writer: &'w mut Writer<'a>, count: usize) -> Self {
        writer.array(count);
        Self { writer }
    }

    /// The next argument.
    #[inline]
    pub fn put<T: NetworkType>(&mut self, value: &T) -> &mut Self {
        value.encode(self.writer);
        self
    }

    /// The next argument, which may be NaN or infinite: `#[arg(any_float)]`.
    pub fn put_any_float<T: NetworkType>(&mut self, value: &T) -> &mut Self {
        self.writer.set_any_float(true);
        value.encode(self.writer);
        self.writer.set_any_float(false);
        self
    }

    /// The members of a list, one argument each: `#[arg(rest)]`.
    pub fn put_rest<T: NetworkType, const N: usize>(&mut self, values: &List<T, N>) -> &mut Self {
        for value in values.iter() {
            value.encode(self.writer);
        }
        self
    }
}
