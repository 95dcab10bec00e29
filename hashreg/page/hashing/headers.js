// What a file is by its first bytes, and what a picture's header says of it: its size, whether it
// is grey, and whether it is there to its end.

/** Scans of a JPEG: progressive ones have a dozen, and each is decoded over the whole picture. */
const MOST_SCANS = 100;

const HEIF_BRANDS = ["heic", "heix", "heim", "heis", "hevc"];
const AVIF_BRANDS = ["avif", "avis"];
const EITHER_BRANDS = ["mif1", "msf1"];
const VIDEO_BRANDS = ["mp4", "iso", "avc", "M4V", "qt ", "3gp", "dash", "MSNV"];

/** Return the MIME type of a picture by its first bytes, or say what the file is instead. */
function pictureType(bytes) {
  if (!bytes.length) throw new HashingProblem("empty");
  if (hasText(bytes, 0, "\xff\xd8\xff")) return "image/jpeg";
  if (hasText(bytes, 0, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (hasText(bytes, 0, "GIF8")) return "image/gif";
  if (hasText(bytes, 0, "RIFF") && hasText(bytes, 8, "WEBP")) return "image/webp";
  if (hasText(bytes, 0, "BM") && bytes.length >= 18) return "image/bmp";
  if (hasText(bytes, 0, "II*\0") || hasText(bytes, 0, "MM\0*")) return "image/tiff";
  if (hasText(bytes, 4, "ftyp")) return isoType(bytes);
  const isVideo =
    hasText(bytes, 0, "\x1aE\xdf\xa3") || (hasText(bytes, 0, "RIFF") && hasText(bytes, 8, "AVI "));
  throw new HashingProblem(isVideo ? "is_video" : "not_a_picture");
}

function isoType(bytes) {
  const brand = nameAt(bytes, 8);
  if (AVIF_BRANDS.includes(brand)) return "image/avif";
  if (HEIF_BRANDS.includes(brand)) return "image/heic";
  if (EITHER_BRANDS.includes(brand)) {
    const end = Math.min(viewOf(bytes).getUint32(0), bytes.length);
    for (let at = 16; at + 4 <= end; at += 4) {
      if (AVIF_BRANDS.includes(nameAt(bytes, at))) return "image/avif";
    }
    return "image/heic";
  }
  const isVideo = VIDEO_BRANDS.some((it) => brand.startsWith(it));
  throw new HashingProblem(isVideo ? "is_video" : "not_a_picture");
}

/** Return what the header says; where it breaks off or makes no sense the file is damaged. */
function pictureHeader(bytes, type) {
  let header = null;
  try {
    header = PICTURE_HEADERS[type](bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // a place beyond the end was read
  }
  if (!header || !header.width || !header.height) throw new HashingProblem("damaged");
  return header;
}

/**
 * How each format's header is read: {width, height, grey, isWhole}, null where it is damaged.
 * Some browsers decode what is there of a file that was cut off; Pillow refuses it, so `isWhole`
 * tells whether the first picture's data is there to its end.
 */
const PICTURE_HEADERS = {
  "image/jpeg": jpegHeader,
  "image/png": pngHeader,
  "image/gif": gifHeader,
  "image/webp": webpHeader,
  "image/bmp": bmpHeader,
  "image/avif": isoHeader,
  "image/heic": isoHeader,
  "image/tiff": tiffHeader,
};

function jpegHeader(bytes) {
  const segments = jpegSegments(bytes);
  const others = [0xc4, 0xc8, 0xcc];
  const isFrame = (marker) => marker >= 0xc0 && marker <= 0xcf && !others.includes(marker);
  const frame = segments && segments.filter((it) => isFrame(it.marker)).pop();
  if (!frame || frame.end - frame.start < 10) return null;
  const view = viewOf(bytes.subarray(frame.start + 4));
  const [bits, channels] = [view.getUint8(0), view.getUint8(5)];
  if (bits !== 8 || ![1, 3, 4].includes(channels)) return null;
  return {
    width: view.getUint16(3),
    height: view.getUint16(1),
    grey: channels === 1,
    isWhole: hasJpegEnd(bytes, segments[segments.length - 1].end),
  };
}

/** Tell whether a JPEG's scans, from `at` on, come to the marker of the end. */
function hasJpegEnd(bytes, at) {
  for (let scans = 1; scans <= MOST_SCANS;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 1 >= bytes.length) return false;
    const marker = bytes[at + 1];
    if (marker === 0xd9) return true;
    if (marker === 0xda) scans++;
    const isSegment = marker >= 0xc0 && marker !== 0xff && (marker < 0xd0 || marker > 0xd8);
    const isLong = isSegment && at + 3 < bytes.length;
    at += isLong ? 2 + Math.max(2, bytes[at + 2] * 256 + bytes[at + 3]) : marker === 0xff ? 1 : 2;
  }
  throw new HashingProblem("too_costly");
}

function pngHeader(bytes) {
  const chunks = pngChunks(bytes);
  const pixels = chunks.findIndex((it) => it.name === "IDAT");
  if (pixels < 1 || chunks[0].name !== "IHDR" || chunks[0].end < 29) return null;
  const view = viewOf(bytes);
  const [depth, colours] = [bytes[24], bytes[25]];
  const isKeyed = chunks.slice(0, pixels).some((it) => it.name === "tRNS");
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    grey: colours === 0 && (depth === 16 || (depth > 1 && !isKeyed)),
    isWhole: isWholePng(bytes, chunks, pixels),
  };
}

/** Tell whether something follows the first frame's pixels, and all before it is undamaged. */
function isWholePng(bytes, chunks, pixels) {
  const after = chunks.slice(pixels).findIndex((it) => it.name !== "IDAT");
  if (after < 0) return false;
  const view = viewOf(bytes);
  return chunks
    .slice(0, pixels + after)
    .every(({ start, end }) => crc32(bytes, start + 4, end) === view.getUint32(end));
}

/** The remainders of all bytes for the checksum of PNG, CRC-32 of ISO 3309. */
const CRC_REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

function crc32(bytes, from, to) {
  let rest = -1;
  for (let i = from; i < to; i++) rest = CRC_REMAINDERS[(rest ^ bytes[i]) & 255] ^ (rest >>> 8);
  return ~rest >>> 0;
}

function webpHeader(bytes) {
  if (bytes.length < 30) return null;
  const view = viewOf(bytes);
  const name = nameAt(bytes, 12);
  const whole = { grey: false, isWhole: view.getUint32(4, true) + 8 <= bytes.length };
  if (name === "VP8X") {
    const side = (at) => (view.getUint32(at, true) & 0xffffff) + 1;
    return { ...whole, width: side(24), height: view.getUint16(27, true) + bytes[29] * 65536 + 1 };
  }
  if (name === "VP8L" && bytes[20] === 0x2f) {
    const bits = view.getUint32(21, true);
    return { ...whole, width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  if (name !== "VP8 " || !hasText(bytes, 23, "\x9d\x01\x2a")) return null;
  const side = (at) => view.getUint16(at, true) & 0x3fff;
  return { ...whole, width: side(26), height: side(28) };
}

/** A GIF's size is its screen's, or the first frame's where that is larger. */
function gifHeader(bytes) {
  if (!hasText(bytes, 3, "87a") && !hasText(bytes, 3, "89a")) return null;
  const view = viewOf(bytes);
  const table = bytes.length > 13 && bytes[10] & 0x80 ? 3 << ((bytes[10] & 7) + 1) : 0;
  let palette = bytes.subarray(13, 13 + table);
  const { frame, isKeyed } = gifFrame(bytes, 13 + table);
  if (frame + 11 > bytes.length) return null;
  const side = (at) => view.getUint16(at, true);
  let at = frame + 10;
  if (bytes[frame + 9] & 0x80) {
    palette = bytes.subarray(at, at + (3 << ((bytes[frame + 9] & 7) + 1)));
    at += palette.length;
  }
  return {
    width: Math.max(side(6), side(frame + 1) + side(frame + 5)),
    height: Math.max(side(8), side(frame + 3) + side(frame + 7)),
    grey: !isKeyed && isGreyRamp(palette, 3),
    isWhole: afterGifBlocks(bytes, at + 1) <= bytes.length,
  };
}

/** Return where a GIF's first frame begins, and whether one of its colours is transparent. */
function gifFrame(bytes, at) {
  let isKeyed = false;
  while (at < bytes.length && bytes[at] !== 0x2c && bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      isKeyed = isKeyed || (bytes[at + 1] === 0xf9 && (bytes[at + 3] & 1) === 1);
      at = afterGifBlocks(bytes, at + 2);
    } else {
      at++;
    }
  }
  return { frame: bytes[at] === 0x2c ? at : bytes.length, isKeyed };
}

/** Return where a chain of blocks, each after its length, ends; beyond a file that is cut off. */
function afterGifBlocks(bytes, at) {
  while (at < bytes.length && bytes[at]) at += bytes[at] + 1;
  return at + 1;
}

/** Tell whether colour i of a palette is grey value i: Pillow then has a grey picture. */
function isGreyRamp(palette, step) {
  for (let at = 0; at + 2 < palette.length; at += step) {
    for (let i = at; i < at + 3; i++) {
      if (palette[i] !== at / step) return false;
    }
  }
  return true;
}

function bmpHeader(bytes) {
  const view = viewOf(bytes);
  const size = view.getUint32(14, true);
  if (![12, 40, 52, 56, 64, 108, 124].includes(size) || bytes.length < 14 + size) return null;
  const isOld = size === 12;
  const width = isOld ? view.getUint16(18, true) : view.getUint32(18, true);
  const height = isOld ? view.getUint16(20, true) : Math.abs(view.getInt32(22, true));
  const bits = view.getUint16(isOld ? 24 : 28, true);
  const isPacked = !isOld && [1, 2].includes(view.getUint32(30, true));
  const colours = (isOld ? 0 : view.getUint32(46, true)) || 1 << bits;
  const step = isOld ? 3 : 4;
  const palette = bytes.subarray(14 + size, 14 + size + step * colours);
  const row = Math.floor((width * bits + 31) / 32) * 4;
  const used = row * (height - 1) + Math.ceil((width * bits) / 8);
  return {
    width,
    height,
    grey: bits === 8 && colours > 2 && isGreyRamp(palette, step),
    isWhole: isPacked || view.getUint32(10, true) + used <= bytes.length,
  };
}

/** Return what an AVIF's or HEIC's properties say; a size that they don't say is 1 x 1. */
function isoHeader(bytes) {
  const { properties, hasAuxiliary } = isoPicture(bytes);
  const size = properties.find((it) => it.name === "ispe" && it.end - it.data >= 12);
  const coding = properties.find((it) => it.name === "av1C" && it.end - it.data >= 4);
  const view = viewOf(bytes);
  return {
    width: size ? view.getUint32(size.data + 4) : 1,
    height: size ? view.getUint32(size.data + 8) : 1,
    grey: Boolean(coding && bytes[coding.data + 2] & 0x10) && !hasAuxiliary,
    isWhole: true,
  };
}

/** A TIFF is for the browser to judge: only some can open it. */
function tiffHeader() {
  return { width: 1, height: 1, grey: false, isWhole: true };
}
