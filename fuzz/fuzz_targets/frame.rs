#![no_main]

use carewire_protocol::{
    AnyCommand,
    backend::{PostMessage, PublishRequest},
    frame::{CommandFrame, EventHead, ServerFrame, encode_event},
};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(frame) = CommandFrame::decode(text) {
        match AnyCommand::decode(&frame.name, frame.data) {
            Ok(command) => assert_eq!(command.name(), frame.name),
            Err(error) => assert!(error.code.is_known() && !error.message.is_empty()),
        }
    }
    drop(PublishRequest::decode_body(text));
    drop(PostMessage::decode(text));

    // What a client takes in and hands on, the next one takes in as the same.
    let Ok(ServerFrame::Event(frame)) = ServerFrame::decode(text) else { return };
    let Ok(event) = frame.decode() else { return };
    let head = EventHead {
        name: event.data.name(),
        room: event.room.as_ref(),
        epoch: event.position.as_ref().map(|(epoch, _)| epoch),
        offset: event.position.as_ref().map(|(_, offset)| *offset),
        origin: event.origin.as_ref(),
        timestamp: event.timestamp,
    };
    let text = encode_event(&head, &event.data);
    let Ok(ServerFrame::Event(again)) = ServerFrame::decode(&text) else {
        panic!("an encoded event is no event");
    };
    assert_eq!(again.decode().ok().as_ref(), Some(&event));
});
