-- Live rows: of each row of a template, the newest. The counts of a template may be too large.
CREATE TABLE live_templates (
    tenant   TEXT   NOT NULL,
    template TEXT   NOT NULL,
    number   BIGINT NOT NULL,
    rows     BIGINT NOT NULL,
    bytes    BIGINT NOT NULL,
    PRIMARY KEY (tenant, template)
) WITHOUT ROWID;

CREATE TABLE live_rows (
    tenant   TEXT   NOT NULL,
    template TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    number   BIGINT NOT NULL,
    data     TEXT   NOT NULL,
    PRIMARY KEY (tenant, template, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX live_rows_by_number ON live_rows (tenant, template, number);
