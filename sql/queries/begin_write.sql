-- Opens a transaction that writes.
BEGIN READ WRITE;
