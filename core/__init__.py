"""The rules and the desk's machinery. No Qt: importable and testable without a display."""
