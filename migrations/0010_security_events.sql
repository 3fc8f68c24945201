-- Security Event Tokens (RFC 8417, RFC 9967): the key pairs that sign them, and how far each reader has acknowledged them. Only
-- adds. All times are milliseconds since 1970.

-- The private key is sealed with a key that is derived from the Worker's secret SIGNING_SECRET, which is not here.
CREATE TABLE key_pairs (
  id      TEXT    NOT NULL PRIMARY KEY,  -- `kid`
  public  TEXT    NOT NULL,              -- the public key, a JWK
  sealed  TEXT    NOT NULL,              -- the private key, in hexadecimal
  created INTEGER NOT NULL
) WITHOUT ROWID;

-- A reader polls (RFC 8936). All events up to its place are acknowledged, and those of the list after it.
CREATE TABLE security_event_readers (
  tenant       TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  sequence     INTEGER NOT NULL,         -- `seq` of the row of the last event before which all are acknowledged
  event_index  INTEGER,                  -- the place of that event within the row; NULL: all of them
  acknowledged TEXT    NOT NULL,         -- JSON: places after it, as pairs of sequence and index
  polled       INTEGER NOT NULL,         -- when it last acknowledged something
  PRIMARY KEY (tenant, name)
) WITHOUT ROWID;
