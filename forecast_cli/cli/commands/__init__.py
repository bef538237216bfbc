"""One module a command: each has its `command`, which parses, makes one call and prints."""
