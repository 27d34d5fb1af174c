//! What the server counts. Nothing here is personal: roles, kinds and codes, never ids.

use carewire_protocol::{ErrorCode, Role, room_id::RoomKind};
use metrics::{Counter, Histogram, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use std::{collections::BTreeMap, time::Duration};

/// The server's metrics, with a recorder of their own: an application that mounts the server
/// keeps its global one.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    /// Frames that arrived.
    pub frames_in: Counter,
    /// Bytes that arrived.
    pub bytes_in: Counter,
    /// Frames that were written.
    pub frames_out: Counter,
    /// Bytes that were written.
    pub bytes_out: Counter,
    /// How many members an event was fanned out to.
    pub fan_out: Histogram,
    commit_seconds: Histogram,
    commit_jobs: Histogram,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

/// What is a state and not a count, as of a scrape.
#[derive(Debug, Default)]
pub struct Gauges {
    /// Connections by role.
    pub connections: BTreeMap<Role, usize>,
    /// Rooms by kind.
    pub rooms: BTreeMap<RoomKind, usize>,
    /// Frames that wait for all connections together.
    pub queued: usize,
    /// Jobs that wait for the writer.
    pub jobs: usize,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let seconds = [
            0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5,
        ];
        let sizes = [
            1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1000.0, 10000.0,
        ];
        let buckets: [(&str, &[f64]); 3] = [
            ("carewire_commit_seconds", &seconds),
            ("carewire_commit_jobs", &sizes),
            ("carewire_fan_out_members", &sizes),
        ];
        let mut builder = Ok(PrometheusBuilder::new());
        for (name, buckets) in buckets {
            let matcher = Matcher::Full(name.to_owned());
            builder = builder.and_then(|builder| builder.set_buckets_for_metric(matcher, buckets));
        }
        // Only an empty list of buckets is refused, and these are not.
        let recorder = builder
            .unwrap_or_else(|_| PrometheusBuilder::new())
            .build_recorder();
        let handle = recorder.handle();
        let count = |name| {
            let metadata = Metadata::new(module_path!(), Level::INFO, None);
            recorder.register_counter(&metrics::Key::from_name(name), &metadata)
        };
        let measure = |name| {
            let metadata = Metadata::new(module_path!(), Level::INFO, None);
            recorder.register_histogram(&metrics::Key::from_name(name), &metadata)
        };
        Self {
            frames_in: count("carewire_frames_in_total"),
            bytes_in: count("carewire_bytes_in_total"),
            frames_out: count("carewire_frames_out_total"),
            bytes_out: count("carewire_bytes_out_total"),
            fan_out: measure("carewire_fan_out_members"),
            commit_seconds: measure("carewire_commit_seconds"),
            commit_jobs: measure("carewire_commit_jobs"),
            handle,
            recorder,
        }
    }

    /// A transaction was committed.
    pub fn commit(&self, jobs: usize, took: Duration) {
        self.commit_seconds.record(took.as_secs_f64());
        self.commit_jobs.record(jobs as f64);
    }

    /// Something was refused.
    pub fn refused(&self, code: &ErrorCode) {
        metrics::with_local_recorder(&self.recorder, || {
            metrics::counter!("carewire_refusals_total", "code" => code.as_str().to_owned())
                .increment(1);
        });
    }

    /// The Prometheus text.
    pub fn render(&self, gauges: &Gauges) -> String {
        metrics::with_local_recorder(&self.recorder, || {
            for role in Role::KNOWN {
                let connections = gauges.connections.get(role).copied().unwrap_or_default();
                metrics::gauge!("carewire_connections", "role" => role.as_str())
                    .set(connections as f64);
            }
            for kind in RoomKind::ALL {
                let rooms = gauges.rooms.get(&kind).copied().unwrap_or_default();
                metrics::gauge!("carewire_rooms", "kind" => kind.as_str()).set(rooms as f64);
            }
            metrics::gauge!("carewire_queue_frames").set(gauges.queued as f64);
            metrics::gauge!("carewire_writer_jobs").set(gauges.jobs as f64);
        });
        self.handle.run_upkeep();
        self.handle.render()
    }
}
