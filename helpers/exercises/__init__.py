"""Exercises that answer back: one file a notebook, each with its check_… functions.

check   the machine that all of them share
"""
