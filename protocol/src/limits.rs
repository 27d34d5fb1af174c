//! Every number of the contract. What an operator can change has its default here.

use std::time::Duration;

/// The largest integer that every JSON reader keeps exact: 2⁵³ − 1.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;
/// The largest message of a client, and of the server: 1 MiB.
pub const MAX_PAYLOAD_BYTES: usize = 1_048_576;
/// How deep a frame may nest, the frame's own object included.
pub const MAX_DEPTH: usize = 64;

/// The longest body of a message, in bytes of UTF-8.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The longest data of any other retained event, in bytes of JSON.
pub const MAX_RETAINED_BYTES: usize = 256 * 1024;
/// The longest data of an ephemeral event, in bytes of JSON.
pub const MAX_EPHEMERAL_BYTES: usize = 64 * 1024;
/// How many attachments a message may have.
pub const MAX_ATTACHMENTS: usize = 20;
/// The longest name, title, reason, status text or event name, in bytes.
pub const MAX_LABEL_BYTES: usize = 1024;
/// The longest address of an attachment, in bytes.
pub const MAX_URL_BYTES: usize = 4096;
/// The longest emoji, in bytes (families with skin tones are long).
pub const MAX_EMOJI_BYTES: usize = 64;
/// How many entries a list in a command may have.
pub const MAX_LIST: usize = 500;
/// The most that a whiteboard holds, in bytes of JSON.
pub const MAX_WHITEBOARD_BYTES: usize = 8 * 1024 * 1024;
/// The largest page of history or of any list.
pub const MAX_PAGE: u32 = 100;
/// The page when nobody says.
pub const DEFAULT_PAGE: u32 = 50;
/// Up to this many members, a room announces joins and read cursors; beyond, they are state only.
pub const ANNOUNCED_MEMBERS: usize = 50;

/// How often the server pings, by default.
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);
/// How much longer than the interval a client waits before it calls a connection dead.
pub const HEARTBEAT_GRACE: Duration = Duration::from_secs(10);
/// How long a connection may stay without authentication, by default.
pub const AUTH_TIMEOUT: Duration = Duration::from_secs(10);
/// How long before the end `auth:expiring` and `auth:idle` come.
pub const EXPIRY_NOTICE: Duration = Duration::from_mins(1);
/// How long a typing start lasts unless repeated, by default.
pub const TYPING_TTL: Duration = Duration::from_secs(6);
/// How long after the last connection a user goes offline, by default.
pub const PRESENCE_GRACE: Duration = Duration::from_secs(10);
/// How long a call rings, by default.
pub const CALL_RING: Duration = Duration::from_secs(45);
/// How long a device may be gone before its user leaves the call, by default.
pub const CALL_GRACE: Duration = Duration::from_secs(30);
/// Lost packets beyond which a call has an issue, in percent.
pub const MAX_PACKET_LOSS_PCT: f64 = 5.0;
/// The jitter beyond which a call has an issue.
pub const MAX_JITTER: Duration = Duration::from_millis(50);
/// The round trip beyond which a call has an issue.
pub const MAX_ROUND_TRIP: Duration = Duration::from_millis(400);
/// The rate below which a call of voices has an issue, in kilobits a second.
pub const MIN_AUDIO_KBPS: f64 = 16.0;
/// The rate below which a call with pictures has an issue, in kilobits a second.
pub const MIN_VIDEO_KBPS: f64 = 150.0;
/// How long a lease lives after its last renewal, by default.
pub const LEASE_TTL: Duration = Duration::from_secs(30);
/// The shortest life a lease may be asked for.
pub const MIN_LEASE_TTL: Duration = Duration::from_secs(5);
/// The longest life a lease may be asked for.
pub const MAX_LEASE_TTL: Duration = Duration::from_mins(5);
/// The shortest interval of live rows that may be asked for.
pub const MIN_STREAM_INTERVAL: Duration = Duration::from_millis(250);
/// How often a user's whiteboard cursor is told to a room, at most: the newest place wins.
pub const CURSOR_INTERVAL: Duration = Duration::from_millis(50);
/// How long the server honours a key.
pub const KEY_WINDOW: Duration = Duration::from_hours(24);
/// How old a queued command of an SDK may grow, by default.
pub const QUEUE_AGE: Duration = Duration::from_hours(1);
/// The most that default may be set to: under [`KEY_WINDOW`], so that a repeat is never a second effect.
pub const MAX_QUEUE_AGE: Duration = Duration::from_hours(23);
/// How long an SDK repeats a live command that carries a key.
pub const LIVE_KEYED_REPEAT: Duration = Duration::from_secs(10);

use crate::{ErrorCode, ErrorReply, PrivateJson};

/// `invalid_input` for a list of more than [`MAX_LIST`] entries.
pub fn check_list(field: &str, length: usize) -> Result<(), ErrorReply> {
    if length > MAX_LIST {
        return Err(ErrorReply::invalid(
            field,
            format!("{field} has more than {MAX_LIST} entries"),
        ));
    }
    Ok(())
}

/// `invalid_input` for a list that is empty or has more than [`MAX_LIST`] entries.
pub fn check_filled_list(field: &str, length: usize) -> Result<(), ErrorReply> {
    if length == 0 {
        return Err(ErrorReply::invalid(field, format!("{field} is empty")));
    }
    check_list(field, length)
}

/// `invalid_input` for a name, title or reason of more than [`MAX_LABEL_BYTES`].
pub fn check_label(field: &str, text: &str) -> Result<(), ErrorReply> {
    if text.len() > MAX_LABEL_BYTES {
        let message = format!("{field} is longer than {MAX_LABEL_BYTES} bytes");
        return Err(ErrorReply::invalid(field, message));
    }
    Ok(())
}

/// `invalid_input` for the name of an application's own event that is empty or longer than
/// [`MAX_LABEL_BYTES`].
pub fn check_event_name(field: &str, name: &str) -> Result<(), ErrorReply> {
    if name.is_empty() {
        return Err(ErrorReply::invalid(field, format!("{field} is required")));
    }
    check_label(field, name)
}

/// `payload_too_large` for JSON of more than `most` bytes.
pub fn check_json(field: &str, json: &PrivateJson, most: usize) -> Result<(), ErrorReply> {
    check_size(field, json.get().len(), most)
}

/// `payload_too_large` for content of more than `most` bytes.
pub fn check_size(field: &str, size: usize, most: usize) -> Result<(), ErrorReply> {
    if size > most {
        return Err(ErrorReply {
            field: Some(field.to_owned()),
            ..ErrorReply::new(
                ErrorCode::PayloadTooLarge,
                format!("{field} is larger than {most} bytes"),
            )
        });
    }
    Ok(())
}

/// The number of entries for a page: [`DEFAULT_PAGE`] when nobody says; `invalid_input` outside
/// of 1 to [`MAX_PAGE`].
pub fn check_page(limit: Option<u32>) -> Result<u32, ErrorReply> {
    match limit {
        None => Ok(DEFAULT_PAGE),
        Some(n) if (1..=MAX_PAGE).contains(&n) => Ok(n),
        Some(_) => Err(ErrorReply::invalid(
            "limit",
            format!("limit must be from 1 to {MAX_PAGE}"),
        )),
    }
}
