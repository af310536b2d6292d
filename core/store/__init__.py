"""The desk's encrypted database. SQLAlchemy stops at this door; only frozen values leave."""
