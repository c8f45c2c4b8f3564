"""Rendering editions: what is stale, running it, and publishing it without ever breaking a good page.

`orchestration.refresh` does it all; `recap.status` only looks. The modules are its steps: `keys` and `plan`
(what is stale and why), `pool` (a process a run) with `preloaded` (what they share), `engine` and `run` (one
notebook), `content`, `markup` and `export` (its page), `publish` (the swap),
`index` (the way in), `recap` (what happened). Importing the package loads none of them: a refresh with
nothing to do must not pay for papermill or pandas.
"""
