"""A frame of pixels as a PNG file, quickly: no filters, the fastest level of zlib.

Source: the PNG specification (W3C, 2003), sections 5, 10 and 11.
"""

import struct
import zlib

import numpy as np


def png(pixels, dots_per_inch):
    """Return a frame as the bytes of a PNG file; alpha is left out, since the card is opaque.

    pixels: (height, width, 4), uint8. Raises ValueError for another shape or type.
    """
    pixels = np.asarray(pixels)
    if pixels.ndim != 3 or pixels.shape[-1] != 4 or pixels.dtype != np.uint8:
        raise ValueError(
            f"pixels are {pixels.dtype} {pixels.shape}; expected uint8 (height, width, 4)"
        )
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each begins with its filter: 0 for none
    for channel in range(3):  # one long copy per channel is quicker than many of three bytes
        rows[:, 1 + channel :: 3] = pixels[..., channel]
    dots_per_metre = round(dots_per_inch / 0.0254)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))  # 8 bits, RGB
        + _chunk(b"pHYs", struct.pack(">IIB", dots_per_metre, dots_per_metre, 1))
        + _chunk(b"IDAT", zlib.compress(rows, 1))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
