-- OAuth 2.0: clients with their secrets, issuers whose tokens a tenant trusts, and the keys of our own tokens.
-- The tenant `default` has no row in `tenants`, so nothing here refers to that table.

CREATE TABLE clients (
  id            TEXT    NOT NULL PRIMARY KEY,  -- client_id; no secret
  tenant        TEXT    NOT NULL,
  name          TEXT    NOT NULL,
  token_seconds INTEGER NOT NULL,              -- for how long an access token is good
  created       INTEGER NOT NULL,              -- milliseconds since 1970, like all times here
  revoked       INTEGER
) WITHOUT ROWID;

CREATE INDEX clients_by_tenant ON clients (tenant, id);

-- Of a secret only its SHA-256 is kept, as of a token. A client may have several, so that one can replace another.
CREATE TABLE client_secrets (
  id        TEXT    NOT NULL PRIMARY KEY,      -- how people speak of it; no secret
  tenant    TEXT    NOT NULL,
  client    TEXT    NOT NULL,
  hash      TEXT    NOT NULL UNIQUE,           -- SHA-256 in hexadecimal
  created   INTEGER NOT NULL,
  expires   INTEGER NOT NULL,                  -- from when on it is refused
  last_used INTEGER,                           -- to within a few minutes
  revoked   INTEGER
) WITHOUT ROWID;

CREATE INDEX client_secrets_by_tenant ON client_secrets (tenant, client, id);

-- Who issues tokens that a tenant takes. Where `client` is set, they are assertions of that client at the token
-- endpoint (RFC 7523), otherwise bearer tokens of the SCIM service itself.
CREATE TABLE issuers (
  id        TEXT    NOT NULL PRIMARY KEY,
  tenant    TEXT    NOT NULL,
  client    TEXT,
  name      TEXT    NOT NULL,
  issuers   TEXT    NOT NULL,                  -- JSON list: `iss` is one of them
  audiences TEXT    NOT NULL,                  -- JSON list: `aud` names one of them
  directory TEXT,                              -- what `tid` has to be; NULL: not asked for
  subject   TEXT,                              -- whom the token is given to; NULL: not asked for
  jwks_uri  TEXT    NOT NULL,
  keys      TEXT    NOT NULL,                  -- JWK Set: the issuer's public keys
  fetched   INTEGER NOT NULL,                  -- when they were fetched
  asked     INTEGER NOT NULL,                  -- when somebody last set out to fetch them
  created   INTEGER NOT NULL,
  last_used INTEGER,                           -- to within a few minutes
  revoked   INTEGER
) WITHOUT ROWID;

CREATE INDEX issuers_by_tenant ON issuers (tenant, id);

-- A key is made of its salt and of the Worker's secret SIGNING_SECRET, which is not here.
CREATE TABLE signing_keys (
  id      TEXT    NOT NULL PRIMARY KEY,        -- `kid`
  salt    TEXT    NOT NULL,                    -- 256 random bits
  created INTEGER NOT NULL,
  retired INTEGER,                             -- since when it signs no more; for a while it still verifies
  revoked INTEGER                              -- since when it does not do that either
) WITHOUT ROWID;
