//! What is read from any bytes. Nothing is executed.

use std::fmt::Debug;

use magicnet::Manifest;
use magicnet::schema::{Fingerprint, Schema};
use magicnet::wire::{
    AnyValue, Arguments, Bytes, Decode, Decoder, Encoder, FrameReader, Json, List, MessageError,
    ProtocolMessage, Ranged, RawMessage, Reader, ScanError, ScanLimits, Str, Value, Writer, scan_message,
};

/// As generous as a node may be configured: more gets through to what is tested.
pub const LIMITS: ScanLimits = ScanLimits { depth: 64, elements: 65_536 };

/// A stream gives the same datagrams however it is cut; each is looked at. The first byte says how it is cut.
pub fn fuzz_frame(bytes: &[u8]) {
    let Some((cut, stream)) = bytes.split_first() else {
        return;
    };
    let whole = datagrams(stream, stream.len().max(1));
    let pieces = datagrams(stream, usize::from(*cut).max(1));
    assert_eq!(whole, pieces, "cut every {cut} bytes");
    whole.iter().for_each(|datagram| fuzz_datagram(datagram));
}

/// The datagrams of a stream that comes `size` bytes at a time.
pub fn datagrams(stream: &[u8], size: usize) -> Vec<Vec<u8>> {
    let mut reader = FrameReader::default();
    let mut scratch = Vec::new();
    let mut found = Vec::new();
    for mut piece in stream.chunks(size) {
        while let Some(datagram) = reader.next_datagram(&mut piece, &mut scratch) {
            assert!(!datagram.is_empty(), "empty frames are passed over");
            found.push(datagram.to_vec());
        }
        assert!(piece.is_empty(), "a reader takes all that it is given");
    }
    found
}

/// The messages of a datagram are read to its end, and what is understood comes back from its own encoding.
pub fn fuzz_datagram(bytes: &[u8]) {
    let mut rest = bytes;
    let mut before = bytes.len();
    while let Some(message) = RawMessage::next(&mut rest, LIMITS) {
        assert!(rest.len() < before, "every message takes something");
        before = rest.len();
        if let Ok(raw) = message {
            fuzz_message(&raw);
        }
    }
    assert!(rest.is_empty(), "the datagram is used up at its end");
}

fn fuzz_message(raw: &RawMessage<'_>) {
    assert_eq!(scan_message(raw.bytes, LIMITS), Ok(raw.bytes.len()));
    for len in [0, raw.bytes.len() / 2, raw.bytes.len() - 1] {
        assert_eq!(scan_message(&raw.bytes[..len], LIMITS), Err(ScanError::Incomplete));
    }
    fuzz_walk(raw.params.clone());
    fuzz_transcoding(raw);
    match ProtocolMessage::decode(raw) {
        Some(Ok(ProtocolMessage::CreateObject { calls, .. })) => {
            for call in calls.flatten() {
                fuzz_walk(call.arguments);
            }
        }
        Some(Ok(ProtocolMessage::SetObjectField { arguments, .. })) => fuzz_walk(arguments),
        _ => {}
    }
    if let Some(Ok(meaning)) = ProtocolMessage::decode(raw) {
        let once = encoded(&meaning);
        let again = RawMessage::parse(&once).expect("what we encode has the form of a message");
        let again = ProtocolMessage::decode(&again).expect("the id is the same");
        let again = again.expect("what was decoded is of the right types");
        assert_eq!(once, encoded(&again), "{meaning:?}");
    }
}

/// What a message says in JSON is what it says, and reads the same.
fn fuzz_transcoding(raw: &RawMessage<'_>) {
    let mut json = vec![b'['];
    if Json.encode(raw, &mut json).is_err() {
        return;
    }
    json.push(b']');
    let mut again = Vec::new();
    Json.decode(&json, LIMITS, &mut again).expect("what we write is JSON that we read");
    assert_eq!(meaning(&again), meaning(raw.bytes), "{}", String::from_utf8_lossy(&json));
    let again = RawMessage::parse(&again).expect("it still has the form of a message");
    let mut twice = vec![b'['];
    Json.encode(&again, &mut twice).expect("it was JSON before");
    assert_eq!(twice[..], json[..json.len() - 1], "one value has one form");
}

/// A value in words, unless it is nested too deep: in words one NaN is like another.
fn meaning(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader::new(bytes);
    reader.set_any_float(true);
    AnyValue::decode(&mut reader).ok().map(|value| format!("{value:?}"))
}

/// Any bytes, read as JSON: what comes out is whole messages within limits, and survives a round trip.
pub fn fuzz_json(bytes: &[u8]) {
    let mut messages = Vec::new();
    let outcome = Json.decode(bytes, LIMITS, &mut messages);
    assert!(messages.len() <= 9 * bytes.len() + 9, "no value takes more than nine bytes for one of its own");
    if outcome.is_err() {
        return;
    }
    let mut rest = &messages[..];
    while let Some(message) = RawMessage::next(&mut rest, LIMITS) {
        match message {
            Ok(raw) => fuzz_transcoding(&raw),
            Err(MessageError::Form(_)) => {}
            Err(MessageError::Scan(error)) => panic!("{error} in what was read as JSON"),
        }
    }
}

fn encoded(message: &ProtocolMessage<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode(&mut bytes);
    bytes
}

/// Takes the arguments as values of any type, to the end or to the first that is none.
fn fuzz_walk(mut arguments: Arguments<'_>) {
    while arguments.left() > 0 {
        let left = arguments.left();
        if arguments.next::<Value<65_535>>("value").is_err() {
            return;
        }
        assert_eq!(arguments.left(), left - 1);
    }
    arguments.finish().expect("all were taken");
}

/// Any bytes, decoded as anything: what comes out is within its type's bounds and survives a round trip.
pub fn fuzz_arguments(bytes: &[u8]) {
    if let Ok(arguments) = Arguments::open(Reader::new(bytes)) {
        fuzz_walk(arguments.clone());
        let _ = arguments.clone().rest::<u8, 4>("rest");
        let _ = arguments.clone().any_float(|it| it.next::<f32>("float"));
        let _ = arguments.clone().next_or("integer", || 7_i64);
    }
    let _ = Reader::new(bytes).raw_value(usize::MAX);
    let _ = AnyValue::decode(&mut Reader::new(bytes));
    fuzz_as::<u8>(bytes);
    fuzz_as::<i64>(bytes);
    fuzz_as::<u64>(bytes);
    fuzz_as::<Ranged<i16, -5, 5>>(bytes);
    fuzz_as::<f32>(bytes);
    fuzz_as::<f64>(bytes);
    fuzz_as::<bool>(bytes);
    fuzz_as::<Str<5>>(bytes);
    fuzz_as::<Bytes<5>>(bytes);
    fuzz_as::<List<Option<u16>, 9>>(bytes);
    fuzz_as::<List<List<Str<3>, 3>, 3>>(bytes);
    fuzz_as::<(u8, Option<(Str<4>, f64)>, List<bool, 2>)>(bytes);
    fuzz_as::<Value<1>>(bytes);
    fuzz_as::<Value<4096>>(bytes);
}

/// Any bytes, decoded as a `T`.
fn fuzz_as<T: for<'a> Decode<'a> + PartialEq + Debug>(bytes: &[u8]) {
    match T::decode(&mut Reader::new(bytes)) {
        Ok(value) => drop(survives(&value)),
        Err(error) => assert!(error.to_string().contains("found"), "{error}"),
    }
}

/// The value takes no more bytes than its type says, and comes back from them, whatever follows. Returns the bytes.
pub fn survives<T: for<'a> Decode<'a> + PartialEq + Debug>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes);
    value.encode(&mut writer);
    assert_eq!(writer.fault(), None, "{value:?} can be sent");
    assert!(bytes.len() <= T::MAX_SIZE, "{value:?} takes {} bytes", bytes.len());
    assert_eq!(Reader::new(&bytes).raw_value(usize::MAX), Ok(&bytes[..]), "{value:?} is one value");

    let followed = [&bytes[..], &[0xc0]].concat();
    let mut reader = Reader::new(&followed);
    assert_eq!(T::decode(&mut reader).as_ref(), Ok(value));
    assert_eq!(reader.rest(), [0xc0], "{value:?} takes what is its own");
    bytes
}

/// What a peer announces of its contracts: read, told again, and compared with what another announces.
pub fn fuzz_fingerprint(bytes: &[u8]) {
    let mut value = Vec::new();
    Writer::new(&mut value).bytes(bytes);
    let Ok(theirs) = Fingerprint::decode(&value) else {
        return;
    };
    let mut once = Vec::new();
    theirs.encode(&mut once);
    let again = Fingerprint::decode(&once).expect("what we encode is a fingerprint");
    assert_eq!(theirs.compare(&again), Ok(()), "what came is what is told");
    let ours = Schema::default().fingerprint();
    if let Err(mismatch) = ours.compare(&theirs) {
        let summary = mismatch.summary();
        assert!(summary.chars().count() <= 64, "{summary:?} fits a DISCONNECT");
        let report = mismatch.to_string();
        let is_control = |it: char| it.is_control() && it != '\n';
        assert!(
            !summary.contains(char::is_control) && !report.contains(is_control),
            "{report:?} forges nothing"
        );
    }
}

/// A manifest of a stranger's: what is understood survives its own file, and differs in nothing from itself.
pub fn fuzz_manifest(bytes: &[u8]) {
    let Ok(read) = Manifest::from_json(bytes) else {
        return;
    };
    let file = read.to_json();
    let again = Manifest::from_json(&file).expect("what we write is a manifest");
    assert_eq!(read, again, "{file}");
    assert_eq!(file, again.to_json(), "one manifest has one file");
    assert!(read.compare(&again, ["before", "after"]).is_empty(), "{file}");
    assert_eq!(read.warnings(), again.warnings());
}
