"""One gate a file, in a value `GATE`; dropping the file in is enough."""
