-- Endpoints of webhooks. Only adds.

-- An endpoint is a place in the change log: what comes after it is to be delivered. Its secret is not here: it is derived from the
-- salt with the Worker's secret SIGNING_SECRET.
CREATE TABLE webhook_endpoints (
  id             TEXT    NOT NULL PRIMARY KEY,
  tenant         TEXT    NOT NULL,
  url            TEXT    NOT NULL,
  types          TEXT    NOT NULL,            -- JSON: the types of events that are wanted; empty: all
  batch          INTEGER NOT NULL,            -- how many events one delivery may have
  thin           INTEGER NOT NULL,            -- 1: ids, versions and paths alone
  salt           TEXT    NOT NULL,            -- 256 random bits
  old_salt       TEXT,                        -- that of the secret before
  old_until      INTEGER,                     -- until when that one signs too
  sequence       INTEGER NOT NULL,            -- `seq` of the last row of which events were delivered
  event_index    INTEGER,                     -- the last event of that row that was delivered; NULL: all of them
  state          TEXT    NOT NULL,            -- 'active', 'paused' by an administrator, 'disabled' by the service
  reason         TEXT,                        -- why it was disabled
  failures       INTEGER NOT NULL DEFAULT 0,  -- attempts that failed since the last one that did not
  due            INTEGER NOT NULL,            -- when the next attempt may be made
  attempted      INTEGER,                     -- when the last one was made
  delivered      INTEGER,                     -- when one last succeeded
  status         INTEGER,                     -- the answer to the last one; NULL: none came
  error          TEXT,                        -- why it failed
  deliveries     INTEGER NOT NULL DEFAULT 0,  -- how many have succeeded
  lease          TEXT,                        -- who is delivering
  lease_until    INTEGER NOT NULL DEFAULT 0,
  created        INTEGER NOT NULL             -- milliseconds since 1970, like all times here
) WITHOUT ROWID;

CREATE INDEX webhook_endpoints_by_tenant ON webhook_endpoints (tenant, id);
CREATE INDEX webhook_endpoints_by_due ON webhook_endpoints (due) WHERE state = 'active';
