-- What identity providers did besides changing the directory, and how long it is known. Only adds: the Worker of the release
-- before goes on without it.

-- Requests of authenticated clients that were refused, a bounded number a minute and tenant; beyond it they are counted alone.
-- No row names a person: what the client sent stands neither in `detail` nor elsewhere, and a resource is named by its id.
CREATE TABLE refusals (
  id             INTEGER PRIMARY KEY,
  tenant         TEXT    NOT NULL,
  at             INTEGER NOT NULL,  -- milliseconds since 1970, like all times here
  actor          TEXT    NOT NULL,  -- the id of the credential
  operation      TEXT    NOT NULL,  -- such as `PATCH Users`
  resource_type  TEXT,
  resource_id    TEXT,
  status         INTEGER NOT NULL,
  scim_type      TEXT,
  detail         TEXT    NOT NULL,
  correlation_id TEXT    NOT NULL
);

-- Each entry ends with the rowid, which is `id`.
CREATE INDEX refusals_by_tenant ON refusals (tenant, at);
CREATE INDEX refusals_by_resource ON refusals (tenant, resource_id, at) WHERE resource_id IS NOT NULL;

-- How many requests there were. The tenant '' has those to tenants that do not exist.
CREATE TABLE counters (
  tenant    TEXT    NOT NULL,
  minute    INTEGER NOT NULL,  -- the time at which it began
  operation TEXT    NOT NULL,  -- as in `refusals`; `unauthenticated` where it is not known who asked
  status    INTEGER NOT NULL,
  requests  INTEGER NOT NULL,
  PRIMARY KEY (tenant, minute, operation, status)
) WITHOUT ROWID;

-- When a tenant's client last, or first, did what an administrator asks about. NULL: not yet.
CREATE TABLE marks (
  tenant          TEXT NOT NULL PRIMARY KEY,
  last_request    INTEGER,
  test_connection INTEGER,
  first_user      INTEGER,
  first_group     INTEGER,
  cycle_began     INTEGER,  -- a cycle: requests without a pause of five minutes between them
  cycle_ended     INTEGER,  -- its last request so far
  previous_began  INTEGER,
  previous_ended  INTEGER
) WITHOUT ROWID;

-- For how many days rows are kept; a row only where something is set, and NULL where the default holds, which the program
-- knows. `log_days` is for the tenant `default`: the others have it in `tenants.log_retention_days`.
CREATE TABLE retention (
  tenant        TEXT NOT NULL PRIMARY KEY,
  log_days      INTEGER,
  activity_days INTEGER
) WITHOUT ROWID;

-- What was trimmed, a row a tenant and day: evidence that it was.
CREATE TABLE trimmings (
  tenant       TEXT    NOT NULL,
  day          INTEGER NOT NULL,  -- the time at which it began
  log_rows     INTEGER NOT NULL,  -- how many rows of `changes`, and of the other tables
  refusal_rows INTEGER NOT NULL,
  counter_rows INTEGER NOT NULL,
  PRIMARY KEY (tenant, day)
) WITHOUT ROWID;

-- Where a job of the cron trigger goes on.
CREATE TABLE progress (
  job      TEXT NOT NULL PRIMARY KEY,
  position TEXT NOT NULL            -- the tenant that is next
) WITHOUT ROWID;
