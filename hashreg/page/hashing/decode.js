// Opening a picture's file with the browser's decoder, or one clear problem, as in
// hashreg/hashing/decode.py: no colour management, alpha on white, the first frame, full size, and
// the pixels as they are stored (docs/decisions/001-canonical-pixels.md).

const MAX_FILE_MEGABYTES = 200;
const MAX_MEGAPIXELS = 50;

/** Pixels of a side that a canvas has at most; beyond, some stay empty without a word. */
const MAX_CANVAS_SIDE = 65535;

/** Pixels that are copied out of the decoded picture at once: a megabyte, which stays in cache. */
const STRIP_PIXELS = 1 << 18;

/** Why a file can't be hashed: `code` and `values` are those of FileProblem in model/errors.py. */
class HashingProblem extends Error {
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}

/**
 * Open a picture. Its pixels lie as stored: `width` x `height`, to be seen upright by
 * `orientation`; `turned` is what the browser has already done of it to `bitmaps`. `grey`: all
 * channels are equal, and the luminance is exactly their value. A canvas has its colours multiplied
 * by their opacity, rounded as the browser likes: so of a WebP that one can see through there are
 * two bitmaps, the second without opacity, and a PNG is given as its bytes, `finePng`.
 */
async function openPicture(file, bytes) {
  const type = pictureType(bytes);
  const { width, height, grey, isWhole } = pictureHeader(bytes, type);
  if (isTooLarge(width, height)) throw tooManyPixels();
  if (!isWhole) throw new HashingProblem("damaged");
  if (Math.max(width, height) > MAX_CANVAS_SIDE) throw new HashingProblem("too_costly");
  const { orientation, turned, blob } = asStored(file, bytes, type);
  if (type === "image/png" && isFinePng(bytes)) {
    return { finePng: bytes, bitmaps: [], orientation, grey, width, height };
  }
  const bitmaps = [await decodedBitmap(blob, type)];
  const [bitmap] = bitmaps;
  if (isTooLarge(bitmap.width, bitmap.height)) {
    bitmap.close();
    throw tooManyPixels();
  }
  const opaque = type === "image/webp" ? webpWithoutOpacity(bytes) : null;
  if (opaque) bitmaps.push(await decodedBitmap(new Blob([opaque], { type }), type));
  const sides = [bitmap.width, bitmap.height];
  const [storedWidth, storedHeight] = turned.transpose ? sides.reverse() : sides;
  return { bitmaps, orientation, turned, grey, width: storedWidth, height: storedHeight };
}

function isTooLarge(width, height) {
  return width * height > MAX_MEGAPIXELS * 1000000;
}

function tooManyPixels() {
  return new HashingProblem("too_many_pixels", { limit: MAX_MEGAPIXELS });
}

/** Return the file as an ImageBitmap; whatever the browser can't open is one problem. */
async function decodedBitmap(blob, type) {
  try {
    const asIs = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
    return await createImageBitmap(blob, asIs);
  } catch (error) {
    if (isOutOfMemory(error)) throw error;
    const codes = { "image/heic": "needs_heif", "image/tiff": "not_a_picture" };
    throw new HashingProblem(codes[type] || "damaged");
  }
}

function isOutOfMemory(error) {
  return error instanceof RangeError || /memory|allocat/i.test(String(error));
}

/**
 * Call `take(rgba, first, count)` for all stored rows from top to bottom, on white, in strips of
 * `count` rows. A canvas of the whole picture would be more than phones allow.
 */
async function forEachStrip(picture, take) {
  const { finePng, bitmaps, width, height } = picture;
  const rows = Math.min(height, Math.max(16, Math.floor(STRIP_PIXELS / width)));
  if (finePng) return forEachPngStrip(finePng, { width, height, rows }, take);
  const context = canvasOf(width, rows);
  for (let first = 0; first < height; first += rows) {
    const count = Math.min(rows, height - first);
    const place = { ...picture, first, count };
    const blended = blendedStrip(context, bitmaps, place);
    take(blended || drawnStrip(context, bitmaps[0], place), first, count);
  }
}

function canvasOf(width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  context.fillStyle = "#fff";
  return context;
}

/** Return some rows of a bitmap as RGBA: on white, or on nothing to see its opacity. */
function drawnStrip(context, bitmap, { width, height, turned, first, count }, isOnWhite = true) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, count);
  if (isOnWhite) context.fillRect(0, 0, width, count);
  context.setTransform(...turnedBack(turned, width, height, first));
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, count).data;
}

/**
 * Return some rows of two bitmaps on white, the opacity of the first and the colours of the second;
 * null where there are not two, or where the browser has the second with opacity nevertheless.
 */
function blendedStrip(context, bitmaps, place) {
  if (bitmaps.length < 2) return null;
  const [rgba, colours] = bitmaps.map((it) => drawnStrip(context, it, place, false));
  for (let at = 0; at < colours.length; at += 4) {
    if (colours[at + 3] !== 255) return null;
    const opacity = rgba[at + 3];
    for (let i = at; i < at + 3; i++) colours[i] = onWhite(colours[i], opacity);
  }
  return colours;
}

/** Return a level on white, 0 to 255, to the nearest whole number, as Pillow's `paste` has it. */
function onWhite(level, opacity) {
  const sum = level * opacity + 255 * (255 - opacity) + 128;
  return ((sum >> 8) + sum) >> 8;
}

/** Return the canvas transform that lays an upright bitmap as it is stored, from row `first` on. */
function turnedBack({ flipRows, flipColumns, transpose }, width, height, first) {
  const [across, left] = flipColumns ? [-1, width] : [1, 0];
  const [down, top] = flipRows ? [-1, height - first] : [1, -first];
  return transpose ? [0, down, across, 0, left, top] : [across, 0, 0, down, left, top];
}

/** Tell whether a canvas gives back what was drawn on it: some browsers scramble it on purpose. */
function readsTruly() {
  const side = 64;
  const context = new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });
  const drawn = new ImageData(side, side);
  for (let i = 0; i < drawn.data.length; i++) drawn.data[i] = i % 4 === 3 ? 255 : (i * 37) % 251;
  context.putImageData(drawn, 0, 0);
  const seen = context.getImageData(0, 0, side, side).data;
  return seen.every((value, i) => value === drawn.data[i]);
}
