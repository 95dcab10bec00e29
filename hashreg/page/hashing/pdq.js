// PDQ: 256 bits and a quality of a picture. Facebook, "The TMK+PDQF video-hashing algorithm and the
// PDQ image-hashing algorithm", 2019; the two box passes and the sampling of each side as one
// banded 64 x n matrix, as in hashreg/hashing/pdq.py.

/** Side of the low-pass picture, and of the block of low frequencies that becomes the hash. */
const LOW_PASS_SIDE = 64;
const HASH_SIDE = 16;

/** A picture with a shorter side has no hash: zero bits, quality 0. */
const LEAST_PDQ_PIXELS = 5;

/** The sum of gradients that counts one point of quality. */
const QUALITY_SCALE = 90;

/** Frequencies 1 to 16 of the 64-point DCT-II, shape (16, 64), in float32. */
const PDQ_COSINES = Float32Array.from({ length: HASH_SIDE * LOW_PASS_SIDE }, (_, index) => {
  const frequency = Math.floor(index / LOW_PASS_SIDE) + 1;
  const phase = frequency * (2 * (index % LOW_PASS_SIDE) + 1);
  return Math.sqrt(2 / LOW_PASS_SIDE) * Math.cos((Math.PI / (2 * LOW_PASS_SIDE)) * phase);
});

/**
 * Return, for each of the 64 samples of a side, {first, weights}: its first pixel and the weights
 * from there on. Sample k averages, over the window around pixel floor((k + 1/2) side / 64), the
 * windows around each member; windows hold ceil(side / 128) pixels and are cut at the edges.
 */
function pdqBands(side, flipped) {
  const width = Math.ceil(side / (2 * LOW_PASS_SIDE));
  const right = Math.floor((width + 2) / 2);
  const start = (pixel) => Math.max(pixel + right - width, 0);
  const stop = (pixel) => Math.min(pixel + right, side);
  return Array.from({ length: LOW_PASS_SIDE }, (_, sample) => {
    const centre = Math.floor(((2 * sample + 1) * side) / (2 * LOW_PASS_SIDE));
    const [begin, end] = [start(centre), stop(centre)];
    const [first, last] = [start(begin), stop(end - 1)];
    const weights = new Float64Array(last - first);
    for (let member = begin; member < end; member++) {
      const share = 1 / ((stop(member) - start(member)) * (end - begin));
      for (let at = start(member); at < stop(member); at++) weights[at - first] += share;
    }
    const rounded = Float32Array.from(flipped ? weights.reverse() : weights);
    return { first: flipped ? side - last : first, weights: rounded };
  });
}

/** Contracts a picture to 64 rows of its width, weighted sums of its rows, while these pass by. */
class LowPassRows {
  constructor(width, height, flipped) {
    this.bands = pdqBands(height, flipped);
    this.sums = this.bands.map(() => new Float64Array(width));
    this.spare = { sums: new Float64Array(width), weight: 0 };
  }

  /** Return {sums, weight} of each band that row `row` belongs to; the number is made even. */
  bandsOf(row) {
    const found = [];
    this.bands.forEach(({ first, weights }, sample) => {
      const weight = weights[row - first];
      if (weight !== undefined) found.push({ sums: this.sums[sample], weight });
    });
    return found.length % 2 ? [...found, this.spare] : found;
  }
}

/** Takes PDQ of a whole picture at full size while its stored rows pass by. */
class StreamedPdq {
  constructor(width, height, orientation) {
    this.isTooSmall = Math.min(width, height) < LEAST_PDQ_PIXELS;
    this.width = width;
    this.orientation = orientation;
    this.rows = new LowPassRows(width, height, orientation.flipRows);
  }

  /** Take stored rows, from row `first` on, as RGBA. */
  addStrip(rgba, first, count) {
    const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.length / 4);
    for (let i = 0; i < count; i++) {
      const bands = this.rows.bandsOf(first + i);
      for (let k = 0; k < bands.length; k += 2) {
        addWeightedPixels(bands[k], bands[k + 1], pixels, i * this.width);
      }
    }
  }

  /** Return {hash, quality} of the picture seen upright. */
  finished() {
    return this.isTooSmall ? noPdq() : pdqOfRows(this.rows.sums, this.orientation);
  }
}

/**
 * Add the luminance of a row of pixels, from `at` on, to two bands at once. Pixels are numbers of
 * 32 bits with red in the lowest, as all processors that browsers run on have it; the weights of
 * the colours are whole, so that grey stays exact, and divided by their sum with the band's.
 */
function addWeightedPixels(one, other, pixels, at) {
  const [sums, moreSums] = [one.sums, other.sums];
  const [weight, moreWeight] = [one.weight / 1000, other.weight / 1000];
  for (let x = 0; x < sums.length; x++, at++) {
    const pixel = pixels[at];
    const luma = (pixel & 255) * 299 + ((pixel >>> 8) & 255) * 587 + ((pixel >>> 16) & 255) * 114;
    sums[x] += weight * luma;
    moreSums[x] += moreWeight * luma;
  }
}

/** Add a row of luminance, from `at` on, to two bands at once. */
function addWeightedLuma(one, other, luma, at) {
  const [sums, moreSums, weight, moreWeight] = [one.sums, other.sums, one.weight, other.weight];
  for (let x = 0; x < sums.length; x++, at++) {
    sums[x] += weight * luma[at];
    moreSums[x] += moreWeight * luma[at];
  }
}

/** Return {hash, quality} of a part of an upright luminance plane. */
function pdqOfPart({ data, width }, { top, bottom, left, right }) {
  if (Math.min(bottom - top, right - left) < LEAST_PDQ_PIXELS) return noPdq();
  const rows = new LowPassRows(right - left, bottom - top, false);
  for (let y = top; y < bottom; y++) {
    const bands = rows.bandsOf(y - top);
    for (let k = 0; k < bands.length; k += 2) {
      addWeightedLuma(bands[k], bands[k + 1], data, y * width + left);
    }
  }
  return pdqOfRows(rows.sums, UPRIGHT);
}

function noPdq() {
  return { hash: "0".repeat((HASH_SIDE * HASH_SIDE) / 4), quality: 0 };
}

/** Return {hash, quality} out of the luminance contracted to 64 rows. */
function pdqOfRows(rows, { flipColumns, transpose }) {
  const small = contractedColumns(rows, flipColumns);
  const coefficients = lowFrequencies(small);
  const hash = pdqHash(transpose ? transposedSquare(coefficients, HASH_SIDE) : coefficients);
  return { hash, quality: pdqQuality(small) };
}

/** Return the low-pass picture, float32 of shape (64, 64). */
function contractedColumns(rows, flipped) {
  const bands = pdqBands(rows[0].length, flipped);
  const small = new Float32Array(LOW_PASS_SIDE * LOW_PASS_SIDE);
  rows.forEach((row, y) => {
    bands.forEach(({ first, weights }, x) => {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * row[first + i];
      small[y * LOW_PASS_SIDE + x] = sum;
    });
  });
  return small;
}

/** Return the DCT's frequencies 1 to 16 of both sides, shape (16, 16). */
function lowFrequencies(small) {
  const product = (left, right) => {
    const result = new Float64Array(HASH_SIDE * (right.length / LOW_PASS_SIDE));
    const columns = result.length / HASH_SIDE;
    for (let i = 0; i < result.length; i++) {
      const [a, b] = [Math.floor(i / columns), i % columns].map((it) => it * LOW_PASS_SIDE);
      for (let k = 0; k < LOW_PASS_SIDE; k++) result[i] += left[a + k] * right[b + k];
    }
    return result;
  };
  const across = product(PDQ_COSINES, small); // (16, 64): frequency, row
  return product(PDQ_COSINES, across); // (16, 16): row frequency, column frequency
}

function transposedSquare(values, side) {
  return values.map((_, i) => values[(i % side) * side + Math.floor(i / side)]);
}

/** Return the bits of the coefficients above their lower median as hex, bit 255 first. */
function pdqHash(coefficients) {
  const median = coefficients.slice().sort()[coefficients.length / 2 - 1];
  let hex = "";
  for (let last = coefficients.length - 1; last > 0; last -= 4) {
    let digit = 0;
    for (let i = last; i > last - 4; i--) digit = 2 * digit + (coefficients[i] > median ? 1 : 0);
    hex += digit.toString(16);
  }
  return hex;
}

/** Return PDQ's quality 0-100: the sum of the truncated steps between neighbours, in float32. */
function pdqQuality(small) {
  const step = (from, to) => {
    const difference = Math.fround(small[from] - small[to]);
    return Math.abs(Math.trunc(Math.fround(Math.fround(difference * 100) / 255)));
  };
  let sum = 0;
  for (let y = 0, at = 0; y < LOW_PASS_SIDE; y++) {
    for (let x = 0; x < LOW_PASS_SIDE; x++, at++) {
      if (y + 1 < LOW_PASS_SIDE) sum += step(at, at + LOW_PASS_SIDE);
      if (x + 1 < LOW_PASS_SIDE) sum += step(at, at + 1);
    }
  }
  return Math.min(100, Math.floor(sum / QUALITY_SCALE));
}
