"""The desk without a window: batch verbs for migration, provincial batches and operators (docs/cli.md).

A verb reads its arguments, asks the same services as the window, and answers with one JSON object.
Nothing here decides anything: every rule stays where the window finds it.
"""
