"""Exercises that answer back: one file per notebook, each with its check_… functions.

What all of them share:

check       an exercise, and the way from an answer to a verdict
running     calls a student's function: on copies, for a limited time
values      compares two values, and writes a value in a few words
variants    the right computation with a step left out, doubled or changed
phrases     functions with a phrase each, that may stand in place of another
search      looks for what explains a wrong answer, by these:
relations     what holds between the results and the right ones
formulas      the shortest formula that gives the same numbers
influence     which arguments a result depends on
failures      errors, and results of another kind
shapes      predicted shapes
verdict     what is said, as text, in colour and for a program
"""
