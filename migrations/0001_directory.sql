-- The directory: users, groups and who is a member of what. Everything is keyed by tenant.

-- A user or group. What the client stored is `document`; every other column follows from it or is the server's.
CREATE TABLE resources (
  tenant        TEXT    NOT NULL,
  type          TEXT    NOT NULL,  -- 'User' or 'Group'
  id            TEXT    NOT NULL,  -- UUIDv7: unguessable, and in the order of creation
  version       INTEGER NOT NULL,  -- counts the writes; the ETag
  revision      TEXT    NOT NULL,  -- the write that made this version, so that its batch can tell it succeeded
  created       INTEGER NOT NULL,  -- milliseconds since 1970, like last_modified
  last_modified INTEGER NOT NULL,
  unique_key    TEXT    NOT NULL,  -- a user's userName, a group's displayName, case-folded
  display_key   TEXT,              -- a user's displayName, case-folded
  external_id   TEXT,              -- as it was sent: externalId is caseExact
  document      TEXT    NOT NULL,  -- JSON, as it was sent
  search        TEXT    NOT NULL,  -- the same, in the form in which filters compare: case-folded, times as numbers
  PRIMARY KEY (tenant, type, id)
);

CREATE UNIQUE INDEX resources_by_unique_key ON resources (tenant, type, unique_key);
CREATE INDEX resources_by_display_key ON resources (tenant, type, display_key) WHERE display_key IS NOT NULL;
CREATE INDEX resources_by_external_id ON resources (tenant, type, external_id) WHERE external_id IS NOT NULL;

-- The e-mail addresses of users, case-folded. Identity providers match by them, and a user has several.
CREATE TABLE emails (
  tenant      TEXT NOT NULL,
  value       TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  PRIMARY KEY (tenant, value, resource_id)
) WITHOUT ROWID;

-- Who is a direct member of which group.
CREATE TABLE memberships (
  tenant      TEXT NOT NULL,
  group_id    TEXT NOT NULL,
  member_id   TEXT NOT NULL,
  member_type TEXT NOT NULL,
  PRIMARY KEY (tenant, group_id, member_id)
) WITHOUT ROWID;

CREATE INDEX memberships_by_member ON memberships (tenant, member_id);

-- How many resources there are, so that a listing need not count them.
CREATE TABLE totals (
  tenant TEXT    NOT NULL,
  type   TEXT    NOT NULL,
  total  INTEGER NOT NULL,
  PRIMARY KEY (tenant, type)
) WITHOUT ROWID;

-- The tables above that follow from `resources` follow it by trigger: no statement can forget them.

CREATE TRIGGER resources_inserted AFTER INSERT ON resources
BEGIN
  INSERT INTO totals (tenant, type, total) VALUES (NEW.tenant, NEW.type, 1)
    ON CONFLICT (tenant, type) DO UPDATE SET total = total + 1;
  INSERT OR IGNORE INTO emails (tenant, value, resource_id)
    SELECT NEW.tenant, json_extract(email.value, '$.value'), NEW.id FROM json_each(NEW.search, '$.emails') AS email
    WHERE json_extract(email.value, '$.value') IS NOT NULL;
END;

CREATE TRIGGER resources_updated AFTER UPDATE OF search ON resources
WHEN json_extract(OLD.search, '$.emails') IS NOT json_extract(NEW.search, '$.emails')
BEGIN
  DELETE FROM emails WHERE tenant = OLD.tenant AND resource_id = OLD.id
    AND value IN (SELECT json_extract(email.value, '$.value') FROM json_each(OLD.search, '$.emails') AS email);
  INSERT OR IGNORE INTO emails (tenant, value, resource_id)
    SELECT NEW.tenant, json_extract(email.value, '$.value'), NEW.id FROM json_each(NEW.search, '$.emails') AS email
    WHERE json_extract(email.value, '$.value') IS NOT NULL;
END;

CREATE TRIGGER resources_deleted AFTER DELETE ON resources
BEGIN
  UPDATE totals SET total = total - 1 WHERE tenant = OLD.tenant AND type = OLD.type;
  DELETE FROM memberships WHERE tenant = OLD.tenant AND group_id = OLD.id;
  -- By primary key: for a DELETE by member alone, SQLite would walk through all memberships of the tenant.
  DELETE FROM memberships WHERE tenant = OLD.tenant AND member_id = OLD.id
    AND group_id IN (SELECT group_id FROM memberships WHERE tenant = OLD.tenant AND member_id = OLD.id);
  DELETE FROM emails WHERE tenant = OLD.tenant AND resource_id = OLD.id
    AND value IN (SELECT json_extract(email.value, '$.value') FROM json_each(OLD.search, '$.emails') AS email);
END;
