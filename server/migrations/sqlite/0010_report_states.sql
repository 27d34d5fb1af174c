-- The last event that told of a report: what a late joiner is shown, however old it is.
ALTER TABLE reports ADD COLUMN event TEXT;
ALTER TABLE reports ADD COLUMN data TEXT;
