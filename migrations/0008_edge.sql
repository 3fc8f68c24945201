-- The edge copy of a directory in Workers KV: whether a tenant has one, and how far it follows the change log. Only adds: the
-- Worker of the release before goes on without it.

-- Where the data of a tenant must stay, such as 'eu'; NULL: anywhere. Workers KV keeps its data everywhere.
ALTER TABLE tenants ADD COLUMN residency TEXT;

-- A row for each tenant that has a copy, or one that is still being removed. All times are milliseconds since 1970.
CREATE TABLE edge (
  tenant     TEXT    NOT NULL PRIMARY KEY,  -- `default` may have a row too
  is_on      INTEGER NOT NULL,              -- 0: the copy is being removed; the row goes last of all
  sequence   INTEGER NOT NULL,              -- the change log was taken up to here
  todo       TEXT,                          -- JSON: users whose groups have changed by then, still to be written
  filling    TEXT,                          -- the place within the directory up to which the copy was filled; NULL: all of it
  since      INTEGER NOT NULL,              -- the sequence at which filling began
  clearing   TEXT,                          -- the place within KV up to which the copy was removed; NULL: it is not being removed
  written    INTEGER NOT NULL,              -- when KV was last written
  caught_up  INTEGER,                       -- when the copy last had all changes
  holder     TEXT,                          -- who writes the copy
  held_until INTEGER NOT NULL               -- until when no other one may; once that is over, when the copy was last worked on
) WITHOUT ROWID;
