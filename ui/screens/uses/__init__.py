"""用证清单: which department verified which of the office's units, when, for what."""
