-- Every key begins with the tenant. Times are milliseconds since 1970.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- The log of a room: head is the newest offset, floor the newest that is no longer kept.
-- stamp grows with every event and begins the ids of messages, so that they sort as offsets do.
CREATE TABLE rooms (
    tenant TEXT   NOT NULL,
    room   TEXT   NOT NULL,
    head   BIGINT NOT NULL,
    floor  BIGINT NOT NULL,
    bytes  BIGINT NOT NULL,
    stamp  BIGINT NOT NULL,
    PRIMARY KEY (tenant, room)
) WITHOUT ROWID;

CREATE TABLE events (
    tenant     TEXT   NOT NULL,
    room       TEXT   NOT NULL,
    offset     BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    type       TEXT   NOT NULL,
    origin     TEXT,
    message_id TEXT,
    data       TEXT   NOT NULL,
    PRIMARY KEY (tenant, room, offset)
) WITHOUT ROWID;

CREATE TABLE messages (
    tenant      TEXT   NOT NULL,
    room        TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    sender      TEXT   NOT NULL,
    sender_name TEXT,
    body        TEXT   NOT NULL,
    attachments TEXT   NOT NULL,
    reply_to    TEXT,
    platform    TEXT,
    external_id TEXT,
    metadata    TEXT,
    sent_at     BIGINT NOT NULL,
    edited_at   BIGINT,
    deleted_at  BIGINT,
    key         TEXT,
    PRIMARY KEY (tenant, room, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX messages_by_id ON messages (tenant, id);
CREATE UNIQUE INDEX messages_by_external_id ON messages (tenant, platform, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX messages_by_time ON messages (sent_at);
CREATE INDEX messages_by_reply ON messages (tenant, room, reply_to, id) WHERE reply_to IS NOT NULL;

CREATE TABLE reactions (
    tenant     TEXT NOT NULL,
    message_id TEXT NOT NULL,
    emoji      TEXT NOT NULL,
    user       TEXT NOT NULL,
    PRIMARY KEY (tenant, message_id, emoji, user)
) WITHOUT ROWID;

-- How far a message has come on another platform, for whom.
CREATE TABLE message_statuses (
    tenant     TEXT NOT NULL,
    message_id TEXT NOT NULL,
    user       TEXT NOT NULL,
    status     TEXT NOT NULL,
    PRIMARY KEY (tenant, message_id, user)
) WITHOUT ROWID;

-- How far a member has received and read. Only moves forward.
CREATE TABLE cursors (
    tenant    TEXT NOT NULL,
    room      TEXT NOT NULL,
    user      TEXT NOT NULL,
    delivered TEXT,
    read      TEXT,
    PRIMARY KEY (tenant, room, user)
) WITHOUT ROWID;

-- Which commands have taken effect. Rowids grow with time, so the oldest are found first.
CREATE TABLE keys (
    tenant TEXT   NOT NULL,
    user   TEXT   NOT NULL,
    key    TEXT   NOT NULL,
    type   TEXT   NOT NULL,
    reply  TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (tenant, user, key)
);

CREATE TABLE users (
    tenant        TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    name          TEXT,
    declared      BOOLEAN NOT NULL,
    status        TEXT,
    custom_status TEXT,
    last_seen     BIGINT,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

CREATE TABLE care_team (
    tenant   TEXT NOT NULL,
    provider TEXT NOT NULL,
    patient  TEXT NOT NULL,
    PRIMARY KEY (tenant, provider, patient)
) WITHOUT ROWID;
CREATE INDEX care_team_by_patient ON care_team (tenant, patient);

CREATE TABLE visits (
    tenant TEXT NOT NULL,
    id     TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

CREATE TABLE threads (
    tenant   TEXT NOT NULL,
    id       TEXT NOT NULL,
    title    TEXT,
    platform TEXT NOT NULL,
    metadata TEXT,
    creator  TEXT,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

CREATE TABLE reports (
    tenant   TEXT NOT NULL,
    id       TEXT NOT NULL,
    owner    TEXT,
    template TEXT,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

CREATE TABLE templates (
    tenant TEXT NOT NULL,
    id     TEXT NOT NULL,
    owner  TEXT,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

-- Who belongs to a thread, a visit or a chat (a chat from its first message on). What was
-- written up to the floors is not theirs to read.
CREATE TABLE members (
    tenant        TEXT   NOT NULL,
    circle        TEXT   NOT NULL,
    user          TEXT   NOT NULL,
    floor_offset  BIGINT NOT NULL,
    floor_message TEXT   NOT NULL,
    PRIMARY KEY (tenant, circle, user)
) WITHOUT ROWID;
CREATE INDEX members_by_user ON members (tenant, user);

-- The inbox: one row for each room that has something to show there.
CREATE TABLE conversations (
    tenant       TEXT   NOT NULL,
    room         TEXT   NOT NULL,
    circle       TEXT   NOT NULL,
    platform     TEXT   NOT NULL,
    last_message TEXT,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant, room)
) WITHOUT ROWID;
CREATE INDEX conversations_by_circle ON conversations (tenant, circle);
