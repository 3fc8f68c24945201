-- What a token or an access token of a client may do, as a list of names with blanks between them (RFC 6749 s3.3). Only adds: the
-- Worker of the release before goes on with it, and what it makes has the default.

ALTER TABLE tokens ADD COLUMN scopes TEXT NOT NULL DEFAULT 'scim';
ALTER TABLE clients ADD COLUMN scopes TEXT NOT NULL DEFAULT 'scim';
