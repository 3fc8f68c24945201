-- The copy of a directory in Workers KV. Only adds.

-- A row only for a tenant that has such a copy, or whose copy is being removed, or that has a residency.
CREATE TABLE edge_copies (
  tenant      TEXT    NOT NULL PRIMARY KEY,
  state       TEXT    NOT NULL,            -- 'off', 'on', or 'removing': off, and what is there is deleted
  residency   TEXT,                        -- where the tenant's data must stay; KV keeps no such promise
  sequence    INTEGER NOT NULL DEFAULT 0,  -- `seq` of the last row of the log that was copied whole
  within      TEXT,                        -- the last user that was copied of those whom the next row is about
  rebuild     TEXT,                        -- how far the copying of everything has come: 'users:<id>', 'keys:<cursor>'; NULL: none is under way
  copied      INTEGER,                     -- when the last part was copied, milliseconds
  lease       TEXT,                        -- who is copying
  lease_until INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
