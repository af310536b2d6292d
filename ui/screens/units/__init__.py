"""单位登记: the office's register of public institutions, searched, entered and corrected by hand."""
