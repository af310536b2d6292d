"""核验: scan, paste or choose what somebody shows, and see 有效, 无效 or 无法确认."""
