//! Frames of the server, encoded once and shared by everyone who gets them.

use bytes::{BufMut, Bytes, BytesMut};

/// A WebSocket message, header included. Frames of a server are not masked, so the same
/// bytes serve every member of a room; cloning shares them.
#[derive(Clone)]
pub struct Frame {
    bytes: Bytes,
    header: u8,
}

impl Frame {
    /// Frames a text.
    pub fn text(text: &str) -> Self {
        Self::whole(0x81, text.as_bytes())
    }

    /// Frames bytes, as a binary message. The contract has none; tests of the transport do.
    pub fn binary(payload: &[u8]) -> Self {
        Self::whole(0x82, payload)
    }

    fn whole(first: u8, payload: &[u8]) -> Self {
        let mut bytes = BytesMut::with_capacity(payload.len() + 10);
        put_header(&mut bytes, first, payload.len());
        let header = bytes.len() as u8;
        bytes.extend_from_slice(payload);
        Self {
            bytes: bytes.freeze(),
            header,
        }
    }

    /// The bytes as they go onto the socket.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The text alone; empty where it is none.
    pub fn payload(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.header as usize..]).unwrap_or_default()
    }

    /// The length on the socket.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Never: a frame has a header.
    pub fn is_empty(&self) -> bool {
        false
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({} bytes)", self.bytes.len())
    }
}

/// One frame, or several in a row as one piece. Cloning shares the bytes.
#[derive(Clone)]
pub struct Frames {
    bytes: Bytes,
    count: u32,
}

impl From<Frame> for Frames {
    fn from(frame: Frame) -> Self {
        Self {
            bytes: frame.bytes,
            count: 1,
        }
    }
}

impl Frames {
    /// Joins frames in their order.
    pub fn join(frames: &[Frame]) -> Self {
        if let [frame] = frames {
            return frame.clone().into();
        }
        let mut bytes = BytesMut::with_capacity(frames.iter().map(Frame::len).sum());
        for frame in frames {
            bytes.extend_from_slice(&frame.bytes);
        }
        Self {
            bytes: bytes.freeze(),
            count: frames.len() as u32,
        }
    }

    /// The bytes as they go onto the socket.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// How many frames they are.
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// The length on the socket.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is nothing in them.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The texts alone, for transports that frame by themselves.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let (header, length) = header_of(rest)?;
            let (frame, after) = rest.split_at_checked(header + length)?;
            rest = after;
            std::str::from_utf8(&frame[header..]).ok()
        })
    }
}

impl std::fmt::Debug for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frames({} in {} bytes)", self.count, self.bytes.len())
    }
}

/// The length of the header that [`put_header`] wrote here, and of what follows it.
fn header_of(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes.get(1)? {
        126 => {
            let length = bytes.get(2..4)?.try_into().ok()?;
            Some((4, usize::from(u16::from_be_bytes(length))))
        }
        127 => {
            let length = bytes.get(2..10)?.try_into().ok()?;
            Some((10, usize::try_from(u64::from_be_bytes(length)).ok()?))
        }
        short => Some((2, usize::from(short))),
    }
}

/// Writes the header of an unmasked, unfragmented frame; RFC 6455, section 5.2.
pub(crate) fn put_header(bytes: &mut BytesMut, first: u8, length: usize) {
    bytes.put_u8(first);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => bytes.put_u8(short),
        (_, Ok(medium)) => {
            bytes.put_u8(126);
            bytes.put_u16(medium);
        }
        _ => {
            bytes.put_u8(127);
            bytes.put_u64(length as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_have_three_sizes() {
        for (length, header) in [(0, 2), (125, 2), (126, 4), (65535, 4), (65536, 10)] {
            let frame = Frame::text(&"x".repeat(length));
            assert_eq!(frame.len(), length + header);
            assert_eq!(frame.payload().len(), length);
        }
    }

    #[test]
    fn joined_frames_are_told_apart() {
        let texts = [0, 1, 125, 126, 65535, 65536].map(|length| "x".repeat(length));
        let frames = texts.each_ref().map(|text| Frame::text(text));
        let joined = Frames::join(&frames);
        assert_eq!(joined.count(), texts.len());
        assert!(joined.texts().eq(texts.iter().map(String::as_str)));
    }
}
