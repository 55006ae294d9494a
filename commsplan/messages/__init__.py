"""What we say: text, versions, previews, and the links in it."""
