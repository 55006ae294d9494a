"""The demo organisation and the one command that runs everything on one machine."""
