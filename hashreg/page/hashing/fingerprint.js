// What a case holds of one picture: the object of Python's `fingerprint(…, views="register")`
// (hashreg/hashing/recipe.py, hashreg/model/fingerprints.py), and a blur of it to know it by.

const RECIPE = "hashreg-1";
const TOKENS_RECIPE = "tokens-1";

/** PDQ quality below which a hash says nothing (hashreg/model/hashes.py). */
const MIN_QUALITY = 50;

/** Bits that can be set in a usable PDQ hash; flat pictures have fewer or more. */
const LEAST_PDQ_BITS = 64;
const MOST_PDQ_BITS = 192;

/** Pixels of the long side of the blur. */
const THUMBNAIL_SIDE = 24;

/**
 * Hash a picture. Return {fingerprint, thumbnail}, the thumbnail as {width, height, pixels: RGBA}.
 * Throws a HashingProblem.
 */
async function fingerprintOf(file, { tokens = true } = {}) {
  if (file.size > MAX_FILE_MEGABYTES * 1024 * 1024) {
    throw new HashingProblem("file_too_large", { limit: MAX_FILE_MEGABYTES });
  }
  const bytes = await bytesOf(file);
  const { whole, copy } = await readPixels(file, bytes);
  const plane = luminanceOf(copy);
  const parts = registeredParts(plane);
  const kept = perceptualHashes(whole, copy, plane, parts).filter(isComparable);
  if (!kept.length) {
    throw new HashingProblem("too_plain", { quality: whole.quality, least: MIN_QUALITY });
  }
  const fingerprint = {
    media: "image",
    recipe: RECIPE,
    quality: whole.quality,
    hashes: [...kept, ...(await fileDigests(bytes))],
    tokens: tokens ? tokensOf(croppedPlane(plane, parts.base)) : null,
  };
  return { fingerprint, thumbnail: thumbnailOf(copy) };
}

/** Return the file's bytes; a file that was moved, or a folder, can't be read. */
async function bytesOf(file) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    if (isOutOfMemory(error)) throw error;
    throw new HashingProblem("missing");
  }
}

/** Return PDQ of the whole picture and its upright reduced copy, in one pass over the pixels. */
async function readPixels(file, bytes) {
  const picture = await openPicture(file, bytes);
  const { width, height, grey, orientation } = picture;
  const pdq = new StreamedPdq(width, height, orientation);
  const copy = new ReducedCopy(width, height, grey);
  try {
    await forEachStrip(picture, (rgba, first, count) => {
      pdq.addStrip(rgba, first, count);
      copy.addStrip(rgba, first, count);
    });
  } finally {
    for (const bitmap of picture.bitmaps) bitmap.close();
  }
  return { whole: pdq.finished(), copy: uprightCopy(copy.finished(), orientation) };
}

/** Return the hashes of the whole picture and of its parts, in the order of the recipe. */
function perceptualHashes(whole, copy, plane, { trimmed, boxes }) {
  const hashes = [
    hashItem("pdq", "whole", whole.hash, whole.quality),
    hashItem("phash", "whole", phashOf(copy), whole.quality),
  ];
  for (const [view, box] of boxes) {
    const { hash, quality } = pdqOfPart(plane, box);
    hashes.push(hashItem("pdq", view, hash, quality));
  }
  const inner = hashes.find((it) => it.view === "trimmed");
  if (inner) {
    hashes.push(hashItem("phash", "trimmed", phashOf(croppedCopy(copy, trimmed)), inner.quality));
  }
  return hashes;
}

function hashItem(algorithm, view, hash, quality) {
  return { algorithm, view, hash, quality };
}

/** Tell whether a hash is distinctive enough to be registered. */
function isComparable({ algorithm, hash, quality }) {
  if (quality < MIN_QUALITY) return false;
  if (algorithm !== "pdq") return true;
  let ones = 0;
  for (const digit of hash) ones += onesIn(parseInt(digit, 16));
  return ones >= LEAST_PDQ_BITS && ones <= MOST_PDQ_BITS;
}

/** Return the file's digests. */
async function fileDigests(bytes) {
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(sha256, (it) => it.toString(16).padStart(2, "0")).join("");
  return [hashItem("sha256", "file", hex, null), hashItem("md5", "file", md5Hex(bytes), null)];
}

/** Return the tokens of what windows are taken from, as they stand in a fingerprint. */
function tokensOf(base) {
  const data = btoa(String.fromCharCode(...registeredTokens(base, STOP_LIST)));
  return { recipe: TOKENS_RECIPE, kind: "registered", data };
}

/** Return a copy averaged down to 24 pixels, as RGBA: to know a picture by, not to see it. */
function thumbnailOf(copy) {
  const scale = Math.min(1, THUMBNAIL_SIDE / Math.max(copy.width, copy.height));
  const [width, height] = [copy.width, copy.height].map((it) =>
    Math.max(1, Math.round(it * scale))
  );
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const edge = (place, count, side) => Math.floor((place * side) / count);
    const cell = {
      top: edge(y, height, copy.height),
      bottom: edge(y + 1, height, copy.height),
      left: edge(x, width, copy.width),
      right: edge(x + 1, width, copy.width),
    };
    pixels.set(averageColour(copy, cell), 4 * i);
  }
  return { width, height, pixels };
}

/** Return the mean [red, green, blue] of a part of a copy. */
function averageColour({ data, width, channels }, { top, bottom, left, right }) {
  const sums = [0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = (y * width + x) * channels;
      for (let i = 0; i < 3; i++) sums[i] += data[at + (channels === 1 ? 0 : i)];
    }
  }
  return sums.map((it) => it / ((bottom - top) * (right - left)));
}
