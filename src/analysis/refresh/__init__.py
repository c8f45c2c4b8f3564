"""Rendering editions: what is stale, running it, and publishing it without ever breaking a good page.

`analysis.refresh.engine.refresh` does it all; `analysis.refresh.status.status` only looks. The modules
are the steps of a refresh: `plan` (what is stale and why), `host` and `kernels` (processes to run it in),
`run` (one notebook), `export` (its page and figures), `checks` (may it be published), `publish` (the
swap) with `manifest` (what is published), `recap` (what happened). Importing the package loads none of
them: a refresh with nothing to do must not pay for papermill, pandas or nbconvert.
"""
