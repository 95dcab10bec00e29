// The tokens that a case holds of a picture: at most 47 small patches as words, with where they
// are, coarsely. Recipe tokens-1 (docs/decisions/010-tokens.md); follows `registered_tokens` of
// hashreg/hashing/tokens.py, byte for byte.

/** Pixels of the long side that keypoints are looked for in, and how many of them are taken. */
const REGISTERED_SIDE = 256;
const REGISTERED_POINTS = 150;

/** A picture's tokens: how many at most, bytes of each, and bytes of the header before them. */
const MOST_REGISTERED = 47;
const TOKEN_BYTES = 5;
const TOKENS_HEADER_BYTES = 2;

/** The header is log2(height / width) in steps of 1/4096, a signed 16-bit number. */
const RATIO_STEPS = 4096;
const MOST_RATIO = 32767;

/** Sizes of tokens in pixels; larger ones are left out for privacy (decision 010). */
const LEAST_TOKEN_SIGMA = (1.75 / 256) * REGISTERED_SIDE;
const MOST_TOKEN_SIGMA = (3.2 / 256) * REGISTERED_SIDE;

/** A place is one of 32 x 32 cells, a size one of 4 steps of the logarithm, an angle one of 16. */
const TOKEN_CELLS = 32;
const TOKEN_SIZES = 4;
const TOKEN_SIZE_STEP = 0.35;
const TOKEN_DIRECTIONS = 16;

/** A token is dropped where one as near as this, in bits, lies elsewhere, in pixels. */
const REPEAT_BITS = 8;
const REPEAT_AWAY = 0.02 * REGISTERED_SIDE;

/** And where it is so near to one that text, interfaces, emoji or borders have. */
const STOP_BITS = 10;

/**
 * Return the packed tokens of an upright picture: 2 bytes and 5 for each token.
 *
 * `plane` is its luminance, 0 to 255; `stopList` holds 8 bytes for each listed patch.
 */
function registeredTokens(plane, stopList) {
  const picture = resizedPlane(plane, REGISTERED_SIDE);
  const levels = scaleLevels(picture);
  const points = findKeypoints(levels, REGISTERED_POINTS).filter(
    (point) => point.sigma <= MOST_TOKEN_SIGMA
  );
  const patches = uprightPatches(levels, points);
  const listed = listedSigns(stopList);
  const kept = patches
    .filter((patch) => isOwnPatch(patch, patches) && !isListedPatch(patch, listed))
    .slice(0, MOST_REGISTERED);
  return packedTokens(kept, picture, shapeRatio(plane));
}

/** Return whether no other patch elsewhere in the picture looks like this one. */
function isOwnPatch(patch, patches) {
  const { x, y } = patch.point;
  return !patches.some(
    (other) =>
      differingSigns(patch, other.first, other.last) <= REPEAT_BITS &&
      Math.hypot(x - other.point.x, y - other.point.y) > REPEAT_AWAY
  );
}

/** Return whether a patch is on the stop list, as `listedSigns` returns it. */
function isListedPatch(patch, listed) {
  for (let index = 0; index < listed.length; index += 2) {
    if (differingSigns(patch, listed[index], listed[index + 1]) <= STOP_BITS) {
      return true;
    }
  }
  return false;
}

/** Return the stop list as 32-bit numbers, the first and the last signs of each patch. */
function listedSigns(stopList) {
  const view = new DataView(stopList.buffer, stopList.byteOffset, stopList.byteLength);
  return Uint32Array.from({ length: stopList.byteLength / 4 }, (_, index) =>
    view.getUint32(4 * index)
  );
}

/** Return how many of a patch's 64 signs differ from these. */
function differingSigns(patch, first, last) {
  return onesIn(patch.first ^ first) + onesIn(patch.last ^ last);
}

/** Return how many of 32 bits are set: counted in pairs, fours and bytes, all at once. */
function onesIn(bits) {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Return the tokens' bytes: the ratio, and each patch's word, place, size and direction. */
function packedTokens(patches, picture, ratio) {
  const packed = new Uint8Array(TOKENS_HEADER_BYTES + TOKEN_BYTES * patches.length);
  const view = new DataView(packed.buffer);
  const cells = TOKEN_CELLS / Math.max(picture.height, picture.width);
  view.setInt16(0, ratio);
  patches.forEach((patch, index) => {
    const start = TOKENS_HEADER_BYTES + TOKEN_BYTES * index;
    const word = wordOf(patch);
    view.setUint8(start, word >>> 16);
    view.setUint16(start + 1, word & 0xffff);
    view.setUint16(start + 3, coarseGeometry(patch, cells));
  });
  return packed;
}

/** Return 16 bits: x and y in cells (5 each), size (2) and direction (4). */
function coarseGeometry({ point, angle }, cells) {
  const [x, y] = [point.x, point.y].map((it) => Math.min(TOKEN_CELLS - 1, Math.trunc(it * cells)));
  const steps = Math.trunc(Math.log(point.sigma / LEAST_TOKEN_SIGMA) / TOKEN_SIZE_STEP);
  const size = Math.max(0, Math.min(TOKEN_SIZES - 1, steps));
  const turn = roundedHalfEven((angle / (2 * Math.PI)) * TOKEN_DIRECTIONS) % TOKEN_DIRECTIONS;
  return (x << 11) | (y << 6) | (size << 4) | turn;
}

/** Return the header's number for the shape of a picture. */
function shapeRatio({ height, width }) {
  const ratio = Math.log2(height / width) * RATIO_STEPS;
  return roundedHalfEven(Math.max(-MOST_RATIO, Math.min(MOST_RATIO, ratio)));
}

/** Return the nearest whole number; of two, the even one, as Python rounds. */
function roundedHalfEven(value) {
  const below = Math.floor(value);
  if (value - below === 0.5) {
    return below % 2 === 0 ? below : below + 1;
  }
  return Math.floor(value + 0.5);
}

/** Return a plane whose long side is `side`. */
function resizedPlane(plane, side) {
  const scale = side / Math.max(plane.height, plane.width);
  const [rows, columns] = [plane.height, plane.width].map((it) =>
    Math.max(1, roundedHalfEven(it * scale))
  );
  const sideways = transposedPlane(resampledRows(plane, rows));
  return transposedPlane(resampledRows(sideways, columns));
}

/** Return `count` rows: area averages, or between rows where there are more of them. */
function resampledRows(plane, count) {
  if (count === plane.height) {
    return plane;
  }
  return count > plane.height ? interpolatedRows(plane, count) : averagedRows(plane, count);
}

function interpolatedRows({ data, height, width }, count) {
  const result = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    const wanted = ((row + 0.5) * height) / count - 0.5;
    const place = Math.max(0, Math.min(height - 1, wanted));
    const first = Math.min(Math.floor(place), Math.max(height - 2, 0));
    const second = Math.min(first + 1, height - 1);
    const part = Math.fround(place - first);
    const rest = Math.fround(1 - part);
    for (let x = 0; x < width; x++) {
      const before = Math.fround(data[first * width + x] * rest);
      const after = Math.fround(data[second * width + x] * part);
      result[row * width + x] = before + after;
    }
  }
  return { data: result, height: count, width };
}

/** Return area averages, as differences of the columns' running sums at the new rows' edges. */
function averagedRows({ data, height, width }, count) {
  const result = new Float32Array(count * width);
  const sums = new Float64Array(width);
  const atEdge = new Float64Array(width);
  let added = 0;
  for (let edge = 1; edge <= count; edge++) {
    const place = (edge * height) / count;
    const first = Math.min(Math.floor(place), height - 1);
    const share = place - first;
    for (; added < first; added++) {
      addRow(sums, data, added * width);
    }
    for (let x = 0; x < width; x++) {
      const next = sums[x] + data[first * width + x];
      const sum = sums[x] * (1 - share) + next * share;
      result[(edge - 1) * width + x] = (sum - atEdge[x]) * (count / height);
      atEdge[x] = sum;
    }
  }
  return { data: result, height: count, width };
}

/** Add the row of `data` that starts at `start` to the sums. */
function addRow(sums, data, start) {
  for (let x = 0; x < sums.length; x++) {
    sums[x] += data[start + x];
  }
}
