"""How events get from the processes of an application to the one that writes the ledger: at least once, and the ledger keeps each once."""
