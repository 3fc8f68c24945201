-- What people and programs did in the console and in the administration, and by whom. Only adds.

-- A row is written in the transaction of the deed, or directly after it. No secret is in it, and of a person of the directory only the id.
CREATE TABLE audit_log (
  id      TEXT    NOT NULL PRIMARY KEY,       -- ids sort by time
  tenant  TEXT,                               -- NULL: it is about the whole service
  at      INTEGER NOT NULL,                   -- milliseconds since 1970
  person  TEXT    NOT NULL,                   -- who did it; 'administrator' for the holder of ADMIN_TOKEN
  role    TEXT    NOT NULL,                   -- 'admin', 'viewer' or 'customer', as in console_links; 'administrator'
  kind    TEXT    NOT NULL,                   -- of what: 'token', 'settings', 'endpoint', ...
  what    TEXT    NOT NULL,                   -- what was done: 'created', 'changed', 'paused', ...
  target  TEXT    NOT NULL,                   -- the id of what it was done to
  name    TEXT    NOT NULL,                   -- its name for people
  detail  TEXT    NOT NULL                    -- JSON: of settings the old and the new values
) WITHOUT ROWID;

CREATE INDEX audit_log_by_tenant ON audit_log (tenant, at, id);
CREATE INDEX audit_log_by_target ON audit_log (target, kind, what);
CREATE INDEX audit_log_by_time ON audit_log (at);
