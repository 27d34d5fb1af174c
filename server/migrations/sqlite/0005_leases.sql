-- Leases on parts of charts. Times are milliseconds by the database's clock. Fencing tokens come
-- from one counter and are never given twice.
CREATE TABLE leases (
    tenant     TEXT   NOT NULL,
    patient    TEXT   NOT NULL,
    record     TEXT   NOT NULL,
    holder     TEXT   NOT NULL,
    client     TEXT   NOT NULL,
    token      BIGINT NOT NULL,
    ttl        BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, patient, record)
) WITHOUT ROWID;

CREATE INDEX leases_by_end ON leases (expires_at);

CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) WITHOUT ROWID;
