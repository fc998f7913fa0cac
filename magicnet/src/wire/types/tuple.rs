//! Tuples: arrays with a type for each place.

use super::super::{DecodeError, Reader, Shape, Writer};
use super::{Decode, NetworkType, array_header_size};

macro_rules! tuples {
    ($($len:literal: $($name:ident $index:tt),+;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: NetworkType),+> NetworkType for ($($name,)+) {
            const SHAPE: &'static Shape = &Shape::Tuple(&[$($name::SHAPE),+]);
            const MAX_SIZE: usize = {
                let mut size: usize = array_header_size($len);
                $(size = size.saturating_add($name::MAX_SIZE);)+
                size
            };

            fn encode(&self, w: &mut Writer<'_>) {
                w.array($len);
                $(self.$index.encode(w);)+
            }
        }

        #[diagnostic::do_not_recommend]
        impl<'de, $($name: Decode<'de>),+> Decode<'de> for ($($name,)+) {
            fn decode(r: &mut Reader<'de>) -> Result<Self, DecodeError> {
                r.array_of($len)?;
                Ok(($($name::decode(r).map_err(|error| error.at($index))?,)+))
            }
        }
    )*};
}

tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}
