-- Every key begins with the tenant. Times are milliseconds since 1970. Texts are compared by
-- their bytes, whatever the collation of the database: ids sort as SQLite sorts them.

CREATE TABLE meta (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

-- The newest transaction of each server process: one whose commit was not answered is looked for
-- here.
CREATE TABLE writers (
    id    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    batch BIGINT           NOT NULL,
    at    TIMESTAMPTZ      NOT NULL
);

-- The log of a room: head is the newest offset, floor the newest that is no longer kept.
-- stamp grows with every event and begins the ids of messages, so that they sort as offsets do.
-- changed is a number that grows in the order of commits.
CREATE TABLE rooms (
    tenant  TEXT COLLATE "C" NOT NULL,
    room    TEXT COLLATE "C" NOT NULL,
    head    BIGINT           NOT NULL,
    floor   BIGINT           NOT NULL,
    bytes   BIGINT           NOT NULL,
    stamp   BIGINT           NOT NULL,
    changed BIGINT           NOT NULL,
    PRIMARY KEY (tenant, room)
);
CREATE INDEX rooms_by_change ON rooms (changed);

CREATE TABLE directory_changes (
    tenant  TEXT COLLATE "C" NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    changed BIGINT           NOT NULL,
    PRIMARY KEY (tenant, kind, name)
);
CREATE INDEX directory_changes_by_change ON directory_changes (changed);

CREATE TABLE events (
    tenant     TEXT COLLATE "C" NOT NULL,
    room       TEXT COLLATE "C" NOT NULL,
    place      BIGINT           NOT NULL,
    at         BIGINT           NOT NULL,
    type       TEXT COLLATE "C" NOT NULL,
    origin     TEXT COLLATE "C",
    message_id TEXT COLLATE "C",
    data       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, room, place)
);
CREATE INDEX events_by_message ON events (tenant, room, message_id) WHERE message_id IS NOT NULL;

CREATE TABLE messages (
    tenant      TEXT COLLATE "C" NOT NULL,
    room        TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    sender      TEXT COLLATE "C" NOT NULL,
    sender_name TEXT COLLATE "C",
    body        TEXT COLLATE "C" NOT NULL,
    attachments TEXT COLLATE "C" NOT NULL,
    reply_to    TEXT COLLATE "C",
    platform    TEXT COLLATE "C",
    external_id TEXT COLLATE "C",
    metadata    TEXT COLLATE "C",
    sent_at     BIGINT           NOT NULL,
    edited_at   BIGINT,
    deleted_at  BIGINT,
    key         TEXT COLLATE "C",
    PRIMARY KEY (tenant, room, id)
);
CREATE UNIQUE INDEX messages_by_id ON messages (tenant, id);
CREATE UNIQUE INDEX messages_by_external_id ON messages (tenant, platform, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX messages_by_time ON messages (sent_at);
CREATE INDEX messages_by_reply ON messages (tenant, room, reply_to, id) WHERE reply_to IS NOT NULL;

CREATE TABLE reactions (
    tenant     TEXT COLLATE "C" NOT NULL,
    message_id TEXT COLLATE "C" NOT NULL,
    emoji      TEXT COLLATE "C" NOT NULL,
    user_id    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, message_id, emoji, user_id)
);

-- How far a message has come on another platform, for whom.
CREATE TABLE message_statuses (
    tenant     TEXT COLLATE "C" NOT NULL,
    message_id TEXT COLLATE "C" NOT NULL,
    user_id    TEXT COLLATE "C" NOT NULL,
    status     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, message_id, user_id)
);

-- How far a member has received and read. Only moves forward.
CREATE TABLE cursors (
    tenant    TEXT COLLATE "C" NOT NULL,
    room      TEXT COLLATE "C" NOT NULL,
    user_id   TEXT COLLATE "C" NOT NULL,
    delivered TEXT COLLATE "C",
    read      TEXT COLLATE "C",
    PRIMARY KEY (tenant, room, user_id)
);

-- Which commands have taken effect. Numbers grow with time, so the oldest are found first.
CREATE TABLE keys (
    number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    tenant TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    key    TEXT COLLATE "C" NOT NULL,
    type   TEXT COLLATE "C" NOT NULL,
    reply  TEXT COLLATE "C" NOT NULL,
    at     BIGINT           NOT NULL,
    PRIMARY KEY (tenant, user_id, key)
);

CREATE TABLE users (
    tenant        TEXT COLLATE "C" NOT NULL,
    id            TEXT COLLATE "C" NOT NULL,
    role          TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C",
    declared      BOOLEAN          NOT NULL,
    status        TEXT COLLATE "C",
    custom_status TEXT COLLATE "C",
    last_seen     BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE care_team (
    tenant   TEXT COLLATE "C" NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    patient  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, provider, patient)
);
CREATE INDEX care_team_by_patient ON care_team (tenant, patient);

CREATE TABLE visits (
    tenant TEXT COLLATE "C" NOT NULL,
    id     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE threads (
    tenant   TEXT COLLATE "C" NOT NULL,
    id       TEXT COLLATE "C" NOT NULL,
    title    TEXT COLLATE "C",
    platform TEXT COLLATE "C" NOT NULL,
    metadata TEXT COLLATE "C",
    creator  TEXT COLLATE "C",
    PRIMARY KEY (tenant, id)
);

CREATE TABLE reports (
    tenant   TEXT COLLATE "C" NOT NULL,
    id       TEXT COLLATE "C" NOT NULL,
    owner    TEXT COLLATE "C",
    template TEXT COLLATE "C",
    PRIMARY KEY (tenant, id)
);

CREATE TABLE templates (
    tenant TEXT COLLATE "C" NOT NULL,
    id     TEXT COLLATE "C" NOT NULL,
    owner  TEXT COLLATE "C",
    PRIMARY KEY (tenant, id)
);

-- Who belongs to a thread, a visit or a chat (a chat from its first message on). What was
-- written up to the floors is not theirs to read.
CREATE TABLE members (
    tenant        TEXT COLLATE "C" NOT NULL,
    circle        TEXT COLLATE "C" NOT NULL,
    user_id       TEXT COLLATE "C" NOT NULL,
    floor_offset  BIGINT           NOT NULL,
    floor_message TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, circle, user_id)
);
CREATE INDEX members_by_user ON members (tenant, user_id);

-- The inbox: one row for each room that has something to show there.
CREATE TABLE conversations (
    tenant       TEXT COLLATE "C" NOT NULL,
    room         TEXT COLLATE "C" NOT NULL,
    circle       TEXT COLLATE "C" NOT NULL,
    platform     TEXT COLLATE "C" NOT NULL,
    last_message TEXT COLLATE "C",
    updated_at   BIGINT           NOT NULL,
    PRIMARY KEY (tenant, room)
);
CREATE INDEX conversations_by_circle ON conversations (tenant, circle);
