-- Calls as they are shown, and who is concerned by each. A user rings or is in one call at most:
-- the index says so. kept_until and gone belong to the device that holds the user's place.
CREATE TABLE calls (
    tenant      TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    visit       TEXT,
    open        BIGINT NOT NULL,
    rings_until BIGINT,
    call        TEXT   NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX calls_by_visit ON calls (tenant, visit) WHERE open = 1;
CREATE INDEX calls_by_ring ON calls (rings_until) WHERE rings_until IS NOT NULL;

CREATE TABLE call_people (
    tenant     TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    call       TEXT   NOT NULL,
    busy       BIGINT NOT NULL,
    client     TEXT,
    kept_until BIGINT,
    gone       BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, call)
) WITHOUT ROWID;

CREATE UNIQUE INDEX call_people_busy ON call_people (tenant, user_id) WHERE busy = 1;
CREATE INDEX call_people_by_call ON call_people (tenant, call);
CREATE INDEX call_people_by_end ON call_people (kept_until) WHERE kept_until IS NOT NULL;
