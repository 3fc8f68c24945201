-- How much a tenant may hold. Only adds: the Worker of the release before goes on with it.

-- Settings of a tenant; a row only where one is set, and NULL where the default holds, which the program knows.
CREATE TABLE quotas (
  tenant          TEXT    NOT NULL PRIMARY KEY,  -- `default` may have a row too
  max_users       INTEGER,
  max_groups      INTEGER,
  max_memberships INTEGER,
  max_bytes       INTEGER
) WITHOUT ROWID;

-- What the columns `document` and `search` of the resources take, in bytes.
ALTER TABLE totals ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;

UPDATE totals SET bytes = (
  SELECT coalesce(sum(octet_length(r.document) + octet_length(r.search)), 0) FROM resources AS r
  WHERE r.tenant = totals.tenant AND r.type = totals.type);

-- Memberships are counted beside users and groups. The statements that add and remove them count what they did, by
-- changes(): a trigger would write a row more for each.
INSERT INTO totals (tenant, type, total) SELECT tenant, 'Membership', count(*) FROM memberships GROUP BY tenant;

DROP TRIGGER resources_inserted;
DROP TRIGGER resources_deleted;

CREATE TRIGGER resources_inserted AFTER INSERT ON resources
BEGIN
  INSERT INTO totals (tenant, type, total, bytes)
    VALUES (NEW.tenant, NEW.type, 1, octet_length(NEW.document) + octet_length(NEW.search))
    ON CONFLICT (tenant, type) DO UPDATE SET total = total + 1, bytes = bytes + excluded.bytes;
  INSERT OR IGNORE INTO emails (tenant, value, resource_id)
    SELECT NEW.tenant, json_extract(email.value, '$.value'), NEW.id FROM json_each(NEW.search, '$.emails') AS email
    WHERE json_extract(email.value, '$.value') IS NOT NULL;
END;

CREATE TRIGGER resources_resized AFTER UPDATE OF document, search ON resources
WHEN octet_length(OLD.document) + octet_length(OLD.search) <> octet_length(NEW.document) + octet_length(NEW.search)
BEGIN
  UPDATE totals SET bytes = bytes + octet_length(NEW.document) + octet_length(NEW.search)
    - octet_length(OLD.document) - octet_length(OLD.search) WHERE tenant = NEW.tenant AND type = NEW.type;
END;

CREATE TRIGGER resources_deleted AFTER DELETE ON resources
BEGIN
  UPDATE totals SET total = total - 1, bytes = bytes - octet_length(OLD.document) - octet_length(OLD.search)
    WHERE tenant = OLD.tenant AND type = OLD.type;
  DELETE FROM memberships WHERE tenant = OLD.tenant AND group_id = OLD.id;
  UPDATE totals SET total = total - changes() WHERE tenant = OLD.tenant AND type = 'Membership' AND changes() > 0;
  -- By primary key: for a DELETE by member alone, SQLite would walk through all memberships of the tenant.
  DELETE FROM memberships WHERE tenant = OLD.tenant AND member_id = OLD.id
    AND group_id IN (SELECT group_id FROM memberships WHERE tenant = OLD.tenant AND member_id = OLD.id);
  UPDATE totals SET total = total - changes() WHERE tenant = OLD.tenant AND type = 'Membership' AND changes() > 0;
  DELETE FROM emails WHERE tenant = OLD.tenant AND resource_id = OLD.id
    AND value IN (SELECT json_extract(email.value, '$.value') FROM json_each(OLD.search, '$.emails') AS email);
END;
