-- Calls as they are shown, and who is concerned by each. A user rings or is in one call at most:
-- the index says so. kept_until and gone belong to the device that holds the user's place.
CREATE TABLE calls (
    tenant      TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    visit       TEXT COLLATE "C",
    open        BIGINT NOT NULL,
    rings_until BIGINT,
    call        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX calls_by_visit ON calls (tenant, visit) WHERE open = 1;
CREATE INDEX calls_by_ring ON calls (rings_until) WHERE rings_until IS NOT NULL;

CREATE TABLE call_people (
    tenant     TEXT COLLATE "C" NOT NULL,
    user_id    TEXT COLLATE "C" NOT NULL,
    call       TEXT COLLATE "C" NOT NULL,
    busy       BIGINT NOT NULL,
    client     TEXT COLLATE "C",
    kept_until BIGINT,
    gone       BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, call)
);

CREATE UNIQUE INDEX call_people_busy ON call_people (tenant, user_id) WHERE busy = 1;
CREATE INDEX call_people_by_call ON call_people (tenant, call);
CREATE INDEX call_people_by_end ON call_people (kept_until) WHERE kept_until IS NOT NULL;
