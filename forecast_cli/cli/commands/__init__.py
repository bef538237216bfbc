"""One module per command: its `command` parses the options, calls one workflow and prints the result."""
