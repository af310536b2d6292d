"""审核核准: another person compares the signed scan with what was filed, and approves or returns."""
