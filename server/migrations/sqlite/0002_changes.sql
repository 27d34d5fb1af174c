-- What changed since somebody last looked. The numbers grow in the order of commits.

ALTER TABLE rooms ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX rooms_by_change ON rooms (changed);

CREATE TABLE directory_changes (
    tenant  TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, name)
) WITHOUT ROWID;
CREATE INDEX directory_changes_by_change ON directory_changes (changed);
