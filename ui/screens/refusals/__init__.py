"""退回事项: what the hub refused of this desk, beside what stands instead; a person chooses."""
