"""One package a screen; screens know the navigator and nothing of each other."""
