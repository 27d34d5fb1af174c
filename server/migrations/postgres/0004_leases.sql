-- Leases on parts of charts. Times are milliseconds by the database's clock. Fencing tokens come
-- from one counter and are never given twice.
CREATE TABLE leases (
    tenant     TEXT COLLATE "C" NOT NULL,
    patient    TEXT COLLATE "C" NOT NULL,
    record     TEXT COLLATE "C" NOT NULL,
    holder     TEXT COLLATE "C" NOT NULL,
    client     TEXT COLLATE "C" NOT NULL,
    token      BIGINT NOT NULL,
    ttl        BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, patient, record)
);

CREATE INDEX leases_by_end ON leases (expires_at);

CREATE TABLE counters (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
