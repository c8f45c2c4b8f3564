"""Fazhi: evidence-backed comparison of Chinese cities' yearly rule-of-law government reports."""
