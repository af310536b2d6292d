"""Use cases: what a clerk, a reviewer, an operator or a batch verb asks for, one verb each."""
