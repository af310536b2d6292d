"""The provincial hub: judges what desks did, honours claim codes, issues and voids certificates. No Qt."""
