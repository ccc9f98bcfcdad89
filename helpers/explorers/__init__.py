"""Explorers: controls above one live figure above one sentence; one file a notebook.

explorer   the machine that all of them share
"""
