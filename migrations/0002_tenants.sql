-- The customers, and the tokens that their identity providers send.
-- The tenant `default` has no row: it is there always, with the Worker's secret SCIM_TOKEN for its token.

CREATE TABLE tenants (
  id                 TEXT    NOT NULL PRIMARY KEY,  -- the slug that the Tenant URL names
  name               TEXT    NOT NULL,              -- for people
  suspended          INTEGER,                       -- since when no token of it is taken; NULL: they are
  deleted            INTEGER,                       -- since when it is being deleted; the row goes last of all
  dialect            TEXT    NOT NULL,              -- 'tolerant' or 'strict'
  log_retention_days INTEGER NOT NULL,
  created            INTEGER NOT NULL               -- milliseconds since 1970, like all times here
) WITHOUT ROWID;

-- Of a token only its SHA-256 is kept: who reads this table cannot use it. The token has 256 random bits, so
-- there is nothing to guess and no salt is needed.
CREATE TABLE tokens (
  id        TEXT    NOT NULL PRIMARY KEY,           -- how people speak of it; no secret
  tenant    TEXT    NOT NULL,
  name      TEXT    NOT NULL,
  hash      TEXT    NOT NULL UNIQUE,                -- SHA-256 in hexadecimal
  created   INTEGER NOT NULL,
  expires   INTEGER,                                -- from when on it is refused; NULL: never
  last_used INTEGER,                                -- to within a few minutes
  revoked   INTEGER
) WITHOUT ROWID;

CREATE INDEX tokens_by_tenant ON tokens (tenant, id);
