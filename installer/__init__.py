"""Making the program installable: the frozen bundle, two .deb, the Windows setup (docs/install.md)."""
