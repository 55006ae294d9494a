"""Questions after a message, and what people answered."""
