"""The README's pictures, made by a script from invented data."""
