-- Ends a transaction; for a write it is sent by itself.
COMMIT;
