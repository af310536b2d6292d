"""What happened: append-only signed actions, the states they fold to, and the rules they obey. Pure."""
