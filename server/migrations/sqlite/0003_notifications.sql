-- Notifications, stored once for their room: one person's, or a topic's. Ids grow with time.
CREATE TABLE notifications (
    tenant     TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    room       TEXT   NOT NULL,
    topic      TEXT,
    kind       TEXT   NOT NULL,
    title      TEXT   NOT NULL,
    message    TEXT   NOT NULL,
    priority   TEXT   NOT NULL,
    data       TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
CREATE INDEX notifications_by_room ON notifications (tenant, room, id);

CREATE TABLE notification_reads (
    tenant TEXT   NOT NULL,
    user TEXT   NOT NULL,
    id     TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (tenant, user, id)
) WITHOUT ROWID;

-- Times in which users followed topics: ids after the first text, up to the second.
CREATE TABLE topic_followers (
    tenant       TEXT NOT NULL,
    user      TEXT NOT NULL,
    topic        TEXT NOT NULL,
    follows_from TEXT NOT NULL,
    follows_to   TEXT,
    PRIMARY KEY (tenant, user, topic, follows_from)
) WITHOUT ROWID;
CREATE INDEX topic_followers_by_topic ON topic_followers (tenant, topic);
