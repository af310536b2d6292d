"""The cover over a locked desk: sign in, recover, restore."""
