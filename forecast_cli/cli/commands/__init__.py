"""The commands, one module each. The function `command` of a module calls one workflow and prints the result."""
