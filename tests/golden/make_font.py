"""Make helpers/data/fonts: the Korean letters that pictures use where a reader types them.

    python tests/golden/make_font.py     needs fonttools and Debian's package fonts-noto-cjk

Each font is a subset of Noto Sans CJK KR: the 2,350 syllables of KS X 1001, their single letters,
and punctuation. The Open Font License asks that a changed font has another name.
"""

import re
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection

SOURCE = Path("/usr/share/fonts/opentype/noto")
LICENSE = Path("/usr/share/doc/fonts-noto-cjk/copyright")
FOLDER = Path(__file__).parents[2] / "helpers" / "data" / "fonts"
FAMILY = "Course Hangul"
KOREAN = 1  # of the fonts in a file, the one with Korean shapes
WEIGHTS = {"Regular": 400, "Bold": 700}
ABOUT = (
    "A subset of Noto Sans CJK KR 2.004 (Sandoll Communications and others), renamed.\n\n"
    "Copyright 2014-2021 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'.\n"
    "Noto is a trademark of Google Inc.\n\n"
    "This Font Software is licensed under the SIL Open Font License, Version 1.1.\n"
    "This license is copied below, and is also available with a FAQ at: https://openfontlicense.org\n\n"
)


def letters():
    """Return what the fonts hold: the syllables of KS X 1001, single letters, punctuation."""
    syllables = [chr(code) for code in range(0xAC00, 0xD7A4)]
    common = [letter for letter in syllables if len(letter.encode("euc_kr")) == 2]
    single = [chr(code) for code in range(0x3131, 0x3190)]
    punctuation = list("、。〈〉《》「」『』【】〔〕〜・！（），．：；？～￦")
    return [*common, *single, *punctuation]


def license_text():
    """Return the licence as a text of its own, out of Debian's file."""
    text = LICENSE.read_text(encoding="utf-8")
    text = text[text.index("License: SIL-1.1\n -----") :].split("\nLicense: GPL-3+")[0]
    lines = [re.sub(r"^ \.?", "", line) for line in text.splitlines()[1:]]
    return ABOUT + "\n".join(lines).strip() + "\n"


def subset(style):
    """Return the font of a weight, with these letters alone, under its new name."""
    font = TTCollection(SOURCE / f"NotoSansCJK-{style}.ttc").fonts[KOREAN]
    options = Options(hinting=False, layout_features=[], name_IDs=[0, 13, 14], notdef_outline=True)
    options.drop_tables += ["BASE", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=map(ord, letters()))
    subsetter.subset(font)
    postscript = f"{FAMILY.replace(' ', '')}-{style}"
    names = {1: FAMILY, 2: style, 3: postscript, 4: f"{FAMILY} {style}", 6: postscript}
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = WEIGHTS[style]
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    top = cff.topDictIndex[0]
    top.FullName, top.FamilyName = names[4], FAMILY
    for part in top.FDArray:
        part.FontName = postscript
    font.recalcTimestamp = False
    return font


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "OFL.txt").write_text(license_text(), encoding="utf-8")
    for style in WEIGHTS:
        path = FOLDER / f"course-hangul-{style.lower()}.otf"
        subset(style).save(path)
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KB")
