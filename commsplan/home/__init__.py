"""The first page of each kind of user, and search; reads every step."""
