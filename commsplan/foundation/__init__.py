"""The ground everything stands on: clock, settings, database, tokens, errors, audit trail."""
