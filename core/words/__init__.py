"""Words by which a unit is found: folded names, character pairs for the index, pinyin initials.

Pure text in, text out; the tables that hold the words belong to the store (store-sync.md §7).
"""

from core.words.initials import pinyin_initials
from core.words.pairs import QueryKind, fold, match_expression, pairs, query_kind, singles

__all__ = ["QueryKind", "fold", "match_expression", "pairs", "pinyin_initials", "query_kind", "singles"]
