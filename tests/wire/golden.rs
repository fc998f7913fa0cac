//! The golden vectors: recorded from the Python library by `record.py`, which describes their format.

use magicnet::wire::{
    AnyValue, Arguments, FIRST_CUSTOM_ID, MessageError, ProtocolMessage, RawMessage, Reader, ScanError,
    Writer, encode_call, encode_custom, frame_header,
};
use magicnet_tests::fuzz::{LIMITS, datagrams, fuzz_datagram};
use serde_json::{Value as Json, json};

use crate::{hex, unhex};

/// The whole file.
fn golden() -> Json {
    serde_json::from_str(include_str!("golden.json")).expect("golden.json is JSON")
}

/// The single messages: name, bytes, meaning.
fn messages() -> Vec<(String, Vec<u8>, Json)> {
    let golden = golden();
    let entries = golden["messages"].as_array().expect("golden.json has messages");
    entries
        .iter()
        .map(|entry| (text(&entry["name"]), unhex(&text(&entry["datagram"])), entry["meaning"].clone()))
        .collect()
}

/// The frames of all conversations: where, bytes with the length, meaning.
fn frames() -> Vec<(String, Vec<u8>, Json)> {
    let golden = golden();
    let mut frames = Vec::new();
    for session in list(&golden["sessions"]) {
        for step in list(&session["steps"]) {
            for seen in list(&step["saw"]).iter().filter(|seen| seen.get("frame").is_some()) {
                let place = format!("{}: {}", text(&session["name"]), text(&step["do"]));
                frames.push((place, unhex(&text(&seen["frame"])), seen["meaning"].clone()));
            }
        }
    }
    frames
}

fn text(json: &Json) -> String {
    json.as_str().expect("golden.json has a text here").to_owned()
}

fn list(json: &Json) -> &[Json] {
    json.as_array().expect("golden.json has a list here")
}

#[test]
fn the_recording_is_there() {
    assert!(messages().len() > 100);
    assert!(frames().len() > 100);
}

#[test]
fn every_message_has_the_meaning_that_python_sees() {
    for (name, bytes, meaning) in messages() {
        let raw = only_message(&bytes);
        assert_eq!(meaning_of(&raw), meaning, "{name}");
        assert_eq!(typed_meaning_of(&raw), meaning, "{name}");
    }
}

#[test]
fn every_message_is_encoded_as_python_does() {
    for (name, bytes, meaning) in messages() {
        let raw = only_message(&bytes);
        assert_eq!(hex(&encoded(&raw)), hex(&bytes), "{name}");
        assert_eq!(hex(&encoded_from_values(&meaning)), hex(&bytes), "{name}, from values");
    }
}

#[test]
fn every_frame_of_the_conversations_is_read_and_written_as_python_does() {
    for (place, frame, meaning) in frames() {
        let datagram = match &datagrams(&frame, frame.len())[..] {
            [] => Vec::new(),
            [datagram] => datagram.clone(),
            more => panic!("{place}: {} datagrams of one frame", more.len()),
        };
        let messages = all_messages(&datagram);
        let meanings: Vec<Json> = messages.iter().map(typed_meaning_of).collect();
        assert_eq!(Json::Array(meanings), meaning, "{place}");

        let again: Vec<u8> = messages.iter().flat_map(encoded).collect();
        // One raw client ends its datagram inside a message, which is ignored.
        let (whole, cut) = datagram.split_at(again.len());
        assert_eq!(hex(&again), hex(whole), "{place}");
        assert!(cut.is_empty() || cut == [0x92, 12], "{place}");
        assert_eq!(frame_header(datagram.len())[..], frame[..2], "{place}");
    }
}

#[test]
fn a_conversation_is_read_however_its_stream_is_cut() {
    let stream: Vec<u8> = frames().iter().flat_map(|(_, frame, _)| frame.clone()).collect();
    let whole = datagrams(&stream, stream.len());
    for size in [1, 2, 3, 5, 7, 64, 1000] {
        assert_eq!(datagrams(&stream, size), whole, "{size} bytes at a time");
    }
}

#[test]
fn a_message_cut_at_any_length_is_incomplete() {
    for (name, bytes, _) in messages() {
        for len in 0..bytes.len() {
            let mut rest = &bytes[..len];
            let cut = RawMessage::next(&mut rest, LIMITS).map(|message| message.map(|raw| raw.id));
            let expected = (len > 0).then_some(Err(MessageError::Scan(ScanError::Incomplete)));
            assert_eq!(cut, expected, "{name} cut at {len}");
            // And without the scan before it: an error or a value, never a panic.
            if let Ok(raw) = RawMessage::parse(&bytes[..len]) {
                let _ = ProtocolMessage::decode(&raw);
            }
        }
    }
}

#[test]
fn what_comes_before_the_cut_counts() {
    for (place, frame, _) in frames() {
        let datagram = &frame[2..];
        let whole = all_messages(datagram);
        for len in 0..datagram.len() {
            let mut rest = &datagram[..len];
            let mut end = 0;
            for expected in &whole {
                end += expected.bytes.len();
                match RawMessage::next(&mut rest, LIMITS) {
                    Some(Ok(message)) if end <= len => assert_eq!(message.bytes, expected.bytes, "{place}"),
                    Some(Err(MessageError::Scan(ScanError::Incomplete))) if end > len => break,
                    None if end - expected.bytes.len() == len => break,
                    other => panic!("{place} cut at {len}: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn a_bit_that_flips_on_the_way_hurts_nobody() {
    for (_, bytes, _) in messages() {
        for at in 0..bytes.len().min(64) {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                fuzz_datagram(&flipped);
            }
        }
    }
}

// ---- meanings

fn all_messages(mut datagram: &[u8]) -> Vec<RawMessage<'_>> {
    std::iter::from_fn(|| RawMessage::next(&mut datagram, LIMITS))
        .take_while(|message| !matches!(message, Err(MessageError::Scan(ScanError::Incomplete))))
        .map(|message| message.expect("the library sends well-formed messages"))
        .collect()
}

fn only_message(bytes: &[u8]) -> RawMessage<'_> {
    match &all_messages(bytes)[..] {
        [message] => message.clone(),
        messages => panic!("{} messages instead of one", messages.len()),
    }
}

/// What the bytes say, whatever the message is.
fn meaning_of(raw: &RawMessage<'_>) -> Json {
    json!([raw.id.0, arguments(raw.params.clone())])
}

/// What the message says, by the names of its parameters; customs as they are.
fn typed_meaning_of(raw: &RawMessage<'_>) -> Json {
    let Some(message) = ProtocolMessage::decode(raw) else {
        assert!(raw.id.0 == 0 || raw.id.0 > 12, "{} is one of the protocol's", raw.id);
        return meaning_of(raw);
    };
    let params = match message.expect("the library sends the parameters of its table") {
        ProtocolMessage::Motd { text } => json!([text]),
        ProtocolMessage::Hello { version, hash } => json!([version, {"bytes": hex(hash)}]),
        ProtocolMessage::Disconnect { reason, detail } => json!([reason, detail]),
        ProtocolMessage::Shutdown | ProtocolMessage::RequestVisibleObjects => json!([]),
        ProtocolMessage::SharedParameter { name, value } => json!([name, value_of(&mut Reader::new(value))]),
        ProtocolMessage::CreateObject { local_id, type_number, owner, zone, calls } => {
            let calls: Vec<Json> = calls
                .map(|call| call.expect("the library sends calls of its table"))
                .map(|call| json!([call.role, call.field, arguments(call.arguments)]))
                .collect();
            json!([local_id, type_number, owner, zone, calls])
        }
        ProtocolMessage::GenerateObject { object, type_number, owner, zone } => {
            json!([object, type_number, owner, zone])
        }
        ProtocolMessage::RequestDeleteObject { object }
        | ProtocolMessage::DestroyObject { object }
        | ProtocolMessage::ObjectGenerateDone { object } => json!([object]),
        ProtocolMessage::SetObjectField { object, role, field, arguments: values } => {
            json!([object, role, field, arguments(values)])
        }
        message @ (ProtocolMessage::ZoneComplete { .. }
        | ProtocolMessage::ZonesShown { .. }
        | ProtocolMessage::Heartbeat { .. }) => panic!("the library has no message of our own: {message:?}"),
    };
    json!([raw.id.0, params])
}

fn arguments(mut arguments: Arguments<'_>) -> Json {
    let count = arguments.left();
    let values = arguments.rest::<AnyOf, 1000>("all").expect("the library sends values that we know");
    assert_eq!(values.len(), count);
    arguments.finish().expect("nothing is left");
    Json::Array(values.iter().map(|value| json_of(&value.0)).collect())
}

fn value_of(reader: &mut Reader<'_>) -> Json {
    json_of(&AnyValue::decode(reader).expect("the library sends values that we know"))
}

/// A value as `record.py` writes it into the file.
fn json_of(value: &AnyValue) -> Json {
    match value {
        AnyValue::Nil => Json::Null,
        AnyValue::Bool(value) => json!(value),
        AnyValue::Integer(value) => json!(value),
        AnyValue::Float(value) => json!(value),
        AnyValue::Text(value) => json!(value),
        AnyValue::Bytes(value) => json!({"bytes": hex(value)}),
        AnyValue::Array(values) => values.iter().map(json_of).collect(),
        AnyValue::Map(entries) => {
            let entries: Vec<Json> = entries.iter().map(|(k, v)| json!([json_of(k), json_of(v)])).collect();
            json!({"map": entries})
        }
        other => panic!("a kind of value that the wire does not have: {other:?}"),
    }
}

/// The way back.
fn any_of(json: &Json) -> AnyValue {
    match json {
        Json::Null => AnyValue::Nil,
        Json::Bool(value) => AnyValue::Bool(*value),
        Json::Number(number) if number.is_f64() => AnyValue::Float(number.as_f64().expect("it is one")),
        Json::Number(number) => {
            AnyValue::Integer(number.as_i128().expect("the file has integers of 64 bits"))
        }
        Json::String(value) => AnyValue::Text(value.clone()),
        Json::Array(values) => AnyValue::Array(values.iter().map(any_of).collect()),
        Json::Object(object) => match (object.get("bytes"), object.get("map")) {
            (Some(bytes), _) => AnyValue::Bytes(unhex(&text(bytes))),
            (_, Some(entries)) => {
                let entry = |entry: &Json| (any_of(&entry[0]), any_of(&entry[1]));
                AnyValue::Map(list(entries).iter().map(entry).collect())
            }
            _ => panic!("neither bytes nor a map: {json}"),
        },
    }
}

/// The message written by the encoder of its kind, from what was decoded of it.
fn encoded(raw: &RawMessage<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    match ProtocolMessage::decode(raw) {
        Some(message) => message.expect("the library sends the parameters of its table").encode(&mut bytes),
        None => {
            let params = any_of(&arguments(raw.params.clone()));
            encode_custom(&mut Writer::new(&mut bytes), raw.id, |w| params.encode(w));
        }
    }
    bytes
}

/// The message written from nothing but the meaning in the file, by the encoders that nodes use most.
fn encoded_from_values(meaning: &Json) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut w = Writer::new(&mut bytes);
    let (id, params) = (meaning[0].as_u64().expect("ids are numbers"), &meaning[1]);
    let number = |at: usize| params[at].as_u64().expect("the table says a number");
    if id == 10 {
        let small = |at| u8::try_from(number(at)).expect("the table says u8");
        encode_call(&mut w, number(0), small(1), small(2), |w| {
            any_of(&params[3]).encode(w);
        });
    } else if id >= FIRST_CUSTOM_ID {
        encode_custom(&mut w, magicnet::wire::MessageId(id), |w| {
            any_of(params).encode(w);
        });
    } else {
        any_of(meaning).encode(&mut w);
    }
    bytes
}

/// Any value, without a bound of its own.
#[derive(Debug)]
struct AnyOf(AnyValue);

impl magicnet::wire::NetworkType for AnyOf {
    const SHAPE: &'static magicnet::wire::Shape = &magicnet::wire::Shape::Any { max: usize::MAX };
    const MAX_SIZE: usize = usize::MAX;

    fn encode(&self, w: &mut Writer<'_>) {
        self.0.encode(w);
    }
}

impl magicnet::wire::Decode<'_> for AnyOf {
    fn decode(r: &mut Reader<'_>) -> Result<Self, magicnet::wire::DecodeError> {
        AnyValue::decode(r).map(Self)
    }
}
