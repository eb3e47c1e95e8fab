"""The end of a migration: what there was at its start, held against what there is, gate by gate."""
