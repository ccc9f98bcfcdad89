"""Explorers: controls above one live figure above one sentence; one file a notebook.

explorer          the class that all of them share: controls, one picture, one sentence
live_experiment   explorers over runs that are recorded, and trained live
learnt            stacks that learn the same in several ways, side by side
questions         questions that answer back
"""
