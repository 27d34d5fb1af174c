//! WebSocket frames byte by byte, for those that no honest client would send.

/// Opcodes of RFC 6455.
pub mod opcode {
    /// The rest of a fragmented message.
    pub const CONTINUATION: u8 = 0;
    /// A text message, or its first fragment.
    pub const TEXT: u8 = 1;
    /// A binary message, or its first fragment.
    pub const BINARY: u8 = 2;
    /// A close frame.
    pub const CLOSE: u8 = 8;
    /// A ping.
    pub const PING: u8 = 9;
    /// A pong.
    pub const PONG: u8 = 10;
}

const MASK: [u8; 4] = [0x5a, 0x17, 0xc3, 0x88];

/// A whole message in one masked frame.
pub fn whole(opcode: u8, payload: &[u8]) -> Vec<u8> {
    frame(0x80 | opcode, payload, true)
}

/// A fragment of a message: `last` sets the FIN bit.
pub fn fragment(opcode: u8, last: bool, payload: &[u8]) -> Vec<u8> {
    frame(if last { 0x80 | opcode } else { opcode }, payload, true)
}

/// A frame with any first byte, masked or not.
pub fn frame(first: u8, payload: &[u8], masked: bool) -> Vec<u8> {
    let mut bytes = header(first, payload.len() as u64, masked);
    if masked {
        bytes.extend_from_slice(&MASK);
        let masked = payload.iter().zip(MASK.iter().cycle());
        bytes.extend(masked.map(|(byte, mask)| byte ^ mask));
    } else {
        bytes.extend_from_slice(payload);
    }
    bytes
}

/// Only the first bytes of a frame, with any declared length and no mask yet.
pub fn header(first: u8, length: u64, masked: bool) -> Vec<u8> {
    let bit = if masked { 0x80 } else { 0 };
    let mut bytes = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..126), _) => bytes.push(bit | short),
        (_, Ok(medium)) => {
            bytes.push(bit + 126);
            bytes.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            bytes.push(bit + 127);
            bytes.extend_from_slice(&length.to_be_bytes());
        }
    }
    bytes
}
