//! Bytes that want to hurt: what they cost is bounded by what really came.
//!
//! Allocations are counted by `allocation-counter`, per thread. Times are not asserted; a scan that were not linear
//! would make this file take minutes.

use allocation_counter::{AllocationInfo, measure};
use magicnet::schema::Fingerprint;
use magicnet::wire::{
    AnyValue, Arguments, Bytes, Decode, FrameReader, List, MAX_FRAME, MessageError, ProtocolMessage,
    RawMessage, Reader, ScanError, ScanLimits, Str, Value, scan_message,
};

const LIMITS: ScanLimits = ScanLimits { depth: 32, elements: 16_384 };

/// Measures without what the first call in a thread sets up.
fn cost(mut act: impl FnMut()) -> AllocationInfo {
    act();
    measure(act)
}

/// What a scan says, and that it needs no memory for it.
fn scan(bytes: &[u8]) -> Result<usize, ScanError> {
    let mut result = Ok(0);
    let cost = cost(|| result = scan_message(bytes, LIMITS));
    assert_eq!(cost.count_total, 0, "a scan allocates nothing");
    result
}

/// Every message of a datagram, decoded where it can be.
fn read_all(datagram: &[u8]) -> usize {
    let mut rest = datagram;
    let mut count = 0;
    while let Some(message) = RawMessage::next(&mut rest, LIMITS) {
        count += 1;
        if let Ok(raw) = message {
            drop(ProtocolMessage::decode(&raw));
        }
    }
    count
}

#[test]
fn ten_thousand_fold_nesting() {
    let nested = [vec![0x91; 10_000], vec![0xc0]].concat();
    assert_eq!(scan(&nested), Err(ScanError::TooDeep));
    let maps = [[0x81, 0x01].repeat(10_000), vec![0xc0]].concat();
    assert_eq!(scan(&maps), Err(ScanError::TooDeep));
    assert_eq!(scan(&[vec![0x91; 32], vec![0xc0]].concat()), Ok(33));
    // Behind the scan's back: the readers' own bounds.
    assert!(Reader::new(&nested).raw_value(usize::MAX).is_err());
    assert!(AnyValue::decode(&mut Reader::new(&nested)).is_err());
}

#[test]
fn claims_of_four_thousand_million() {
    let claim = |marker: u8| [marker, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(scan(&claim(0xdd)), Err(ScanError::TooManyElements));
    assert_eq!(scan(&claim(0xdf)), Err(ScanError::TooManyElements));
    for marker in [0xdb, 0xc6] {
        assert_eq!(scan(&claim(marker)), Err(ScanError::Incomplete));
    }
    for marker in [0xdd, 0xdf, 0xdb, 0xc6, 0xc9] {
        let bytes = claim(marker);
        let cost = cost(|| {
            drop(AnyValue::decode(&mut Reader::new(&bytes)));
            drop(List::<u64, 4_000_000_000>::decode(&mut Reader::new(&bytes)));
            drop(Bytes::<4_000_000_000>::decode(&mut Reader::new(&bytes)));
            drop(Str::<4_000_000_000>::decode(&mut Reader::new(&bytes)));
            drop(Arguments::open(Reader::new(&bytes)).map(|mut it| it.rest::<u64, 4_000_000_000>("rest")));
        });
        assert!(cost.bytes_max < 4096, "{marker:x}: {cost:?}");
    }
}

#[test]
fn claims_at_every_level_add_up() {
    // Each level says that it has eight thousand members, and its first is the next level.
    let level = [0xdc, 0x1f, 0x40];
    let bytes = [level.repeat(31), vec![0; 60_000]].concat();
    assert_eq!(scan(&bytes), Err(ScanError::TooManyElements));
}

#[test]
fn a_datagram_of_empty_lists() {
    let datagram = vec![0x90; MAX_FRAME];
    assert_eq!(read_all(&datagram), MAX_FRAME);
    let inside = [vec![0x92, 5, 0xdc, 0xff, 0xf0], vec![0x90; 0xfff0]].concat();
    assert_eq!(read_all(&inside), 1);
}

#[test]
fn a_datagram_of_short_messages() {
    let datagram = [0x92, 4, 0x90].repeat(MAX_FRAME / 3);
    let mut count = 0;
    let cost = cost(|| count = read_all(&datagram));
    assert_eq!(count, MAX_FRAME / 3);
    assert_eq!(cost.count_total, 0, "messages are read in place");
}

#[test]
fn a_frame_that_never_ends() {
    let mut reader = FrameReader::default();
    let mut scratch = Vec::new();
    let cost = measure(|| {
        assert_eq!(reader.next_datagram(&mut &[0xff, 0xff, 1, 2, 3][..], &mut scratch), None);
    });
    assert!(cost.bytes_current < 64, "the claim of a length reserves nothing: {cost:?}");
}

#[test]
fn frames_cut_at_each_read_allocate_nothing_in_steady_state() {
    let stream = [0, 3, 0x92, 4, 0x90].repeat(100);
    let mut reader = FrameReader::default();
    let mut scratch = Vec::new();
    let cost = cost(|| {
        for mut piece in stream.chunks(7) {
            while reader.next_datagram(&mut piece, &mut scratch).is_some() {}
        }
    });
    assert_eq!(cost.count_total, 0);
}

#[test]
fn calls_are_decoded_without_an_allocation() {
    // SET_OBJECT_FIELD [2^32 * 128 + 1, 1, 1, [5, "Ada"]]
    let bytes = crate::unhex("920a94cf000000800000000101019205a3416461");
    let cost = cost(|| {
        let raw = RawMessage::next(&mut &bytes[..], LIMITS).unwrap().unwrap();
        let Some(Ok(ProtocolMessage::SetObjectField { mut arguments, .. })) = ProtocolMessage::decode(&raw)
        else {
            panic!("it is a call")
        };
        assert_eq!(arguments.next::<u8>("number"), Ok(5));
        let text = arguments.next::<magicnet::wire::Text<'_, 8>>("text").unwrap();
        assert_eq!(text.as_str(), "Ada");
        arguments.finish().unwrap();
    });
    assert_eq!(cost.count_total, 0);
}

/// The worst shapes of input, about as large as one frame may be.
fn worst() -> Vec<Vec<u8>> {
    let long = |header: &[u8], body: &[u8]| {
        let bytes = [header, &body.repeat(65_000 / body.len())].concat();
        vec![bytes.clone(), bytes[..bytes.len() / 2].to_vec()]
    };
    [
        // Arrays of nil, of empty lists, of lists of one; maps of small keys; claims that nest.
        long(&[0xdc, 0xfd, 0xe8], &[0xc0]),
        long(&[0xdc, 0xfd, 0xe8], &[0x90]),
        long(&[0xdc, 0x7e, 0xf4], &[0x91, 0xc0]),
        long(&[0xdc, 0x54, 0xa2], &[0x81, 0xc0, 0xc0]),
        long(&[0xde, 0x7e, 0xf4], &[0xc0, 0xc0]),
        long(&[], &[0xdc, 0xff, 0xff]),
        long(&[], &[0x91]),
        long(&[0xdc, 0xfd, 0xe8], &[0xa0]),
        long(&[0xdc, 0xfd, 0xe8], &[0xff]),
        long(&[0xda, 0xfd, 0xe8], b"x"),
        long(&[0xc5, 0xfd, 0xe8], b"x"),
        long(&[0x93, 1], &[0xdc, 0x7e, 0xf4, 0x93, 0xa1, b'x', 0, 0x90]),
    ]
    .concat()
}

fn bounded<T: for<'a> Decode<'a>>(name: &str, per_byte: usize) {
    bounded_by(name, per_byte, |reader| drop(T::decode(reader)));
}

/// Decodes each of the worst inputs, and holds what was alive at once against the size of the input.
fn bounded_by(name: &str, per_byte: usize, decode: impl Fn(&mut Reader<'_>)) {
    for bytes in worst() {
        let cost = cost(|| decode(&mut Reader::new(&bytes)));
        let bound = u64::try_from(bytes.len() * per_byte + FIXED).expect("it is small");
        assert!(
            cost.bytes_max <= bound,
            "{name} from {} bytes {:02x?}..: {} bytes at once",
            bytes.len(),
            &bytes[..5],
            cost.bytes_max
        );
    }
}

/// Errors, and what lists reserve before their members came: 1 KiB at each of at most 32 levels.
const FIXED: usize = 33 * 1024;

#[test]
fn memory_is_bounded_by_what_came() {
    // What a list of values needs at most is their size in memory for each byte, and thrice that while it grows.
    bounded::<List<u64, 70_000>>("numbers", 3 * 8);
    bounded::<List<Str<9>, 70_000>>("texts", 3 * 24);
    bounded::<List<List<u8, 9>, 70_000>>("lists", 3 * 24);
    bounded::<List<Option<(Str<9>, Str<9>, Str<9>, Str<9>)>, 70_000>>("tuples", 3 * 96);
    bounded::<Value<70_000>>("values", 3 * 32);
    bounded_by("any values", 3 * 32, |reader| drop(AnyValue::decode(reader)));
    bounded::<Str<70_000>>("text", 1);
    bounded::<Bytes<70_000>>("bytes", 1);
}

#[test]
fn fingerprints_are_bounded_by_what_came() {
    for mut bytes in worst() {
        bytes.truncate(65_000);
        let len = u16::try_from(bytes.len()).expect("it was truncated");
        let value = [&[0xc5][..], &len.to_be_bytes(), &bytes].concat();
        let cost = cost(|| drop(Fingerprint::decode(&value)));
        let bound = u64::try_from(bytes.len() * 3 * 64 + FIXED).expect("it is small");
        assert!(cost.bytes_max <= bound, "{:02x?}: {}", &bytes[..5], cost.bytes_max);
    }
}

#[test]
fn bytes_that_are_no_value_of_the_protocol() {
    for marker in [0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8] {
        assert_eq!(scan(&[0x92, 64, 0x91, marker, 0, 0, 0]), Err(ScanError::Foreign));
        assert!(Reader::new(&[marker, 0, 0, 0, 0]).raw_value(usize::MAX).is_err());
    }
    let error = RawMessage::next(&mut &[0xc1][..], LIMITS).unwrap().unwrap_err();
    assert_eq!(error, MessageError::Scan(ScanError::Foreign));
}
