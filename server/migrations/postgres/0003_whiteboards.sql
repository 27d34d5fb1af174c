-- Whiteboards: what was drawn since the last wipe, in the order of revision and number. told_at
-- is the offset of the event that told of it, for members who may not read what came before them.
CREATE TABLE whiteboards (
    tenant   TEXT COLLATE "C"   NOT NULL,
    room     TEXT COLLATE "C"   NOT NULL,
    revision BIGINT NOT NULL,
    bytes    BIGINT NOT NULL,
    PRIMARY KEY (tenant, room)
);

CREATE TABLE whiteboard_ops (
    tenant   TEXT COLLATE "C"   NOT NULL,
    room     TEXT COLLATE "C"   NOT NULL,
    revision BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    told_at  BIGINT NOT NULL,
    op       TEXT   NOT NULL,
    PRIMARY KEY (tenant, room, revision, number)
);
