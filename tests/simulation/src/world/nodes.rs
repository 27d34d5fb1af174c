//! Nodes start, drain and end.

use super::World;
use crate::{
    event::{Event, NodeId},
    pipe::LinkId,
};
use carewire_check::What;
use carewire_server::domain;
use std::{sync::Arc, time::Duration};

impl World {
    pub(super) fn start_node(&mut self, node: NodeId) {
        self.lives += 1;
        self.book.remark(|| format!("node {node} starts"));
        self.nodes[node] = Some(self.site.start(node, self.lives));
    }

    pub(super) fn end_node(&mut self, node: NodeId) {
        let Some(ended) = self.nodes[node].take() else {
            return;
        };
        self.book.remark(|| format!("node {node} ends"));
        ended.sever(&self.site.wires);
        for connection in ended.core.hub.all_connections() {
            let user = self.book.user(connection.user());
            self.book.note(What::Connection { user, up: false });
        }
        let broken: Vec<LinkId> = self
            .links
            .iter()
            .filter(|(_, link)| link.node == node)
            .map(|(id, _)| *id)
            .collect();
        for id in broken {
            if let Some(link) = self.links.get(&id) {
                link.pipe.close_down(1006);
            }
        }
        self.executor.end(ended.life);
        // Nobody will answer, and nobody can tell what was done.
        self.calls.retain(|_, (_, life)| *life != ended.life);
    }

    pub(super) fn drain(&mut self, node: NodeId) {
        let Some(node) = &mut self.nodes[node] else {
            return;
        };
        if node.draining {
            return;
        }
        node.draining = true;
        self.book
            .fault("drain", Some(Arc::clone(&node.name)), false);
        domain::session::shut_down(&node.core, "update");
        let (id, life) = (node.id, node.life);
        let soon = self.clock.now() + Duration::from_millis(1500);
        self.clock.at(soon, Event::StopNode { node: id, life });
    }
}
