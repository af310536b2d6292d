"""Every speed this product claims, beside its peer or floor, from one interleaved run."""
