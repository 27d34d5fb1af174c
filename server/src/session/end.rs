//! From a lost socket to a server that has forgotten it.

use crate::{
    core::Core,
    domain::{call, presence, room},
    hub::Connection,
};
use std::sync::Arc;

/// Takes a connection out of its rooms and forgets it.
pub fn end(core: &Arc<Core>, connection: &Arc<Connection>) {
    connection.outbox.discard();
    for name in connection.end() {
        room::drop_out(core, connection, &name);
    }
    core.hub.disconnect(connection);
    call::device_gone(core, connection);
    presence::departed(core, connection);
    tracing::info!(connection = %connection.id, "disconnected");
}
