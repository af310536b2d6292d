"""The settings page: people, office, papers, printers, look, backup."""
