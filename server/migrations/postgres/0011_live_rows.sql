-- Live rows: of each row of a template, the newest. The counts of a template may be too large.
CREATE TABLE live_templates (
    tenant   TEXT COLLATE "C" NOT NULL,
    template TEXT COLLATE "C" NOT NULL,
    number   BIGINT NOT NULL,
    rows     BIGINT NOT NULL,
    bytes    BIGINT NOT NULL,
    PRIMARY KEY (tenant, template)
);

CREATE TABLE live_rows (
    tenant   TEXT COLLATE "C" NOT NULL,
    template TEXT COLLATE "C" NOT NULL,
    id       TEXT COLLATE "C" NOT NULL,
    number   BIGINT NOT NULL,
    data     TEXT   NOT NULL,
    PRIMARY KEY (tenant, template, id)
);
CREATE UNIQUE INDEX live_rows_by_number ON live_rows (tenant, template, number);
