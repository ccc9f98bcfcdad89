"""Pictures: functions that take `ax` first and compose into panels; one palette, one style.

palette   which colour means what, in every notebook
figure    a figure in the course's style, and a picture that a notebook shows
arrays    matrices with their numbers and their shape, bars, word labels
block     the encoder block with one step lit
"""
