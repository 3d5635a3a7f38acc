"""Odd but valid pictures for Easel's tests, and what they show: writes them and expected.json beside itself.

    pip install pillow==13.0.0
    python3 tests/data/odd/make.py

Every file shows four coloured quarters, 32 × 24 pixels upright, so that turned, mirrored, wrongly converted
or half-decoded pictures are all found out by the colours in the middle of the quarters. Native and browser
tests read the same files and the same expectations. The tests make the broken files themselves.
"""

import io
import json
import pathlib
import struct

from PIL import Image, ImageCms

HERE = pathlib.Path(__file__).parent
W, H = 32, 24
QUARTERS = [(200, 40, 30), (40, 160, 60), (30, 60, 190), (230, 200, 50)]  # top left, top right, bottom left, bottom right
WHITE = (255, 255, 255)
POINTS = [(W // 4, H // 4), (3 * W // 4, H // 4), (W // 4, 3 * H // 4), (3 * W // 4, 3 * H // 4)]
expected = {}


def quarters(colours=QUARTERS, mode="RGB"):
    picture = Image.new(mode, (W, H))
    for i, colour in enumerate(colours):
        picture.paste(colour, (i % 2 * W // 2, i // 2 * H // 2, (i % 2 + 1) * W // 2, (i // 2 + 1) * H // 2))
    return picture


def write(name, content, colours=QUARTERS, tolerance=2, only=None):
    """`only`: "native" or "browser" where the other does not read it so."""
    (HERE / name).write_bytes(content)
    expected[name] = {"colours": colours, "tolerance": tolerance} | ({"only": only} if only else {})


def saved(picture, kind, **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


# Stored so that the orientation tag brings it upright (CIPA DC-008, table of Orientation).
STORED = {
    1: lambda p: p,
    2: lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda p: p.transpose(Image.Transpose.ROTATE_180),
    4: lambda p: p.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda p: p.transpose(Image.Transpose.TRANSPOSE),
    6: lambda p: p.transpose(Image.Transpose.ROTATE_90),
    7: lambda p: p.transpose(Image.Transpose.TRANSVERSE),
    8: lambda p: p.transpose(Image.Transpose.ROTATE_270),
}
for orientation, stored in STORED.items():
    exif = Image.Exif()
    exif[0x0112] = orientation
    jpeg = saved(stored(quarters()), "JPEG", quality=95, subsampling=0, exif=exif)
    write(f"orientation-{orientation}.jpg", jpeg, tolerance=6)
exif = Image.Exif()
exif[0x0112] = 6
# Chromium shows WebP as stored, in every page.
write("orientation-6.webp", saved(STORED[6](quarters()), "WEBP", lossless=True, exif=exif), only="native")
write("orientation-6.png", saved(STORED[6](quarters()), "PNG", exif=exif))

write("progressive.jpg", saved(quarters(), "JPEG", quality=95, subsampling=0, progressive=True), tolerance=6)
greys = [round(0.299 * r + 0.587 * g + 0.114 * b) for r, g, b in QUARTERS]
write("grey.jpg", saved(quarters().convert("L"), "JPEG", quality=95), [(v, v, v) for v in greys], 4)
# Four inks without a profile: red is (1 - cyan)(1 - black), and so on.
inks = [(30, 220, 210, 10), (200, 60, 190, 40), (220, 190, 40, 30), (10, 40, 200, 20)]
rgb = [tuple(round((255 - i) * (255 - k) / 255) for i in (c, m, y)) for c, m, y, k in inks]
write("cmyk.jpg", saved(quarters(inks, "CMYK"), "JPEG", quality=95, subsampling=0), rgb, 8)

write("palette.png", saved(quarters().quantize(8), "PNG"))
indexed = quarters([0, 1, 2, 3], "P")
indexed.putpalette([v for colour in QUARTERS for v in colour])
write("palette-transparent.png", saved(indexed, "PNG", transparency=3), QUARTERS[:3] + [WHITE])
write("grey-alpha.png", saved(quarters([(40, 255), (120, 255), (200, 0), (90, 128)], "LA"), "PNG"), [(40,) * 3, (120,) * 3, WHITE, (172,) * 3])
write("interlaced.gif", saved(quarters().quantize(8), "GIF", interlace=1))
write("grey-16.png", saved(quarters([10 * 257, 90 * 257, 170 * 257, 250 * 257], "I;16"), "PNG"), [(v,) * 3 for v in (10, 90, 170, 250)])
write("picture.bmp", saved(quarters(), "BMP"))
write("picture.tif", saved(quarters(), "TIFF", compression="tiff_lzw"), only="native")
write("picture.avif", saved(quarters(), "AVIF", quality=95, subsampling="4:4:4"), tolerance=12, only="browser")
write("one-bit.png", saved(quarters([0, 1, 1, 0], "1"), "PNG"), [(0,) * 3, WHITE, WHITE, (0,) * 3])

other = quarters([(0, 0, 0)] * 4)
clear = quarters([(*c, a) for c, a in zip(QUARTERS, (255, 0, 255, 128))], "RGBA")
over = [tuple(round((v * a + 255 * (255 - a)) / 255) for v in c) for c, a in zip(QUARTERS, (255, 0, 255, 128))]
write("alpha.png", saved(clear, "PNG"), over)
write("alpha.webp", saved(clear, "WEBP", lossless=True, exact=True), over)
write("lossy.webp", saved(quarters(), "WEBP", quality=95), tolerance=12)
write("animated.gif", saved(quarters().quantize(8), "GIF", save_all=True, append_images=[other.quantize(2)], duration=100, loop=0))
write("animated.webp", saved(quarters(), "WEBP", save_all=True, append_images=[other], duration=100, lossless=True))

# Red and green exchanged by the profile: a decoder that ignores it is found out at once.
srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
count = struct.unpack_from(">I", srgb, 128)[0]
tags = {bytes(srgb[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
red, green = (bytes(srgb[tags[tag] + 4 : tags[tag] + 12]) for tag in (b"rXYZ", b"gXYZ"))
srgb[tags[b"rXYZ"] + 4 : tags[b"rXYZ"] + 12], srgb[tags[b"gXYZ"] + 4 : tags[b"gXYZ"] + 12] = green, red
exchanged = [(g, r, b) for r, g, b in QUARTERS]
for name, kind, options, tolerance in [
    ("profile.png", "PNG", {}, 3),
    ("profile.jpg", "JPEG", {"quality": 95, "subsampling": 0}, 8),
    ("profile.webp", "WEBP", {"lossless": True}, 3),
]:
    write(name, saved(quarters(), kind, icc_profile=bytes(srgb), **options), exchanged, tolerance)

files = ",\n".join(f"    {json.dumps(name)}: {json.dumps(entry)}" for name, entry in sorted(expected.items()))
head = f'"width": {W}, "height": {H}, "points": {json.dumps(POINTS)}'
(HERE / "expected.json").write_text(f'{{\n  {head},\n  "files": {{\n{files}\n  }}\n}}\n')
