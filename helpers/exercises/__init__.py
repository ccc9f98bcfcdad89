"""Exercises that answer back: one file per notebook, each with its check_… functions.

What all of them share:

check       an exercise, and the way from an answer to a verdict
running     calls a student's function: on copies, for a limited time
values      compares two values, and writes a value in a few words
phrases     functions with a phrase each, that may stand in place of another
variants    the right computation with a step left out, doubled or changed
diagnosis   what holds between a wrong answer and the right one
formulas    the shortest formula that gives the same numbers
shapes      predicted shapes
verdict     what is said, as text, in colour and for a program
"""
