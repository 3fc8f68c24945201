-- What a message that was not accepted held, so that the same message is sent at the next attempt. Only adds.
ALTER TABLE webhook_endpoints ADD COLUMN tried_sequence INTEGER;  -- `seq` of the row of its last event; NULL: the last attempt succeeded
ALTER TABLE webhook_endpoints ADD COLUMN tried_index INTEGER;     -- the place of that event within the row
