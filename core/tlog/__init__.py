"""The tamper-evident record as pure functions: Merkle tree (RFC 6962), signed checkpoints, tiles (C2SP)."""
