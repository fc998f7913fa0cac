//! The arguments of a call or a message: an array whose missing tail may be filled by defaults.

use super::{Decode, DecodeError, Expected, Found, List, NetworkType, Reader, Shape, Variant, Writer};

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
        Ok(Self { bytes, reader, count, taken: 0 })
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

    /// Decodes an enum of shape `shape` whose variants have members: `read` takes those of the variant that it is told.
    ///
    /// `reader` then stands behind it.
    ///
    /// # Panics
    ///
    /// When `shape` is not an enum's.
    pub fn variant<T>(
        reader: &mut Reader<'de>,
        shape: &'static Shape,
        read: impl FnOnce(usize, &mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        Self::nested(reader, |members| {
            let (number, variant) = members.next_by_itself(|r| variant(r, shape))?;
            read(number, members).map_err(|error| error.within(variant.name))
        })
    }

    /// How many values there are that have not been taken yet.
    #[inline]
    pub fn left(&self) -> usize {
        self.count - self.taken
    }

    /// How many values there are, and what the reader can see of those that have not been taken.
    #[inline]
    pub(super) fn contents(&self) -> (usize, &'de [u8]) {
        (self.count, self.reader.rest())
    }

    /// The bytes of the whole array, whatever was taken of it.
    pub(super) fn bytes(&self) -> &'de [u8] {
        // What follows the array in the reader that was opened is not ours. An array that cannot be walked over is
        // passed on as it is: its receiver says what is wrong with it.
        Reader::new(self.bytes).raw_value(usize::MAX).unwrap_or(self.bytes)
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
        self.next_by_itself(read).map_err(|error| error.within(name))
    }

    /// The next value, which has no name.
    #[inline]
    fn next_by_itself<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'de>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if self.taken == self.count {
            return Err(DecodeError::new(Expected::OneMore, Found::Nothing));
        }
        self.taken += 1;
        read(&mut self.reader)
    }

    /// The next argument, or its default where the sender left it out.
    pub fn next_or<T: Decode<'de>>(
        &mut self,
        name: &'static str,
        default: impl FnOnce() -> T,
    ) -> Result<T, DecodeError> {
        if self.taken == self.count { Ok(default()) } else { self.next(name) }
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

    /// What `take` takes, if `accepts`, whose name is `rule`, says so: `#[arg(check = rule)]`.
    pub fn accepted<T>(
        &mut self,
        name: &'static str,
        rule: &'static str,
        take: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
        accepts: impl FnOnce(&T) -> bool,
    ) -> Result<T, DecodeError> {
        let (before, left) = (self.reader.clone(), self.left());
        let value = take(self)?;
        if accepts(&value) {
            return Ok(value);
        }
        let expected = Expected::Accepted(rule);
        let error = match left - self.left() {
            0 => DecodeError::new(expected, Found::Nothing),
            1 => before.refuse(expected),
            taken => DecodeError::new(expected, Found::Values(taken)),
        };
        Err(error.within(name))
    }

    /// Lets NaN and infinities pass while `read` takes an argument: `#[arg(any_float)]`.
    pub fn any_float<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        // What was in force comes back: this may be a member of a struct that may hold any float itself.
        let before = self.reader.set_any_float(true);
        let value = read(self);
        self.reader.set_any_float(before);
        value
    }

    /// Says that all arguments were taken; more of them are an error. Returns the reader behind the array.
    #[inline]
    pub fn finish(&mut self) -> Result<Reader<'de>, DecodeError> {
        if self.taken < self.count {
            return Err(DecodeError::new(Expected::AtMost(self.taken), Found::Values(self.count)));
        }
        Ok(self.reader.clone())
    }
}

/// Takes the number of a variant of an enum whose shape is `shape`.
///
/// # Panics
///
/// When `shape` is not an enum's.
pub fn variant(r: &mut Reader<'_>, shape: &'static Shape) -> Result<(usize, &'static Variant), DecodeError> {
    let Shape::Enum { name, variants } = shape else {
        unreachable!("the macro writes this for the shapes of enums alone")
    };
    let before = r.clone();
    let number = r.integer(0, i128::from(u8::MAX)).ok().and_then(|number| usize::try_from(number).ok());
    match number.and_then(|number| Some((number, variants.get(number)?))) {
        Some(found) => Ok(found),
        None => Err(before.refuse(Expected::Variant { name, variants })),
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
        let before = self.writer.set_any_float(true);
        value.encode(self.writer);
        self.writer.set_any_float(before);
        self
    }

    /// The number of a variant, with its members to come.
    pub fn tag(&mut self, number: u8) -> &mut Self {
        self.put(&number)
    }

    /// The members of a list, one argument each: `#[arg(rest)]`.
    pub fn put_rest<T: NetworkType, const N: usize>(&mut self, values: &List<T, N>) -> &mut Self {
        for value in values.iter() {
            value.encode(self.writer);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A struct whose second member may be any float, as the macros write it.
    #[derive(Debug, PartialEq)]
    struct Reading {
        at: f64,
        value: f64,
        error: f64,
    }

    impl NetworkType for Reading {
        const SHAPE: &'static Shape = &Shape::Tuple(&[f64::SHAPE, f64::SHAPE, f64::SHAPE]);
        const MAX_SIZE: usize = 28;

        fn encode(&self, w: &mut Writer<'_>) {
            let mut members = ArgumentsWriter::open(w, 3);
            members.put(&self.at).put_any_float(&self.value).put(&self.error);
        }
    }

    impl<'de> Decode<'de> for Reading {
        fn decode(r: &mut Reader<'de>) -> Result<Self, DecodeError> {
            Arguments::nested(r, |members| {
                Ok(Self {
                    at: members.next("at")?,
                    value: members.any_float(|members| members.next("value"))?,
                    error: members.next("error")?,
                })
            })
        }
    }

    fn written(write: impl FnOnce(&mut Writer<'_>)) -> (Vec<u8>, bool) {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes);
        write(&mut writer);
        let is_fine = writer.fault().is_none();
        (bytes, is_fine)
    }

    #[test]
    fn any_float_holds_for_a_whole_struct_and_ends_with_it() {
        let all = Reading { at: f64::INFINITY, value: f64::INFINITY, error: f64::NEG_INFINITY };
        let (bytes, is_fine) = written(|w| {
            ArgumentsWriter::open(w, 1).put_any_float(&all);
        });
        assert!(is_fine);
        let mut arguments = Arguments::open(Reader::new(&bytes)).unwrap();
        assert_eq!(arguments.any_float(|a| a.next("reading")), Ok(all));

        let one = Reading { at: 0.0, value: f64::INFINITY, error: f64::INFINITY };
        let (bytes, is_fine) = written(|w| one.encode(w));
        assert!(!is_fine, "`error` must be finite again");
        let error = Reading::decode(&mut Reader::new(&bytes)).unwrap_err();
        assert_eq!(error.to_string(), "parameter `error`: expected a finite float, found the float inf");
    }

    #[test]
    fn the_bytes_end_with_the_array() {
        let arguments = Arguments::open(Reader::new(&[0x92, 1, 0x91, 2, 0xc0])).unwrap();
        assert_eq!(arguments.bytes(), [0x92, 1, 0x91, 2]);
        let cut = Arguments::open(Reader::new(&[0x92, 1])).unwrap();
        assert_eq!(cut.bytes(), [0x92, 1]);
    }

    #[test]
    fn each_fault_of_an_array_of_arguments_has_its_words() {
        let decode = |bytes: &[u8]| {
            let mut arguments = Arguments::open(Reader::new(bytes))?;
            let first: u8 = arguments.next("first")?;
            let second: u8 = arguments.next_or("second", || 9)?;
            arguments.finish().map(|_| (first, second))
        };
        assert_eq!(decode(&[0x91, 1]), Ok((1, 9)));
        assert_eq!(decode(&[0x92, 1, 2]), Ok((1, 2)));
        let words = |bytes: &[u8]| decode(bytes).unwrap_err().to_string();
        assert_eq!(words(&[7]), "expected an array, found 7");
        assert_eq!(words(&[0x90]), "parameter `first`: expected a value, found nothing");
        assert_eq!(words(&[0x93, 1, 2, 3]), "expected at most 2 values, found 3 values");
        assert_eq!(
            words(&[0x92, 1, 0xcc]),
            "parameter `second`: expected an integer from 0 to 255, found nothing"
        );
    }
}
