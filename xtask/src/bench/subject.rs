//! The servers that are measured, and what one says to each of them.

/// A server that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// This project's.
    Carewire,
    /// Socket.IO on Node.js.
    SocketIo,
    /// Nothing but system calls: what no server can beat.
    Loop,
}

/// What a text of a server means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// It wants the token now.
    Open,
    /// The connection is authenticated.
    Ready,
    /// An event of the room.
    Delivery,
    /// The answer to the command of this number.
    Reply(u32),
    /// It wants a sign of life.
    Ping,
    /// It refuses.
    Refused,
    /// Anything else.
    Other,
}

/// The number of the command that enters a room.
pub(super) const JOIN: u32 = 2;

impl Subject {
    /// As tables name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Carewire => "Carewire",
            Self::SocketIo => "Socket.IO",
            Self::Loop => "bare epoll loop",
        }
    }

    /// Where its WebSocket is.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::SocketIo => "/socket.io/?EIO=4&transport=websocket",
            Self::Carewire | Self::Loop => "/ws",
        }
    }

    /// What a client says first, if it is the first to speak.
    pub(super) fn first_words(self, token: &str) -> Option<String> {
        match self {
            Self::Carewire => Some(format!(
                r#"{{"type":"auth:authenticate","id":1,"data":{{"token":"{token}"}}}}"#
            )),
            Self::SocketIo => None,
            Self::Loop => Some(format!("t{token}")),
        }
    }

    /// The answer to [`Heard::Open`].
    pub(super) fn token_words(self, token: &str) -> String {
        match self {
            Self::SocketIo => format!(r#"40{{"token":"{token}"}}"#),
            Self::Carewire | Self::Loop => String::new(),
        }
    }

    /// The answer to [`Heard::Ping`].
    pub(super) fn pong(self) -> &'static str {
        match self {
            Self::Carewire => r#"{"type":"pong"}"#,
            Self::SocketIo | Self::Loop => "3",
        }
    }

    /// Enters a room; the answer has the number [`JOIN`].
    pub(super) fn join(self, room: &str) -> String {
        match self {
            Self::Carewire | Self::Loop => {
                format!(r#"{{"type":"room:join","id":{JOIN},"data":{{"roomId":"{room}"}}}}"#)
            }
            Self::SocketIo => format!(r#"42{JOIN}["join","{room}"]"#),
        }
    }

    /// Sends an event to everyone in a room.
    pub(super) fn publish(self, room: &str, body: &str) -> String {
        match self {
            Self::Carewire => format!(
                r#"{{"type":"room:publish","data":{{"roomId":"{room}","event":"event","payload":"{body}"}}}}"#
            ),
            Self::SocketIo => format!(r#"42["publish","{room}","{body}"]"#),
            Self::Loop => format!("p{body}"),
        }
    }

    /// A command that changes nothing and is answered.
    pub(super) fn touch(self, number: u32, body: &str) -> String {
        match self {
            Self::Carewire | Self::Loop => {
                format!(r#"{{"type":"session:touch","id":{number},"data":{{"body":"{body}"}}}}"#)
            }
            Self::SocketIo => format!(r#"42{number}["touch","{body}"]"#),
        }
    }

    /// What a text means, by its first bytes: a client that reads more would be measured itself.
    pub(super) fn hear(self, text: &[u8]) -> Heard {
        match self {
            Self::Carewire => match text.strip_prefix(br#"{"type":""#) {
                Some([b'r', b'o', b'o', b'm', b':', b'e', ..]) => Heard::Delivery,
                Some(rest) => hear_carewire(rest),
                None => Heard::Other,
            },
            Self::SocketIo => match text {
                [b'4', b'2', ..] => Heard::Delivery,
                [b'4', b'3', number @ ..] => Heard::Reply(leading_number(number)),
                [b'4', b'0', ..] => Heard::Ready,
                [b'4', b'4', ..] => Heard::Refused,
                [b'0', ..] => Heard::Open,
                b"2" => Heard::Ping,
                _ => Heard::Other,
            },
            Self::Loop => match text {
                [b'p', ..] => Heard::Delivery,
                [b'r', ..] => Heard::Ready,
                [b'x', ..] => Heard::Refused,
                // Its answers are Carewire's.
                _ => Self::Carewire.hear(text),
            },
        }
    }
}

fn hear_carewire(rest: &[u8]) -> Heard {
    if let Some(number) = rest.strip_prefix(br#"reply","id":"#) {
        Heard::Reply(leading_number(number))
    } else if rest.starts_with(b"connected\"") {
        Heard::Ready
    } else if rest.starts_with(b"ping\"") {
        Heard::Ping
    } else if rest.starts_with(b"error\"") {
        Heard::Refused
    } else {
        Heard::Other
    }
}

fn leading_number(text: &[u8]) -> u32 {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| {
        number
            .wrapping_mul(10)
            .wrapping_add(u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_apart() {
        let carewire = |text: &str| Subject::Carewire.hear(text.as_bytes());
        assert_eq!(
            carewire(r#"{"type":"reply","id":17,"data":{}}"#),
            Heard::Reply(17)
        );
        assert_eq!(
            carewire(r#"{"type":"room:event","room":"a:b"}"#),
            Heard::Delivery
        );
        assert_eq!(carewire(r#"{"type":"room:userJoined"}"#), Heard::Other);
        assert_eq!(Subject::SocketIo.hear(br"430[]"), Heard::Reply(0));
        assert_eq!(Subject::SocketIo.hear(br"2"), Heard::Ping);
    }
}
