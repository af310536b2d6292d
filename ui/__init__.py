"""The desk's window: Qt lives here and only here."""
