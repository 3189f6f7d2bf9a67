"""Make pictures of pages small: 256 colours, the most frequent and the most different, in a PNG with a palette."""

from __future__ import annotations

import base64
import json
import struct
import zlib

from tests.browser.chromium import Tab

_REDUCE = """
(async (address) => {
  const picture = await createImageBitmap(await (await fetch(address)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  const pixels = new Uint32Array(pen.getImageData(0, 0, picture.width, picture.height).data.buffer);
  const count = new Map();
  for (const pixel of pixels) count.set(pixel, (count.get(pixel) || 0) + 1);
  const away = (one, other) =>
    [0, 8, 16].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);
  const shades = [...count.keys()].sort((one, other) => count.get(other) - count.get(one));
  const colours = shades.slice(0, 208);
  const far = shades.slice(208).map((shade) => [shade, Math.min(...colours.map((colour) => away(colour, shade)))]);
  while (colours.length < 256 && far.length) {
    const [rarest] = far.reduce((best, one) => (one[1] > best[1] ? one : best));
    colours.push(rarest);
    for (const one of far) one[1] = Math.min(one[1], away(one[0], rarest));
  }
  const nearest = (pixel) => colours.reduce((best, one) => (away(one, pixel) < away(best, pixel) ? one : best));
  const number = new Map(colours.map((colour, index) => [colour, index]));
  for (const pixel of count.keys()) if (!number.has(pixel)) number.set(pixel, number.get(nearest(pixel)));
  let text = "";
  for (const pixel of pixels) text += String.fromCharCode(number.get(pixel));
  return { width: picture.width, height: picture.height, colours, pixels: btoa(text) };
})
"""


def smaller(tab: Tab, picture: bytes) -> bytes:
    """Return a PNG with the same picture in fewer colours; ``tab`` is any open page that may run scripts."""
    address = "data:image/png;base64," + base64.b64encode(picture).decode()
    reduced = tab.evaluate(f"{_REDUCE}({json.dumps(address)})")
    palette = b"".join(struct.pack("<I", colour & 0xFFFFFF)[:3] for colour in reduced["colours"])
    return _png(reduced["width"], reduced["height"], palette, base64.b64decode(reduced["pixels"]))


def _png(width: int, height: int, palette: bytes, pixels: bytes) -> bytes:
    rows = b"".join(b"\0" + pixels[i : i + width] for i in range(0, width * height, width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*parts, strict=True)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
