"""Several worker hosts on one machine, each with a network of its own."""
