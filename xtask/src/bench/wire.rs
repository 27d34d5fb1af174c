//! WebSocket frames, RFC 6455: as little as a measurement needs.

/// Any mask but zero: some servers skip the work for that one.
const MASK: [u8; 4] = [0x1f, 0x2e, 0x3d, 0x4c];
const TEXT: u8 = 0x81;
/// Instead of a length: it follows in two bytes.
const MEDIUM: u8 = 126;
/// Instead of a length: it follows in eight bytes.
const LONG: u8 = 127;

/// A frame that was found in a buffer.
pub(super) struct Found {
    /// The low half of the first byte.
    pub(super) opcode: u8,
    /// The mask, in frames of a client.
    pub(super) mask: Option<[u8; 4]>,
    /// Where the payload begins.
    pub(super) start: usize,
    /// Where the next frame begins.
    pub(super) end: usize,
}

/// Finds the frame at the beginning of a buffer, if all of it is there.
pub(super) fn find(bytes: &[u8]) -> Option<Found> {
    let [first, second, rest @ ..] = bytes else {
        return None;
    };
    let (length, mut start) = match second & 0x7f {
        MEDIUM => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        LONG => (u64::from_be_bytes(*rest.first_chunk()?), 10),
        short => (u64::from(short), 2),
    };
    let mask = if second & 0x80 == 0 {
        None
    } else {
        let mask = *bytes.get(start..)?.first_chunk::<4>()?;
        start += 4;
        Some(mask)
    };
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    (end <= bytes.len()).then_some(Found {
        opcode: first & 0x0f,
        mask,
        start,
        end,
    })
}

/// Appends a text of a client.
pub(super) fn put_masked(to: &mut Vec<u8>, text: &[u8]) {
    put_header(to, 0x80, text.len());
    to.extend_from_slice(&MASK);
    let start = to.len();
    to.extend_from_slice(text);
    unmask(&mut to[start..], MASK);
}

/// Appends a text of a server.
pub(super) fn put(to: &mut Vec<u8>, text: &[u8]) {
    put_header(to, 0, text.len());
    to.extend_from_slice(text);
}

fn put_header(to: &mut Vec<u8>, masked: u8, length: usize) {
    to.push(TEXT);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < MEDIUM => to.push(masked | short),
        (_, Ok(medium)) => {
            to.push(masked | MEDIUM);
            to.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            to.push(masked | LONG);
            to.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// Applies a mask, which also takes it off.
pub(super) fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    for (byte, key) in bytes.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_found_as_it_was_put() {
        for length in [0, 5, 125, 126, 65_535, 65_536] {
            let text = vec![b'x'; length];
            let mut bytes = Vec::new();
            put_masked(&mut bytes, &text);
            put(&mut bytes, &text);
            let first = find(&bytes).unwrap();
            let payload = &mut bytes[first.start..first.end];
            unmask(payload, first.mask.unwrap());
            assert_eq!(payload, text);
            let second = find(&bytes[first.end..]).unwrap();
            assert_eq!(second.end - second.start, length);
            assert!(second.mask.is_none());
            let cut = bytes.len() - 1;
            assert!(find(&bytes[first.end..cut]).is_none());
        }
    }
}
