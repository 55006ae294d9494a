"""One row per copy per person: the ledger, the workers, the wire."""
