"""申领登记 and 变更责任人: from the unit to the signed paper that goes to review."""
