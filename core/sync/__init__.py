"""The corridor under every room: the same signed envelope by https, and later by USB stick."""
