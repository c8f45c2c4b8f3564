"""Rendering editions: what is stale, running it, and publishing it without ever breaking a good page.

`orchestration.refresh` does it all; `recap.status` only looks. Importing the package loads no module of it: a
refresh with nothing to do must not pay for papermill or pandas.
"""
