"""变更办理: a unit's life-cycle changes, filed by one person and approved by another."""
