"""Explorers: controls above one live figure above one sentence; one file a notebook.

explorer    the machine that all of them share
questions   questions that answer back, and a guess that opens an explorer
"""
