//! A frame of the server, encoded once and shared by everyone who gets it.

use bytes::{BufMut, Bytes, BytesMut};

/// A WebSocket text message, header included. Frames of a server are not masked, so the same
/// bytes serve every member of a room; cloning shares them.
#[derive(Clone)]
pub struct Frame {
    bytes: Bytes,
    header: u8,
}

impl Frame {
    /// Frames a text.
    pub fn text(text: &str) -> Self {
        let mut bytes = BytesMut::with_capacity(text.len() + 10);
        put_header(&mut bytes, 0x81, text.len());
        let header = bytes.len() as u8;
        bytes.extend_from_slice(text.as_bytes());
        Self {
            bytes: bytes.freeze(),
            header,
        }
    }

    /// The bytes as they go onto the socket.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The text alone, for transports that frame by themselves.
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
}
