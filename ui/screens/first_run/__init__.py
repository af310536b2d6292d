"""The first start: a rehearsal in one click, or a real office step by step."""
