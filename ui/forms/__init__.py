"""A form specification shown as a screen that mirrors the paper."""
