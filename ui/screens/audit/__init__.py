"""操作记录: all that was ever done, for the auditor, and the proof that nothing was changed."""
