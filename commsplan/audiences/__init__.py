"""Whom we address: a rule over the directory, resolved to people when it is needed."""
