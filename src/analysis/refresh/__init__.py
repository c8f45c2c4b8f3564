"""Rendering editions without ever breaking a good page; importing the package loads nothing."""
