// Which way a picture lies in its file, as Pillow reads it for hashreg/hashing/decode.py: the EXIF
// orientation (Exif 2.32, tag 0x0112) of JPEG, PNG and WebP, and irot and imir (ISO/IEC 23008-12)
// of AVIF. And a copy of the file that a browser opens without turning it.

const ORIENTATION_TAG = 0x0112;

/** Segments, chunks or boxes that a file may have; pictures have some dozens, a few thousands. */
const MOST_PARTS = 100000;

/** The byte of a WebP's flags, if its first chunk is VP8X, and the one that says it has EXIF. */
const WEBP_FLAGS = 20;
const WEBP_HAS_EXIF = 8;
const WEBP_IS_ANIMATED = 2;

/** The bit in that byte, and in the last of the header of VP8L, of a picture with opacity. */
const WEBP_HAS_ALPHA = 16;

/** A name that a chunk is given so that nobody reads it. */
const JUNK = Uint8Array.of(0x4a, 0x55, 0x4e, 0x4b);

/** The chunk that ends a PNG, with its checksum. */
const PNG_END = Uint8Array.of(0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82);

/** What to do to stored pixels to see them upright: flip rows, flip columns, then transpose. */
const UPRIGHT = Object.freeze({ flipRows: false, flipColumns: false, transpose: false });

/** Bytes of one value of each TIFF type that Pillow knows. */
const TIFF_TYPE_BYTES = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
};

/** How the types that can stand for a number are read; the others say nothing. */
const TIFF_NUMBERS = {
  3: (view, at, little) => view.getUint16(at, little),
  4: (view, at, little) => view.getUint32(at, little),
  5: (view, at, little) => view.getUint32(at, little) / view.getUint32(at + 4, little),
  6: (view, at) => view.getInt8(at),
  8: (view, at, little) => view.getInt16(at, little),
  9: (view, at, little) => view.getInt32(at, little),
  10: (view, at, little) => view.getInt32(at, little) / view.getInt32(at + 4, little),
  11: (view, at, little) => view.getFloat32(at, little),
  12: (view, at, little) => view.getFloat64(at, little),
  13: (view, at, little) => view.getUint32(at, little),
  16: (view, at, little) => Number(view.getBigUint64(at, little)),
};

/** Return the orientation that an EXIF value from 1 to 8 names; upright for anything else. */
function orientationOfExif(value) {
  return {
    flipRows: [3, 4, 6, 7].includes(value),
    flipColumns: [2, 3, 7, 8].includes(value),
    transpose: [5, 6, 7, 8].includes(value),
  };
}

/** Tell whether `text` (Latin-1) stands in `bytes` at a place. */
function hasText(bytes, at, text) {
  if (at < 0 || at + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Return four bytes as text, the name of a chunk or box. */
function nameAt(bytes, at) {
  return String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

/** Add a part of a file to those before it; a file of millions of parts is built to do harm. */
function addPart(parts, part) {
  if (parts.length >= MOST_PARTS) throw new HashingProblem("too_costly");
  parts.push(part);
}

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Return the orientation that an EXIF block says; upright where it is missing or damaged. */
function orientationInExif(exif) {
  let start = 0;
  while (start < 12 && hasText(exif, start, "Exif\0\0")) start += 6;
  const tiff = exif.subarray(start);
  const little = hasText(tiff, 0, "II");
  const known = ["MM\0*", "MM*\0", "MM\0+", "II*\0", "II\0*"].some((it) => hasText(tiff, 0, it));
  if (!known || tiff.length < 8) return UPRIGHT;
  return orientationOfExif(orientationValue(viewOf(tiff), little));
}

/**
 * Return the value of the tag in the first directory of a TIFF block, or null. Like Pillow, stop
 * where the directory or a value leaves the block, and pass over a tag that was there before and
 * over what is empty or larger than the block.
 */
function orientationValue(view, little) {
  const size = view.byteLength;
  let at = view.getUint32(4, little);
  if (at + 2 > size) return null;
  const last = at + 2 + 12 * view.getUint16(at, little);
  const known = new Set();
  let total = 0;
  for (at += 2; at < last && at + 12 <= size; at += 12) {
    const tag = view.getUint16(at, little);
    const type = view.getUint16(at + 2, little);
    const length = view.getUint32(at + 4, little) * (TIFF_TYPE_BYTES[type] || 0);
    if (length === 0 || known.has(tag)) continue;
    let place = at + 8;
    if (length > 4) {
      total += length;
      if (total > size) continue;
      place = view.getUint32(place, little);
      if (place + length > size) return null;
    }
    if (tag === ORIENTATION_TAG) {
      return TIFF_NUMBERS[type] ? TIFF_NUMBERS[type](view, place, little) : null;
    }
    known.add(tag);
  }
  return null;
}

/**
 * Return the segments of a JPEG up to its first scan, as {marker, start, end}: `start` is where the
 * marker begins, the payload lies from start + 4 to `end`. Null where they break off.
 */
function jpegSegments(bytes) {
  const segments = [];
  let at = 2;
  while (at + 1 < bytes.length) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === 0xff || marker === 0) {
      at += bytes[at] === 0xff && marker === 0 ? 2 : 1;
    } else if (marker >= 0xd0 && marker <= 0xd9) {
      at += 2;
    } else if (marker < 0xc0 || at + 3 >= bytes.length) {
      return null;
    } else {
      const end = at + 2 + Math.max(2, bytes[at + 2] * 256 + bytes[at + 3]);
      if (end > bytes.length) return null;
      addPart(segments, { marker, start: at, end });
      if (marker === 0xda) return segments;
      at = end;
    }
  }
  return null;
}

/**
 * Return the chunks of a PNG as {name, start, data, end}, as far as they are there: the data lies
 * from `data` to `end`, four bytes of checksum follow. An animation's second frame ends them.
 */
function pngChunks(bytes) {
  const view = viewOf(bytes);
  const chunks = [];
  let isPixels = false;
  for (let at = 8; at + 8 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at);
    const name = nameAt(bytes, at + 4);
    addPart(chunks, { name, start: at, data: at + 8, end });
    isPixels = isPixels || name === "IDAT";
    if (name === "IEND" || (isPixels && name === "fcTL")) break;
    at = end + 4;
  }
  return chunks;
}

/** Return the whole chunks of a WebP as {name, start, data, end}. */
function webpChunks(bytes) {
  const view = viewOf(bytes);
  const chunks = [];
  for (let at = 12; at + 8 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at + 4, true);
    if (end > bytes.length) break;
    addPart(chunks, { name: nameAt(bytes, at), start: at, data: at + 8, end });
    at = end + (end % 2);
  }
  return chunks;
}

/** Return the whole boxes of an ISO file between two places, as {name, data, end}. */
function isoBoxes(bytes, from, to) {
  const view = viewOf(bytes);
  const boxes = [];
  for (let at = from; at + 8 <= to;) {
    let length = view.getUint32(at);
    let data = at + 8;
    if (length === 1 && at + 16 <= to) {
      length = Number(view.getBigUint64(at + 8));
      data = at + 16;
    }
    const end = length === 0 ? to : at + length;
    if (end > to || end < data) break;
    addPart(boxes, { name: nameAt(bytes, at + 4), data, end });
    at = end;
  }
  return boxes;
}

/** Return the properties of an ISO file's main picture, and whether one belongs to a helper. */
function isoPicture(bytes) {
  const find = (boxes, name) => boxes.find((it) => it.name === name);
  const inside = (box, skipped) => (box ? isoBoxes(bytes, box.data + skipped, box.end) : []);
  const meta = inside(find(isoBoxes(bytes, 0, bytes.length), "meta"), 4);
  const properties = inside(find(meta, "iprp"), 0);
  const all = inside(find(properties, "ipco"), 0);
  const [main, links] = [find(meta, "pitm"), find(properties, "ipma")];
  if (!main || main.end < main.data + 6 || !links || links.end < links.data + 8) {
    return { properties: [], hasAuxiliary: false };
  }
  const view = viewOf(bytes);
  const item = bytes[main.data] ? view.getUint32(main.data + 4) : view.getUint16(main.data + 4);
  const own = isoLinks(view, links, item).map((index) => all[index - 1]);
  return { properties: own.filter((it) => it), hasAuxiliary: Boolean(find(all, "auxC")) };
}

/** Return the numbers of an item's properties, counted from 1, out of the ipma box. */
function isoLinks(view, box, item) {
  const [large, wide] = [view.getUint8(box.data) > 0, view.getUint8(box.data + 3) & 1];
  let entries = view.getUint32(box.data + 4);
  for (let at = box.data + 8; entries > 0 && at + 5 <= box.end; entries--) {
    const id = large ? view.getUint32(at) : view.getUint16(at);
    at += large ? 4 : 2;
    const count = view.getUint8(at++);
    const size = wide ? 2 : 1;
    if (at + count * size > box.end) break;
    if (id === item) {
      return Array.from({ length: count }, (_, i) =>
        wide ? view.getUint16(at + 2 * i) & 0x7fff : view.getUint8(at + i) & 0x7f
      );
    }
    at += count * size;
  }
  return [];
}

/** Return the orientation of an AVIF as Pillow has it: irot turns to the left, imir flips. */
function avifOrientation(bytes, properties) {
  const turn = properties.find((it) => it.name === "irot");
  const mirror = properties.find((it) => it.name === "imir");
  const angle = turn && turn.data < turn.end ? bytes[turn.data] & 3 : 0;
  if (!mirror || mirror.data >= mirror.end) return orientationOfExif([1, 8, 3, 6][angle]);
  const axis = bytes[mirror.data] & 1;
  return orientationOfExif(
    [
      [4, 5, 2, 7],
      [2, 7, 4, 5],
    ][axis][angle]
  );
}

/**
 * Return a Blob of a file that a browser opens as it is stored, `orientation`, what makes it
 * upright, and `turned`, what of that browsers do nevertheless: JPEG and PNG are without their
 * EXIF, WebP has its EXIF chunk under another name, and AVIF is turned.
 */
function asStored(file, bytes, type) {
  if (type === "image/avif") {
    const turned = avifOrientation(bytes, isoPicture(bytes).properties);
    return { orientation: turned, turned, blob: new Blob([file], { type }) };
  }
  const { exif, content } = (EXIF_READERS[type] || noExif)(bytes);
  const blob = new Blob([content || file], { type });
  return { orientation: orientationInExif(exif), turned: UPRIGHT, blob };
}

/**
 * How each format is read: {exif, content}, the EXIF block and the file's bytes without it, null
 * where there is none.
 */
const EXIF_READERS = {
  "image/jpeg": jpegWithoutExif,
  "image/png": pngWithoutExif,
  "image/webp": webpWithoutExif,
};

function noExif() {
  return { exif: new Uint8Array(0), content: null };
}

/** Where a JPEG has several EXIF segments, Pillow reads them as one. */
function jpegWithoutExif(bytes) {
  const found = (jpegSegments(bytes) || []).filter(
    (it) => it.marker === 0xe1 && hasText(bytes.subarray(0, it.end), it.start + 4, "Exif\0\0")
  );
  const parts = found.map((it, index) => bytes.subarray(it.start + (index ? 10 : 4), it.end));
  return { exif: joinedBytes(parts), content: bytesWithout(bytes, found) };
}

/**
 * Of several EXIF chunks of a PNG the last counts. What makes it an animation is left out, too:
 * Pillow takes the pixels that come first, browsers sometimes others.
 */
function pngWithoutExif(bytes) {
  const chunks = pngChunks(bytes).filter((it) => it.end <= bytes.length);
  const exif = chunks.filter((it) => it.name === "eXIf").pop();
  const cuts = chunks
    .filter((it) => ["eXIf", "acTL", "fcTL"].includes(it.name))
    .map(({ start, end }) => ({ start, end: end + 4 }));
  let content = bytesWithout(bytes, cuts);
  const last = chunks[chunks.length - 1];
  if (last && last.name === "fcTL") {
    cuts[cuts.length - 1].end = bytes.length;
    content = joinedBytes([bytesWithout(bytes, cuts), PNG_END]);
  }
  return exif ? { exif: bytes.subarray(exif.data, exif.end), content } : { ...noExif(), content };
}

/** A WebP's EXIF chunk counts only where the header says that there is one. */
function webpWithoutExif(bytes) {
  const chunks = webpChunks(bytes);
  const isExtended = chunks.length > 0 && chunks[0].name === "VP8X";
  const found = chunks.find((it) => it.name === "EXIF");
  if (!found || !isExtended || !(bytes[WEBP_FLAGS] & WEBP_HAS_EXIF)) return noExif();
  const content = bytes.slice();
  content[WEBP_FLAGS] &= ~WEBP_HAS_EXIF;
  content.set(JUNK, found.start);
  return { exif: bytes.subarray(found.data, found.end), content };
}

/**
 * Return a WebP that says that nothing of it can be seen through (RFC 9649), null where that is so
 * or where it is an animation: its colours, then, are not multiplied by their opacity.
 */
function webpWithoutOpacity(bytes) {
  const chunks = webpChunks(bytes);
  const first = chunks.length ? chunks[0] : { name: "" };
  const isExtended = first.name === "VP8X";
  const flags = isExtended ? bytes[WEBP_FLAGS] : WEBP_HAS_ALPHA;
  if ((flags & (WEBP_HAS_ALPHA | WEBP_IS_ANIMATED)) !== WEBP_HAS_ALPHA) return null;
  const found = chunks.find((it) => it.name === "ALPH" || it.name === "VP8L");
  if (!found || found.end < found.data + 5) return null;
  const isLossless = found.name === "VP8L";
  if (isLossless && !(bytes[found.data + 4] & WEBP_HAS_ALPHA)) return null;
  const content = bytes.slice();
  if (isExtended) content[WEBP_FLAGS] &= ~WEBP_HAS_ALPHA;
  if (isLossless) content[found.data + 4] &= ~WEBP_HAS_ALPHA;
  else content.set(JUNK, found.start);
  return content;
}

/**
 * Return bytes without those between each `start` and `end`, null where there are none. One piece,
 * since some browsers tell a Blob's format by its first part.
 */
function bytesWithout(bytes, cuts) {
  if (!cuts.length) return null;
  const edges = [0, ...cuts.flatMap((it) => [it.start, it.end]), bytes.length];
  const kept = [];
  for (let i = 0; i < edges.length; i += 2) kept.push(bytes.subarray(edges[i], edges[i + 1]));
  return joinedBytes(kept);
}

function joinedBytes(parts) {
  const whole = new Uint8Array(parts.reduce((sum, it) => sum + it.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
