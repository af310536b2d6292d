"""How the hub's schema came to be, revision by revision."""
