//! RFC 6455 from the server's side, without I/O: bytes in, messages out.

use crate::hub::frame::put_header;
use bytes::{Bytes, BytesMut};
use carewire_protocol::error::close;

/// What a peer sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
    /// A ping with its payload.
    Ping(&'a [u8]),
    /// A pong.
    Pong,
    /// The peer closes, with its code.
    Close(Option<u16>),
}

/// What the peer did wrong, as the close code to answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation {
    /// 1002, 1007 or 1009.
    pub code: u16,
    /// For people.
    pub reason: &'static str,
}

const fn protocol(reason: &'static str) -> Violation {
    Violation {
        code: close::PROTOCOL_ERROR,
        reason,
    }
}

const TOO_LARGE: Violation = Violation {
    code: close::TOO_LARGE,
    reason: "message too large",
};
const NOT_UTF8: Violation = Violation {
    code: close::INVALID_UTF8,
    reason: "text is not UTF-8",
};

/// Whether the receiver may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Hand over the next message.
    Next,
    /// Keep the rest for later.
    Pause,
}

/// Puts messages together. Holds no memory while nothing is incomplete.
#[derive(Debug)]
pub struct Receiver {
    /// Bytes that are not a whole frame yet, or wait for a pause to end.
    pending: Vec<u8>,
    /// The fragments of a message so far.
    message: Vec<u8>,
    /// How much of the message is known to be UTF-8.
    checked: usize,
    fragmented: Option<Opcode>,
    limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

struct Header {
    fin: bool,
    opcode: Opcode,
    mask: [u8; 4],
    /// Where the payload begins.
    start: usize,
    length: usize,
}

impl Receiver {
    /// A receiver that takes messages of up to `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            pending: Vec::new(),
            message: Vec::new(),
            checked: 0,
            fragmented: None,
            limit,
        }
    }

    /// Takes messages of up to another size from now on.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Whether bytes wait that could be whole messages.
    pub fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Takes bytes from the socket and hands over every whole message. The bytes are unmasked in
    /// place. Yields whether `take` paused.
    pub fn feed(
        &mut self,
        bytes: &mut [u8],
        take: &mut dyn FnMut(Incoming<'_>) -> Flow,
    ) -> Result<Flow, Violation> {
        if !self.pending.is_empty() {
            self.pending.extend_from_slice(bytes);
            return self.resume(take);
        }
        let (consumed, flow) = self.process(bytes, take)?;
        self.pending.extend_from_slice(&bytes[consumed..]);
        Ok(flow)
    }

    /// Hands over what waits, after a pause or with newly fed bytes.
    pub fn resume(
        &mut self,
        take: &mut dyn FnMut(Incoming<'_>) -> Flow,
    ) -> Result<Flow, Violation> {
        let mut pending = std::mem::take(&mut self.pending);
        let (consumed, flow) = self.process(&mut pending, take)?;
        if consumed < pending.len() {
            pending.drain(..consumed);
            self.pending = pending;
        }
        Ok(flow)
    }

    fn process(
        &mut self,
        bytes: &mut [u8],
        take: &mut dyn FnMut(Incoming<'_>) -> Flow,
    ) -> Result<(usize, Flow), Violation> {
        let mut at = 0;
        while let Some(header) = parse_header(&bytes[at..])? {
            self.check(&header)?;
            let (start, end) = (at + header.start, at + header.start + header.length);
            if end > bytes.len() {
                // Room for the rest at once, so that a large frame is not copied again and again.
                self.pending.reserve(end - at);
                break;
            }
            let payload = &mut bytes[start..end];
            unmask(payload, header.mask);
            at = end;
            if self.take(&header, payload, take)? == Flow::Pause {
                return Ok((at, Flow::Pause));
            }
        }
        Ok((at, Flow::Next))
    }

    /// Refuses a frame as soon as its header is known, before anything is kept for it.
    fn check(&self, header: &Header) -> Result<(), Violation> {
        match header.opcode {
            Opcode::Close | Opcode::Ping | Opcode::Pong => {
                if !header.fin {
                    return Err(protocol("fragmented control frame"));
                }
                if header.length > 125 {
                    return Err(protocol("control frame too long"));
                }
            }
            Opcode::Continuation if self.fragmented.is_none() => {
                return Err(protocol("continuation of nothing"));
            }
            Opcode::Text | Opcode::Binary if self.fragmented.is_some() => {
                return Err(protocol("a message within a message"));
            }
            _ if self.message.len().saturating_add(header.length) > self.limit => {
                return Err(TOO_LARGE);
            }
            _ => {}
        }
        Ok(())
    }

    fn take(
        &mut self,
        header: &Header,
        payload: &[u8],
        take: &mut dyn FnMut(Incoming<'_>) -> Flow,
    ) -> Result<Flow, Violation> {
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| NOT_UTF8);
        Ok(match (header.opcode, header.fin) {
            (Opcode::Ping, _) => take(Incoming::Ping(payload)),
            (Opcode::Pong, _) => take(Incoming::Pong),
            (Opcode::Close, _) => take(Incoming::Close(close_code(payload)?)),
            (Opcode::Text, true) => take(Incoming::Text(text(payload)?)),
            (Opcode::Binary, true) => take(Incoming::Binary(payload)),
            (opcode @ (Opcode::Text | Opcode::Binary), false) => {
                self.fragmented = Some(opcode);
                self.keep(payload)?;
                Flow::Next
            }
            (Opcode::Continuation, false) => {
                self.keep(payload)?;
                Flow::Next
            }
            (Opcode::Continuation, true) => {
                self.message.extend_from_slice(payload);
                self.checked = 0;
                let message = std::mem::take(&mut self.message);
                match self.fragmented.take() {
                    Some(Opcode::Text) => take(Incoming::Text(text(&message)?)),
                    _ => take(Incoming::Binary(&message)),
                }
            }
        })
    }

    /// Keeps a fragment, unless the text it belongs to can no longer become one.
    fn keep(&mut self, payload: &[u8]) -> Result<(), Violation> {
        self.message.extend_from_slice(payload);
        if self.fragmented == Some(Opcode::Text) {
            match std::str::from_utf8(&self.message[self.checked..]) {
                Ok(text) => self.checked += text.len(),
                // A character may be cut between two fragments.
                Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
                Err(_) => return Err(NOT_UTF8),
            }
        }
        Ok(())
    }
}

/// Reads a frame's header; `None` while it is incomplete.
fn parse_header(bytes: &[u8]) -> Result<Option<Header>, Violation> {
    let [first, second, rest @ ..] = bytes else {
        return Ok(None);
    };
    if first & 0x70 != 0 {
        return Err(protocol("reserved bits"));
    }
    let opcode = match first & 0x0f {
        0 => Opcode::Continuation,
        1 => Opcode::Text,
        2 => Opcode::Binary,
        8 => Opcode::Close,
        9 => Opcode::Ping,
        10 => Opcode::Pong,
        _ => return Err(protocol("unknown opcode")),
    };
    if second & 0x80 == 0 {
        return Err(protocol("a client masks its frames"));
    }
    let (length, used) = match second & 0x7f {
        126 => match rest.first_chunk::<2>() {
            Some(length) => (u64::from(u16::from_be_bytes(*length)), 2),
            None => return Ok(None),
        },
        127 => match rest.first_chunk::<8>() {
            Some(length) => (u64::from_be_bytes(*length), 8),
            None => return Ok(None),
        },
        short => (u64::from(short), 0),
    };
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length < 1 << 40);
    let length = length.ok_or(TOO_LARGE)?;
    let Some(mask) = rest.get(used..).and_then(|rest| rest.first_chunk::<4>()) else {
        // The length is known before the mask is: what is too long is refused by `check` then.
        return Ok(None);
    };
    Ok(Some(Header {
        fin: first & 0x80 != 0,
        opcode,
        mask: *mask,
        start: 2 + used + 4,
        length,
    }))
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let wide = u64::from_ne_bytes([
        mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3],
    ]);
    let (chunks, rest) = payload.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(mask) {
        *byte ^= key;
    }
    for (byte, key) in rest.iter_mut().skip(4).zip(mask) {
        *byte ^= key;
    }
}

fn close_code(payload: &[u8]) -> Result<Option<u16>, Violation> {
    match payload {
        [] => Ok(None),
        [_] => Err(protocol("close code cut short")),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            let valid = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
            if !valid {
                return Err(protocol("invalid close code"));
            }
            std::str::from_utf8(reason).map_err(|_| NOT_UTF8)?;
            Ok(Some(code))
        }
    }
}

/// A close frame.
pub fn close_frame(code: Option<u16>, reason: &str) -> Bytes {
    let reason = &reason[..reason.floor_char_boundary(123)];
    let mut bytes = BytesMut::with_capacity(reason.len() + 4);
    match code {
        Some(code) => {
            put_header(&mut bytes, 0x88, reason.len() + 2);
            bytes.extend_from_slice(&code.to_be_bytes());
            bytes.extend_from_slice(reason.as_bytes());
        }
        None => put_header(&mut bytes, 0x88, 0),
    }
    bytes.freeze()
}

/// A pong frame with the payload of its ping.
pub fn pong_frame(payload: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(payload.len() + 2);
    put_header(&mut bytes, 0x8a, payload.len());
    bytes.extend_from_slice(payload);
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = BytesMut::new();
        put_header(&mut bytes, first, payload.len());
        bytes[1] |= 0x80;
        let mask = [7, 99, 200, 3];
        bytes.extend_from_slice(&mask);
        let start = bytes.len();
        bytes.extend_from_slice(payload);
        unmask(&mut bytes[start..], mask);
        bytes.to_vec()
    }

    fn receive(limit: usize, bytes: &[u8], slice: usize) -> Result<Vec<String>, u16> {
        let mut receiver = Receiver::new(limit);
        let mut got = Vec::new();
        for chunk in bytes.chunks(slice) {
            let mut chunk = chunk.to_vec();
            receiver
                .feed(&mut chunk, &mut |incoming| {
                    got.push(format!("{incoming:?}"));
                    Flow::Next
                })
                .map_err(|violation| violation.code)?;
        }
        Ok(got)
    }

    #[test]
    fn a_fragmented_text_with_a_ping_in_between() {
        let bytes = [frame(0x01, b"He"), frame(0x89, b"p"), frame(0x80, b"llo")].concat();
        for slice in [1, 2, 7, 100] {
            let got = receive(100, &bytes, slice).unwrap();
            assert_eq!(got, ["Ping([112])", "Text(\"Hello\")"]);
        }
    }

    #[test]
    fn what_breaks_the_protocol() {
        let unmasked = vec![0x81, 1, b'x'];
        let cases = [
            (frame(0xc1, b"x"), 1002),
            (frame(0x83, b"x"), 1002),
            (unmasked, 1002),
            (frame(0x09, b""), 1002),
            (frame(0x89, &[0; 126]), 1002),
            (frame(0x80, b"x"), 1002),
            ([frame(0x01, b"x"), frame(0x81, b"y")].concat(), 1002),
            (frame(0x88, &[3]), 1002),
            (frame(0x88, &1005u16.to_be_bytes()), 1002),
            (frame(0x81, &[0xff]), 1007),
            (frame(0x88, &[3, 232, 0xff]), 1007),
            (frame(0x81, &[b'x'; 101]), 1009),
            (
                [frame(0x01, &[b'x'; 60]), frame(0x80, &[b'x'; 60])].concat(),
                1009,
            ),
        ];
        for (bytes, code) in cases {
            assert_eq!(receive(100, &bytes, 100), Err(code), "{bytes:02x?}");
        }
    }

    #[test]
    fn a_fragment_that_can_be_no_utf_8_is_refused_before_the_next_one() {
        let cut = frame(0x01, "€".as_bytes().split_at(2).0);
        assert_eq!(receive(100, &cut, 100), Ok(vec![]));
        let rest = [cut.clone(), frame(0x80, &[0xac])].concat();
        assert_eq!(receive(100, &rest, 100), Ok(vec!["Text(\"€\")".to_owned()]));
        let wrong = [cut, frame(0x00, b"x")].concat();
        assert_eq!(receive(100, &wrong, 100), Err(1007));
        assert_eq!(receive(100, &frame(0x01, &[b'x', 0xff]), 100), Err(1007));
        assert_eq!(receive(100, &frame(0x02, &[0xff]), 100), Ok(vec![]));
    }

    #[test]
    fn a_declared_length_is_refused_before_anything_is_kept() {
        let mut bytes = vec![0x81, 0xff];
        bytes.extend_from_slice(&(1u64 << 62).to_be_bytes());
        assert_eq!(receive(1 << 20, &bytes, 100), Err(1009));
    }

    #[test]
    fn a_pause_keeps_the_rest() {
        let mut bytes = [frame(0x81, b"a"), frame(0x81, b"b")].concat();
        let mut receiver = Receiver::new(100);
        let mut got = Vec::new();
        let mut take = |incoming: Incoming<'_>| {
            got.push(format!("{incoming:?}"));
            Flow::Pause
        };
        assert_eq!(receiver.feed(&mut bytes, &mut take), Ok(Flow::Pause));
        assert!(receiver.has_pending());
        assert_eq!(receiver.resume(&mut take), Ok(Flow::Pause));
        assert!(!receiver.has_pending());
        assert_eq!(got, ["Text(\"a\")", "Text(\"b\")"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_or_refused(bytes: Vec<u8>, slice in 1usize..50) {
            let _ = receive(1000, &bytes, slice);
        }

        #[test]
        fn any_bytes_come_to_the_same_however_they_are_sliced(
            frames in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..140)), 0..6),
            rest: Vec<u8>, slice in 1usize..50,
        ) {
            let mut bytes: Vec<_> = frames.iter().flat_map(|(first, payload)| frame(*first, payload)).collect();
            bytes.extend(rest);
            let whole = receive(300, &bytes, bytes.len().max(1));
            prop_assert_eq!(receive(300, &bytes, slice), whole);
        }

        #[test]
        fn texts_arrive_whole_however_they_are_sliced(
            texts in prop::collection::vec(".{0,300}", 1..5), slice in 1usize..400,
        ) {
            let frames: Vec<_> = texts.iter().map(|text| frame(0x81, text.as_bytes())).collect();
            let got = receive(10_000, &frames.concat(), slice).unwrap();
            let sent: Vec<_> = texts.iter().map(|text| format!("{:?}", Incoming::Text(text))).collect();
            prop_assert_eq!(got, sent);
        }
    }
}
