-- The audit trail: ids, no content. What would flood is stored once an hour; hour 0 is for what is
-- always stored, and then number makes it different.
CREATE TABLE audit (
    number  BIGINT NOT NULL,
    tenant  TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role    TEXT NOT NULL,
    at      BIGINT NOT NULL,
    action  TEXT NOT NULL,
    room    TEXT NOT NULL,
    command TEXT NOT NULL,
    hour    BIGINT NOT NULL,
    once    BIGINT NOT NULL,
    PRIMARY KEY (number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX audit_once ON audit (tenant, user_id, room, action, command, hour, once);
CREATE INDEX audit_by_tenant ON audit (tenant, number);
CREATE INDEX audit_by_room ON audit (tenant, room, number);
CREATE INDEX audit_by_time ON audit (at);

-- Access to patients that was taken in an emergency. It is forgotten when it ends.
CREATE TABLE emergencies (
    tenant  TEXT NOT NULL,
    user_id TEXT NOT NULL,
    patient TEXT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, patient)
) WITHOUT ROWID;
CREATE INDEX emergencies_by_end ON emergencies (ends_at);
