-- How many users of a tenant may be disabled or deleted in one cycle before that is said. Only adds.

-- A row only where something is set, and NULL where the rule holds that the program knows.
CREATE TABLE guards (
  tenant              TEXT NOT NULL PRIMARY KEY,
  mass_deprovisioning INTEGER                     -- so many users may go
) WITHOUT ROWID;
