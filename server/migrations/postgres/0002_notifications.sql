-- Notifications, stored once for their room: one person's, or a topic's. Ids grow with time.
CREATE TABLE notifications (
    tenant     TEXT COLLATE "C"   NOT NULL,
    id         TEXT COLLATE "C"   NOT NULL,
    room       TEXT COLLATE "C"   NOT NULL,
    topic      TEXT COLLATE "C",
    kind       TEXT   NOT NULL,
    title      TEXT   NOT NULL,
    message    TEXT   NOT NULL,
    priority   TEXT   NOT NULL,
    data       TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX notifications_by_room ON notifications (tenant, room, id);

CREATE TABLE notification_reads (
    tenant TEXT COLLATE "C"   NOT NULL,
    user_id TEXT COLLATE "C"   NOT NULL,
    id     TEXT COLLATE "C"   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, id)
);

-- Times in which users followed topics: ids after the first text, up to the second.
CREATE TABLE topic_followers (
    tenant       TEXT COLLATE "C" NOT NULL,
    user_id      TEXT COLLATE "C" NOT NULL,
    topic        TEXT COLLATE "C" NOT NULL,
    follows_from TEXT COLLATE "C" NOT NULL,
    follows_to   TEXT COLLATE "C",
    PRIMARY KEY (tenant, user_id, topic, follows_from)
);
CREATE INDEX topic_followers_by_topic ON topic_followers (tenant, topic);
