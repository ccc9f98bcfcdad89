"""The frames of one figure as PNG files, quickly: only what changed is compressed anew.

Between two positions of a slider most of a picture stays the same. A PNG's pixels are one
zlib stream, and such a stream may be put together from blocks that know nothing of each other.
So the picture is cut into bands, and the block of a band that did not change is used again.

Source: the PNG specification (W3C, 2003), sections 5 and 10; RFC 1950 for the checksum.
"""

import struct
import zlib

import numpy as np

BAND = 16  # rows: few enough to leave much unchanged, enough for zlib to find repetitions
MODULUS = 65521  # of Adler-32


class LivePng:
    """Turns frames (height, width, 4) of uint8 into PNG files; keeps the last frame's bands."""

    def __init__(self):
        self._colours = None
        self._bands = []

    def encode(self, pixels):
        """Return the frame as the bytes of a PNG file; alpha is left behind, the card is opaque.

        pixels: (height, width, 4), uint8. Raises ValueError for another shape or type.
        """
        pixels = np.asarray(pixels)
        if pixels.ndim != 3 or pixels.shape[-1] != 4 or pixels.dtype != np.uint8:
            raise ValueError(
                f"pixels are {pixels.dtype} {pixels.shape}; expected uint8 (height, width, 4)"
            )
        height, width, _ = pixels.shape
        colours = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]  # (height, width)
        if self._colours is None or self._colours.shape != colours.shape:
            self._bands = [None] * -(-height // BAND)
            changed = np.ones(height, dtype=bool)
        else:
            changed = (colours != self._colours).any(axis=1)  # (height,)
        bands = list(self._bands)
        for number, top in enumerate(range(0, height, BAND)):
            if changed[top : top + BAND].any():
                bands[number] = _compressed(pixels[top : top + BAND])
        self._colours, self._bands = colours.copy(), bands

        # zlib header; the blocks; an empty last block; the checksum of all raw bytes
        stream = b"\x78\x01" + b"".join(block for block, _, _ in bands)
        stream += b"\x03\x00" + struct.pack(">I", _joined_checksum(bands))
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
        return (
            b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", header)
            + _chunk(b"IDAT", stream)
            + _chunk(b"IEND", b"")
        )


def _compressed(rows):
    """Return a band's deflate block, its checksum and the length of its raw bytes."""
    count, width, _ = rows.shape
    raw = np.zeros((count, 1 + 3 * width), np.uint8)  # each row begins with its filter: none
    for channel in range(3):  # one long run a channel is quicker than many runs of three
        raw[:, 1 + channel :: 3] = rows[..., channel]
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(raw) + packer.flush(zlib.Z_FULL_FLUSH)
    return block, zlib.adler32(raw), raw.size


def _joined_checksum(bands):
    """Return the Adler-32 of all bands' raw bytes from the bands' own."""
    low, high = 1, 0
    for _, checksum, size in bands:
        band_low, band_high = checksum & 0xFFFF, checksum >> 16
        high = (high + band_high + size * (low - 1)) % MODULUS
        low = (low + band_low - 1) % MODULUS
    return high << 16 | low


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
