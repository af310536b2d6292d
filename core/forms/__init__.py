"""What may be asked: forms as data, and pure rules over their values. No state, no clock, no Qt.

Read in this order: ``spec`` (the vocabulary), ``catalogue`` (the notice's forms in that vocabulary),
``characters`` and the ``*_kinds`` (what a value looks like), ``rules`` (what values mean together),
``check`` (the one door through which screen, paper, review and hub ask).
"""
