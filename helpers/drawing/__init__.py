"""Pictures: functions that take `ax` first and compose into panels; one palette, one style.

palette      which colour means what, in every notebook
figure       a figure in the course's style, and a picture that a notebook shows
png          the pixels of a figure as a file
numbers      numbers as a reader writes them
arrays       matrices with their numbers and their shape, word labels
block        the encoder block with one step lit
sheet        a figure measured in pixels: arrows, frames, pale earlier curves
live_cells   cells with numbers    \
live_matrix  heat maps              } that may change at every move of a slider
live_text    lines of text         /
bars         bars of changing heights
marks        rings, learning curves and line styles that lessons share
"""

import logging
import sys

if sys.platform == "emscripten":  # in a browser the list of fonts is made anew each time, and told
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
