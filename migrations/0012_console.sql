-- Who may enter the console: links that make a session, and the sessions themselves. Only adds.

-- A link is handed to a person, who presses a button on the page that it opens. Only the SHA-256 of its code is kept, as of tokens.
CREATE TABLE console_links (
  id      TEXT    NOT NULL PRIMARY KEY,       -- how people speak of it; no secret
  hash    TEXT    NOT NULL UNIQUE,            -- SHA-256 of the code in hexadecimal
  role    TEXT    NOT NULL,                   -- 'admin', 'viewer' or 'customer'
  tenant  TEXT,                               -- the one tenant that a customer's administrator sees; NULL: of the vendor
  person  TEXT    NOT NULL,                   -- whom it is for, as the console shows it
  maker   TEXT    NOT NULL,                   -- who made it
  once    INTEGER NOT NULL,                   -- 1: it works once
  created INTEGER NOT NULL,                   -- milliseconds since 1970, like all times here
  expires INTEGER NOT NULL,
  used    INTEGER,                            -- when it was last used
  uses    INTEGER NOT NULL DEFAULT 0,         -- how many sessions it has made
  revoked INTEGER
) WITHOUT ROWID;

CREATE INDEX console_links_by_tenant ON console_links (tenant, id);
CREATE INDEX console_links_by_expiry ON console_links (expires);

-- A session is found by the SHA-256 of the value of its cookie, which has 256 random bits. One that has ended is kept for a while:
-- the audit tells who signed in.
CREATE TABLE console_sessions (
  hash    TEXT    NOT NULL PRIMARY KEY,
  id      TEXT    NOT NULL UNIQUE,            -- how people speak of it; no secret
  role    TEXT    NOT NULL,                   -- see console_links
  tenant  TEXT,                               -- see console_links
  person  TEXT    NOT NULL,                   -- who signed in: of a link whom it is for, else an e-mail address
  link    TEXT,                               -- the link that made it; NULL: the identity provider of the vendor did
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  ended   INTEGER                             -- by a sign-out, another sign-in, or revocation
) WITHOUT ROWID;

CREATE INDEX console_sessions_by_tenant ON console_sessions (tenant, id);
CREATE INDEX console_sessions_by_link ON console_sessions (link) WHERE link IS NOT NULL;
CREATE INDEX console_sessions_by_expiry ON console_sessions (expires);
