"""Private keys and what is locked with them: signing, sealing, passwords, recovery codes."""
