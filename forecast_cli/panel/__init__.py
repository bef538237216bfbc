"""The panel (all series of a file): its data structure, its calendar, its description, and how it is read."""
