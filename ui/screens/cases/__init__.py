"""受理台账: every case, where it stands, what happened to it and what may be done next."""
