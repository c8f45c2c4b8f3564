"""The command line, one module a group of commands; `command` gathers them."""

from analysis.cli.command import app, main

__all__ = ["app", "main"]
