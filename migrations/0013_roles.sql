-- Which roles of the vendor's application the members of a group get. Only adds.

-- A group mapped to a role.
CREATE TABLE group_roles (
  tenant   TEXT    NOT NULL,
  group_id TEXT    NOT NULL,
  role     TEXT    NOT NULL,  -- the application's own word
  id       TEXT    NOT NULL,  -- UUIDv7: how administrators name the mapping, and in the order of creation
  created  INTEGER NOT NULL,  -- milliseconds since 1970
  maker    TEXT    NOT NULL,  -- who mapped it
  PRIMARY KEY (tenant, group_id, role)
) WITHOUT ROWID;

CREATE UNIQUE INDEX group_roles_by_id ON group_roles (tenant, id);

-- A group that is deleted gives nothing any more. Of other resources the trigger does nothing.
CREATE TRIGGER group_roles_end AFTER DELETE ON resources
WHEN OLD.type = 'Group'
BEGIN
  DELETE FROM group_roles WHERE tenant = OLD.tenant AND group_id = OLD.id;
END;

-- The groups that are members of a group, without the users among its members. Memberships of users are not in it and cost nothing.
CREATE INDEX memberships_of_groups ON memberships (tenant, group_id, member_id) WHERE member_type = 'Group';
