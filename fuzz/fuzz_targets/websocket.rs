#![no_main]

use carewire_server::socket::codec::{Flow, Incoming, Receiver};

const LIMIT: usize = 4_096;

fn receive(bytes: &[u8], slice: usize, flow: Flow) -> (Vec<String>, Option<u16>) {
    let mut receiver = Receiver::new(LIMIT);
    let mut got = Vec::new();
    let mut take = |incoming: Incoming<'_>| {
        if let Incoming::Text(text) = incoming {
            assert!(text.len() <= LIMIT);
        }
        got.push(format!("{incoming:?}"));
        flow
    };
    let mut violation = None;
    'bytes: for chunk in bytes.chunks(slice) {
        let mut next = receiver.feed(&mut chunk.to_vec(), &mut take);
        loop {
            match next {
                Err(found) => {
                    violation = Some(found.code);
                    break 'bytes;
                }
                Ok(Flow::Pause) => next = receiver.resume(&mut take),
                Ok(Flow::Next) => break,
            }
        }
    }
    (got, violation)
}

// However bytes are sliced, and whoever pauses in between, the same comes out.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let whole = receive(bytes, bytes.len().max(1), Flow::Next);
    assert!(whole.1.is_none_or(|code| [1002, 1007, 1009].contains(&code)));
    assert_eq!(receive(bytes, 1, Flow::Next), whole);
    assert_eq!(receive(bytes, 7, Flow::Pause), whole);
});
