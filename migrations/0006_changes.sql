-- The change log of the directory. Only adds: the Worker of the release before goes on, and what it changes is not in the log.

-- What became of one resource by one write. The database has one writer, so `seq` ascends in the order of commits, over all
-- tenants. No row is inserted below one that a reader has seen. Without AUTOINCREMENT a number would be used again if the row
-- with the greatest one were deleted: it never is.
CREATE TABLE changes (
  seq            INTEGER PRIMARY KEY,
  tenant         TEXT    NOT NULL,
  at             INTEGER NOT NULL,  -- milliseconds since 1970
  resource_type  TEXT    NOT NULL,
  resource_id    TEXT    NOT NULL,
  version        INTEGER NOT NULL,  -- of the resource, after the change
  change         TEXT    NOT NULL,  -- JSON: old and new values by path, and which members came and went
  actor          TEXT    NOT NULL,  -- the id of the credential
  correlation_id TEXT    NOT NULL   -- of the request
);

-- Each entry ends with the rowid, which is `seq`.
CREATE INDEX changes_by_tenant ON changes (tenant);
CREATE INDEX changes_by_resource ON changes (tenant, resource_id);

-- The greatest `seq` of a tenant that was trimmed; a row only if something was.
CREATE TABLE logs (
  tenant  TEXT    NOT NULL PRIMARY KEY,
  trimmed INTEGER NOT NULL
) WITHOUT ROWID;
