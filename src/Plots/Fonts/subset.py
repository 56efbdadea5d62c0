#!/usr/bin/env python3
"""Makes the font of this folder from DejaVuSans.ttf 2.37: subset.py DejaVuSans.ttf DejaVuSans.subset.ttf

Keeps the outlines of Latin, Greek and Cyrillic letters, of punctuation and of common signs of mathematics; leaves out hints and layout tables.
"""
import struct
import sys

RANGES = [
    (0x0020, 0x007E), (0x00A0, 0x024F), (0x02B0, 0x02FF), (0x0300, 0x036F), (0x0370, 0x03FF), (0x0400, 0x052F), (0x1E00, 0x1EFF),
    (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x25A0, 0x25FF), (0xFFFD, 0xFFFD),
]


def tables(font):
    count = struct.unpack(">H", font[4:6])[0]
    found = {}
    for i in range(count):
        tag, _, offset, length = struct.unpack(">4sLLL", font[12 + 16 * i:28 + 16 * i])
        found[tag.decode()] = font[offset:offset + length]
    return found


def characters(cmap):
    for i in range(struct.unpack(">H", cmap[2:4])[0]):
        platform, encoding, offset = struct.unpack(">HHL", cmap[4 + 8 * i:12 + 8 * i])
        if (platform, encoding) == (3, 10) and struct.unpack(">H", cmap[offset:offset + 2])[0] == 12:
            groups = struct.unpack(">L", cmap[offset + 12:offset + 16])[0]
            mapping = {}
            for g in range(groups):
                first, last, glyph = struct.unpack(">LLL", cmap[offset + 16 + 12 * g:offset + 28 + 12 * g])
                for c in range(first, last + 1):
                    mapping[c] = glyph + c - first
            return mapping
    raise ValueError("The font has no table of all characters.")


def components(glyph):
    """Offsets of the glyph numbers of a composite glyph, and where its last component ends."""
    at, offsets = 10, []
    while True:
        flags = struct.unpack(">H", glyph[at:at + 2])[0]
        offsets.append(at + 2)
        start = at
        at += 4 + (4 if flags & 1 else 2)
        at += 8 if flags & 0x80 else 4 if flags & 0x40 else 2 if flags & 8 else 0
        if not flags & 0x20:
            return offsets, start, at


def is_composite(glyph):
    return len(glyph) > 0 and struct.unpack(">h", glyph[:2])[0] < 0


def without_hints(glyph):
    if not glyph:
        return glyph
    if is_composite(glyph):
        offsets, _, end = components(glyph)
        plain = bytearray(glyph[:end])
        for at in offsets:
            flags = struct.unpack(">H", plain[at - 2:at])[0]
            plain[at - 2:at] = struct.pack(">H", flags & ~0x100)
        return bytes(plain)
    contours = struct.unpack(">h", glyph[:2])[0]
    at = 10 + 2 * contours
    length = struct.unpack(">H", glyph[at:at + 2])[0]
    return glyph[:at] + b"\0\0" + glyph[at + 2 + length:]


def format4(mapping):
    segments, codes = [], sorted(mapping)
    for c in codes:
        if segments and c == segments[-1][1] + 1 and mapping[c] - c == segments[-1][2]:
            segments[-1][1] = c
        else:
            segments.append([c, c, mapping[c] - c])
    segments.append([0xFFFF, 0xFFFF, 1])
    n = len(segments)
    power = 1
    while 2 * power <= n:
        power *= 2
    body = struct.pack(">HHHH", 2 * n, 2 * power, power.bit_length() - 1, 2 * (n - power))
    body += b"".join(struct.pack(">H", s[1]) for s in segments) + b"\0\0"
    body += b"".join(struct.pack(">H", s[0]) for s in segments)
    body += b"".join(struct.pack(">H", s[2] & 0xFFFF) for s in segments)
    body += b"\0\0" * n
    sub = struct.pack(">HHH", 4, 6 + len(body), 0) + body
    return struct.pack(">HHHHL", 0, 1, 3, 1, 12) + sub


def checksum(data):
    data += b"\0" * (-len(data) % 4)
    return sum(struct.unpack(f">{len(data) // 4}L", data)) & 0xFFFFFFFF


def main(source, target):
    t = tables(open(source, "rb").read())
    is_long = struct.unpack(">h", t["head"][50:52])[0]
    count = struct.unpack(">H", t["maxp"][4:6])[0]
    loca = struct.unpack(f">{count + 1}L", t["loca"]) if is_long else [2 * x for x in struct.unpack(f">{count + 1}H", t["loca"])]
    glyph = lambda g: t["glyf"][loca[g]:loca[g + 1]]
    mapping = {c: g for c, g in characters(t["cmap"]).items() if any(a <= c <= b for a, b in RANGES)}
    order, seen = [0], {0}
    todo = [mapping[c] for c in sorted(mapping)]
    while todo:
        g = todo.pop(0)
        if g in seen:
            continue
        seen.add(g)
        order.append(g)
        if is_composite(glyph(g)):
            todo += [struct.unpack(">H", glyph(g)[at:at + 2])[0] for at in components(glyph(g))[0]]
    number = {g: i for i, g in enumerate(order)}

    outlines, places = b"", [0]
    for g in order:
        data = bytearray(without_hints(glyph(g)))
        if is_composite(data):
            for at in components(data)[0]:
                data[at:at + 2] = struct.pack(">H", number[struct.unpack(">H", data[at:at + 2])[0]])
        outlines += bytes(data) + b"\0" * (-len(data) % 4)
        places.append(len(outlines))
    metrics = struct.unpack(">H", t["hhea"][34:36])[0]
    advance = lambda g: t["hmtx"][4 * min(g, metrics - 1):4 * min(g, metrics - 1) + 2]
    bearing = lambda g: t["hmtx"][4 * g + 2:4 * g + 4] if g < metrics else t["hmtx"][4 * metrics + 2 * (g - metrics):][:2]

    new = {
        "OS/2": t["OS/2"],
        "cmap": format4({c: number[g] for c, g in mapping.items()}),
        "glyf": outlines,
        "head": t["head"][:8] + b"\0\0\0\0" + t["head"][12:50] + struct.pack(">h", 1) + t["head"][52:],
        "hhea": t["hhea"][:34] + struct.pack(">H", len(order)),
        "hmtx": b"".join(advance(g) + bearing(g) for g in order),
        "loca": struct.pack(f">{len(places)}L", *places),
        "maxp": t["maxp"][:4] + struct.pack(">H", len(order)) + t["maxp"][6:],
        "name": t["name"],
        "post": struct.pack(">L", 0x00030000) + t["post"][4:32],
    }
    power = 1
    while 2 * power <= len(new):
        power *= 2
    header = struct.pack(">LHHHH", 0x00010000, len(new), 16 * power, power.bit_length() - 1, 16 * (len(new) - power))
    at, directory, body = len(header) + 16 * len(new), b"", b""
    for tag in sorted(new):
        directory += struct.pack(">4sLLL", tag.encode(), checksum(new[tag]), at + len(body), len(new[tag]))
        body += new[tag] + b"\0" * (-len(new[tag]) % 4)
    font = bytearray(header + directory + body)
    head = at + sum(len(new[tag]) + -len(new[tag]) % 4 for tag in sorted(new) if tag < "head")
    font[head + 8:head + 12] = struct.pack(">L", (0xB1B0AFBA - checksum(bytes(font))) & 0xFFFFFFFF)
    open(target, "wb").write(font)


main(sys.argv[1], sys.argv[2])
