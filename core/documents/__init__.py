"""Paper: the notice's forms and the office's own slips as A4 PDFs made in memory, previewed and printed."""
