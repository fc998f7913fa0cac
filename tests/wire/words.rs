//! The texts of errors: they name the parameter with the way into it, what was expected and what came.

use magicnet::wire::{
    Arguments, Bytes, Decode, DecodeError, EncodeFault, List, Map, MessageError, ProtocolMessage, Ranged,
    RawMessage, Reader, Str, Value, Writer,
};
use magicnet_tests::fuzz::LIMITS;

/// The words for one parameter named `it`, decoded from an array of arguments.
fn words<T: for<'a> Decode<'a>>(bytes: &[u8]) -> String {
    let read = |bytes| {
        let mut arguments = Arguments::open(Reader::new(bytes))?;
        arguments.next::<T>("it")?;
        arguments.finish().map(|_| ())
    };
    let error: DecodeError = read(bytes).expect_err("it is refused");
    error.to_string()
}

#[test]
fn a_value_of_another_type() {
    assert_eq!(
        words::<f32>(&[0x91, 0xa3, b'o', b'n', b'e']),
        "parameter `it`: expected a float, found text of 3 characters"
    );
    assert_eq!(words::<u8>(&[0x91, 0xc3]), "parameter `it`: expected an integer from 0 to 255, found true");
    assert_eq!(words::<bool>(&[0x91, 0xc0]), "parameter `it`: expected a bool, found nil");
    assert_eq!(
        words::<Str<8>>(&[0x91, 0xc4, 1, 0]),
        "parameter `it`: expected text of at most 8 characters, found 1 byte"
    );
    assert_eq!(
        words::<Bytes<8>>(&[0x91, 0xa1, b'a']),
        "parameter `it`: expected at most 8 bytes, found text of 1 character"
    );
}

#[test]
fn a_value_out_of_bounds() {
    assert_eq!(
        words::<i8>(&[0x91, 0xcc, 128]),
        "parameter `it`: expected an integer from -128 to 127, found 128"
    );
    assert_eq!(
        words::<Ranged<u8, 1, 6>>(&[0x91, 7]),
        "parameter `it`: expected an integer from 1 to 6, found 7"
    );
    assert_eq!(
        words::<Str<1>>(&[0x91, 0xa2, b'a', b'b']),
        "parameter `it`: expected text of at most 1 character, found text of 2 characters"
    );
    assert_eq!(
        words::<Value<2>>(&[0x91, 0xcd, 1, 0]),
        "parameter `it`: expected a value of at most 2 bytes, found 256"
    );
    assert_eq!(
        words::<f64>(&[0x91, 0xca, 0x7f, 0xc0, 0, 0]),
        "parameter `it`: expected a finite float, found the float NaN"
    );
}

#[test]
fn the_way_into_a_value() {
    assert_eq!(
        words::<List<u8, 4>>(&[0x91, 0x92, 1, 0xc0]),
        "parameter `it[1]`: expected an integer from 0 to 255, found nil"
    );
    assert_eq!(
        words::<List<(u8, Str<4>), 4>>(&[0x91, 0x91, 0x92, 1, 2]),
        "parameter `it[0][1]`: expected text of at most 4 characters, found 2"
    );
    assert_eq!(
        words::<(u8, u8)>(&[0x91, 0x93, 1, 2, 3]),
        "parameter `it`: expected an array of 2 members, found an array of 3 members"
    );
}

#[test]
fn an_unknown_variant() {
    #[derive(Debug, magicnet::NetworkType)]
    enum Stance {
        Standing,
        Sitting,
    }
    #[derive(Debug, magicnet::NetworkType)]
    enum Order {
        Wait,
        Walk { x: u8, to: List<Stance, 4> },
    }
    #[derive(Debug, magicnet::NetworkType)]
    #[rustfmt::skip]
    enum Many { A, B, C, D, E, F, G, H, I, J }

    let stance = "expected the number of a variant of `Stance` (0 `Standing`, 1 `Sitting`), found";
    assert_eq!(words::<Stance>(&[0x91, 2]), format!("parameter `it`: {stance} 2"));
    assert_eq!(words::<Stance>(&[0x91, 0xff]), format!("parameter `it`: {stance} -1"));
    assert_eq!(words::<Stance>(&[0x91, 0x90]), format!("parameter `it`: {stance} an array of 0 members"));
    let order = "expected the number of a variant of `Order` (0 `Wait`, 1 `Walk`), found";
    assert_eq!(words::<Order>(&[0x91, 0x91, 9]), format!("parameter `it`: {order} 9"));
    assert_eq!(words::<Order>(&[0x91, 0x90]), "parameter `it`: expected a value, found nothing");
    assert_eq!(words::<Order>(&[0x91, 0]), "parameter `it`: expected an array, found 0");
    assert_eq!(
        words::<Order>(&[0x91, 0x92, 1, 0xc0]),
        "parameter `it.Walk.x`: expected an integer from 0 to 255, found nil"
    );
    assert_eq!(
        words::<Order>(&[0x91, 0x93, 1, 0, 0x92, 1, 2]),
        format!("parameter `it.Walk.to[1]`: {stance} 2")
    );
    assert_eq!(
        words::<Order>(&[0x91, 0x92, 0, 0]),
        "parameter `it`: expected at most 1 value, found 2 values"
    );
    assert_eq!(
        words::<Many>(&[0x91, 10]),
        "parameter `it`: expected the number of a variant of `Many` (0 `A`, 1 `B`, 2 `C`, 3 `D`, 4 `E`, 5 `F`, \
         6 `G`, 7 `H`, ..., 9 `J`), found 10"
    );
}

#[test]
fn a_map() {
    type Two = Map<u8, bool, 2>;
    let most = "parameter `it`: expected a map of at most 2 entries, found";
    assert_eq!(words::<Two>(&[0x91, 0x90]), format!("{most} an array of 0 members"));
    assert_eq!(words::<Two>(&[0x91, 0x83, 1, 1, 2, 1, 3, 1]), format!("{most} a map of 3 entries"));
    assert_eq!(
        words::<Two>(&[0x91, 0xdf, 0xff, 0xff, 0xff, 0xff]),
        format!("{most} a map of 4294967295 entries")
    );
    assert_eq!(
        words::<Map<u8, u8, 1>>(&[0x91, 0xc0]),
        "parameter `it`: expected a map of at most 1 entry, found nil"
    );
    assert_eq!(
        words::<Two>(&[0x91, 0x82, 1, 1, 0xc0, 1]),
        "parameter `it[1].key`: expected an integer from 0 to 255, found nil"
    );
    assert_eq!(words::<Two>(&[0x91, 0x82, 1, 1, 2, 7]), "parameter `it[1].value`: expected a bool, found 7");
    assert_eq!(
        words::<Two>(&[0x91, 0x82, 1, 1]),
        "parameter `it[1].key`: expected an integer from 0 to 255, found nothing"
    );
    assert_eq!(
        words::<Two>(&[0x91, 0x82, 1, 0, 1, 1]),
        "parameter `it`: expected a map whose keys are all different, found a map of 2 entries"
    );
}

#[test]
fn a_value_that_a_rule_refuses() {
    fn is_even(number: &u8) -> bool {
        number.is_multiple_of(2)
    }
    #[derive(Debug, magicnet::NetworkType)]
    struct Pair(#[arg(check = is_even)] u8, #[arg(default = 1, check = is_even)] u8);

    assert_eq!(
        words::<Pair>(&[0x91, 0x92, 2, 0xc0]),
        "parameter `it.1`: expected an integer from 0 to 255, found nil"
    );
    assert_eq!(
        words::<Pair>(&[0x91, 0x92, 3, 2]),
        "parameter `it.0`: expected a value that `is_even` accepts, found 3"
    );
    // A default is asked too.
    assert_eq!(
        words::<Pair>(&[0x91, 0x91, 2]),
        "parameter `it.1`: expected a value that `is_even` accepts, found nothing"
    );
}

#[test]
fn too_few_and_too_many() {
    assert_eq!(words::<u8>(&[0x90]), "parameter `it`: expected a value, found nothing");
    assert_eq!(words::<u8>(&[0x93, 1, 2, 3]), "expected at most 1 value, found 3 values");
    assert_eq!(words::<u8>(&[0xc0]), "expected an array, found nil");
}

#[test]
fn a_message_of_the_protocols_own() {
    let error = |bytes: &[u8]| {
        let raw = RawMessage::next(&mut &bytes[..], LIMITS)?;
        match raw {
            Ok(raw) => Some(ProtocolMessage::decode(&raw)?.err()?.to_string()),
            Err(error) => Some(error.to_string()),
        }
    };
    let words = |bytes: &[u8]| error(bytes).expect("it is refused");
    assert_eq!(
        words(&[0x92, 2, 0x92, 0xcd, 1, 0, 0xa1, b'x']),
        "parameter `hash`: expected at most 64 bytes, found text of 1 character"
    );
    assert_eq!(words(&[0x92, 4, 0x91, 0]), "expected no values, found 1 value");
    assert_eq!(
        words(&[0x92, 10, 0x94, 1, 1, 0xcd, 1, 0, 0x90]),
        "parameter `field`: expected an integer from 0 to 255, found 256"
    );
    assert_eq!(words(&[0x92, 10, 0x94, 1, 1, 1, 7]), "parameter `arguments`: expected an array, found 7");
    assert_eq!(
        words(&[0x92, 0xff, 0x90]),
        "a message is not [id, [parameters]]: parameter `id`: expected an integer from 0 to 18446744073709551615, \
         found -1"
    );
    assert_eq!(words(&[0x92, 4]), "the data ends inside a value");
    assert_eq!(words(&[0xc1]), "a value is of a type that the protocol does not use");
    assert!(matches!(RawMessage::next(&mut &[0x92, 4][..], LIMITS), Some(Err(MessageError::Scan(_)))));
}

#[test]
fn what_cannot_be_sent() {
    let mut bytes = Vec::new();
    let mut w = Writer::new(&mut bytes);
    w.f64(f64::NAN);
    assert_eq!(
        w.fault().as_ref().map(EncodeFault::to_string).as_deref(),
        Some("a float is NaN or infinite; write `#[arg(any_float)]` where that is meant")
    );
    assert_eq!(
        Str::<2>::try_from("Ada").unwrap_err().to_string(),
        "3 characters are more than the 2 allowed"
    );
    assert_eq!(Ranged::<u8, 1, 6>::try_from(7).unwrap_err().to_string(), "7 is not from 1 to 6");
}
