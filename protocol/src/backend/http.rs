//! The HTTP API as a table: which call takes which body and is answered with what.

use super::{
    AuditList, ConnectionList, Health, HealthFrame, InboundMessage, LockInfo, MessageStatusUpdate,
    ParkedList, PostMessageReply, PostNotification, PostNotificationReply, PublishRequest,
    PutReport, PutTemplate, PutThread, PutUser, PutVisit, Recheck, RoomInfo, RoomList, RoomMessage,
    Stats, UserInfo, UserRooms,
};
use crate::{room::PublishReply, schema::Object, session::Empty};

/// A call of the HTTP API.
#[derive(Debug, Clone, Copy)]
pub struct HttpCall {
    /// The method; `WS` for a WebSocket.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The parameters of its query, all optional.
    pub query: &'static [&'static str],
    /// The shape of the body; without fields where none is sent.
    pub body: &'static Object,
    /// The shape of the answer.
    pub reply: &'static Object,
}

macro_rules! http {
    ($($method:literal $path:literal $(? $($query:literal)+)?, $body:ident -> $reply:ident;)+) => {
        /// Every call that takes or gives JSON.
        pub const HTTP_CALLS: &[HttpCall] = &[$(HttpCall {
            method: $method,
            path: $path,
            query: &[$($($query),+)?],
            body: &$body::OBJECT,
            reply: &$reply::OBJECT,
        }),+];

        /// What tests prove about the bodies and the answers.
        #[cfg(any(test, feature = "proptest"))]
        pub const HTTP_PROOFS: &[crate::proof::Proof] = &[$(
            crate::proof::Proof::body::<$body>(concat!($method, " ", $path), &$body::OBJECT),
            crate::proof::Proof::answer::<$reply>(concat!($method, " ", $path), &$reply::OBJECT),
        )+];
    };
}

http! {
    "POST" "/v1/publish", PublishRequest -> PublishReply;
    "POST" "/v1/messages", InboundMessage -> PostMessageReply;
    "POST" "/v1/messages", RoomMessage -> PostMessageReply;
    "POST" "/v1/messages/{messageId}/status", MessageStatusUpdate -> Empty;
    "POST" "/v1/notifications", PostNotification -> PostNotificationReply;
    "PUT" "/v1/care-team/{providerId}/{patientId}", Empty -> Empty;
    "DELETE" "/v1/care-team/{providerId}/{patientId}", Empty -> Empty;
    "PUT" "/v1/visits/{visitId}", PutVisit -> Empty;
    "PUT" "/v1/threads/{threadId}", PutThread -> Empty;
    "PUT" "/v1/users/{userId}", PutUser -> Empty;
    "PUT" "/v1/reports/{reportId}", PutReport -> Empty;
    "PUT" "/v1/templates/{templateId}", PutTemplate -> Empty;
    "GET" "/v1/users/{userId}", Empty -> UserInfo;
    "POST" "/v1/users/{userId}/disconnect", Empty -> Empty;
    "POST" "/v1/users/{userId}/rooms", UserRooms -> Empty;
    "GET" "/v1/connections" ? "userId" "roomId" "cursor", Empty -> ConnectionList;
    "DELETE" "/v1/connections/{connectionId}", Empty -> Empty;
    "POST" "/v1/connections/{connectionId}/rooms", UserRooms -> Empty;
    "GET" "/v1/rooms" ? "kind" "cursor", Empty -> RoomList;
    "GET" "/v1/rooms/{roomId}", Empty -> RoomInfo;
    "GET" "/v1/records/{patientId}/{recordId}/lock", Empty -> LockInfo;
    "DELETE" "/v1/records/{patientId}/{recordId}/lock", Empty -> Empty;
    "POST" "/v1/access/recheck", Recheck -> Empty;
    "GET" "/v1/audit" ? "userId" "roomId" "from" "to" "cursor", Empty -> AuditList;
    "GET" "/v1/webhook/parked" ? "cursor", Empty -> ParkedList;
    "GET" "/health", Empty -> Health;
    "GET" "/stats", Empty -> Stats;
    "WS" "/ws/health", Empty -> HealthFrame;
}
