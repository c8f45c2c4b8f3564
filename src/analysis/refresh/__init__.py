"""Rendering editions: what is stale, running it, and publishing it without ever breaking a good page.

`orchestration.refresh` does it all; docs/architecture.md tells how. Importing the package loads nothing.
"""
