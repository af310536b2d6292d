"""The forms themselves: 附件1, 附件3 of 琼编办〔2023〕34号, and the office's record of a unit.

A published version is never edited: a change is a new module with the next version, added to the
registry beside the old one.
"""
