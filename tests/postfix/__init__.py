"""The engine in front of a real Postfix on this machine."""
