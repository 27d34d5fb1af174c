#![no_main]

use carewire_protocol::RoomId;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(room) = text.parse::<RoomId>() {
        assert_eq!(room.to_string(), text);
        assert!(text.len() <= 3 * 128 + 2);
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.@-:".contains(&b)));
    }
});
