// What a keypoint's neighbourhood looks like, upright: the signs of its lowest frequencies. Follows
// hashreg/hashing/patches.py (docs/decisions/010-tokens.md) for the main direction of a keypoint;
// directions by gradients are from D. Lowe, IJCV 60 (2004).
//
// Patches of photos have Python's signs. Where a drawn shape is symmetric, directions tie and
// frequencies are zero, and rounding decides, in Python too by its platform's atan2.

/** Samples along a patch's side. */
const PATCH_GRID = 16;

/** Distance of a patch's samples, in sigmas: the patch is 12 sigmas wide. */
const PATCH_SPACING = 0.75;

/** Distance of the gradients' samples, and the Gaussian that weighs them, in sigmas. */
const GRADIENT_SPACING = 9 / 16;
const GRADIENT_SIGMAS = 1.5;

/** Directions that gradients are counted by. */
const DIRECTION_BINS = 36;

/** Signs of a patch; frequencies 0 to 10 hold the 64 lowest of both sides together. */
const SIGN_BITS = 64;
const PATCH_FREQUENCIES = 11;

/** Where the samples lie from the middle, in spacings. */
const SAMPLE_OFFSETS = Float64Array.from(
  { length: PATCH_GRID },
  (_, index) => index - (PATCH_GRID - 1) / 2
);

/** The cosines of a 16-point DCT-II, shape (11, 16). */
const PATCH_COSINES = Float64Array.from({ length: PATCH_FREQUENCIES * PATCH_GRID }, (_, index) => {
  const turns = Math.floor(index / PATCH_GRID) * (2 * (index % PATCH_GRID) + 1);
  return Math.cos((Math.PI / (2 * PATCH_GRID)) * turns);
});

/** Where in a spectrum (11, 11) the frequencies lie whose signs are kept, in this order. */
const SIGN_ORDER = lowestFrequencies();

/** The weight of each gradient, shape (16, 16). */
const GRADIENT_WEIGHTS = gradientWeights();

/** Return the 64 lowest pairs of frequencies but (0, 0), by their sum, then by the rows'. */
function lowestFrequencies() {
  const places = [];
  for (let sum = 1; sum < PATCH_FREQUENCIES; sum++) {
    for (let ofRows = 0; ofRows <= sum; ofRows++) {
      places.push(ofRows * PATCH_FREQUENCIES + sum - ofRows);
    }
  }
  return places.slice(0, SIGN_BITS);
}

/** Return a Gaussian round the middle of 16 x 16 samples. */
function gradientWeights() {
  const away = SAMPLE_OFFSETS.map((offset) => (offset * GRADIENT_SPACING) ** 2);
  return Float64Array.from({ length: PATCH_GRID ** 2 }, (_, index) => {
    const distance = away[Math.floor(index / PATCH_GRID)] + away[index % PATCH_GRID];
    return Math.exp(-distance / (2 * GRADIENT_SIGMAS ** 2));
  });
}

/**
 * Return a patch for each keypoint, as {point, angle, first, last}: radians, and the first and the
 * last 32 of its signs as numbers, the lowest frequency in the highest bit.
 */
function uprightPatches(levels, points) {
  const gradients = new Map();
  return points.map((point) => {
    const level = levels[point.level];
    if (!gradients.has(point.level)) {
      gradients.set(point.level, planeGradients(level));
    }
    const angle = mainDirection(directionHistogram(gradients.get(point.level), point));
    const [samples] = sampledPatch([level], point, angle, PATCH_SPACING);
    return { point, angle, ...signsOf(patchSpectrum(withoutMean(samples))) };
  });
}

/** Return the 24 bits that are looked up, the lowest frequency first. */
function wordOf(patch) {
  return patch.first >>> 8;
}

/** Return two planes, the slopes down and across; one-sided at the edges. */
function planeGradients({ data, height, width }) {
  const down = { data: new Float32Array(data.length), height, width };
  const across = { data: new Float32Array(data.length), height, width };
  for (let y = 0; y < height; y++) {
    const above = Math.max(y - 1, 0);
    const below = Math.min(y + 1, height - 1);
    for (let x = 0; x < width; x++) {
      const left = Math.max(x - 1, 0);
      const right = Math.min(x + 1, width - 1);
      const at = y * width + x;
      const fall = Math.fround(data[below * width + x] - data[above * width + x]);
      const rise = Math.fround(data[y * width + right] - data[y * width + left]);
      down.data[at] = fall / (below - above);
      across.data[at] = rise / (right - left);
    }
  }
  return [down, across];
}

/** Return the weighted slopes (planes down and across) round a keypoint by direction, (36). */
function directionHistogram(gradients, point) {
  const [down, across] = sampledPatch(gradients, point, 0, GRADIENT_SPACING);
  const lower = new Float64Array(DIRECTION_BINS);
  const upper = new Float64Array(DIRECTION_BINS);
  const binsPerRadian = Math.fround(DIRECTION_BINS / (2 * Math.PI));
  for (let index = 0; index < down.length; index++) {
    const length = Math.sqrt(across[index] * across[index] + down[index] * down[index]);
    const strength = Math.fround(length) * GRADIENT_WEIGHTS[index];
    const turn = Math.fround(Math.atan2(down[index], across[index]));
    const place = Math.fround(Math.fround(turn * binsPerRadian) - 0.5);
    const bin = Math.floor(place);
    const share = place - bin;
    lower[(bin + DIRECTION_BINS) % DIRECTION_BINS] += strength * (1 - share);
    upper[(bin + 1 + DIRECTION_BINS) % DIRECTION_BINS] += strength * share;
  }
  return lower.map((sum, bin) => sum + upper[bin]);
}

/** Return the strongest direction of a histogram (36), in radians, between bins by a parabola. */
function mainDirection(histogram) {
  const smooth = smoothedCircle(smoothedCircle(histogram));
  let bin = 0;
  for (let other = 1; other < DIRECTION_BINS; other++) {
    bin = smooth[other] > smooth[bin] ? other : bin;
  }
  const left = smooth[(bin + DIRECTION_BINS - 1) % DIRECTION_BINS];
  const right = smooth[(bin + 1) % DIRECTION_BINS];
  const bend = left - 2 * smooth[bin] + right;
  const shift = bend < 0 ? (0.5 * (left - right)) / bend : 0;
  return (bin + shift + 0.5) * ((2 * Math.PI) / DIRECTION_BINS);
}

/** Return each value averaged with its two neighbours, the last one beside the first. */
function smoothedCircle(values) {
  const count = values.length;
  return values.map(
    (value, index) =>
      (values[(index + count - 1) % count] + value + values[(index + 1) % count]) / 3
  );
}

/**
 * Return 16 x 16 samples of each plane round a keypoint, turned by `angle` (radians), `spacing`
 * sigmas apart. The planes have one shape; outside, they have the values of their edges.
 */
function sampledPatch(planes, point, angle, spacing) {
  const { height, width } = planes[0];
  const cosine = Math.cos(angle) * (point.sigma * spacing);
  const sine = Math.sin(angle) * (point.sigma * spacing);
  const results = planes.map(() => new Float32Array(PATCH_GRID ** 2));
  for (let index = 0; index < PATCH_GRID ** 2; index++) {
    const down = SAMPLE_OFFSETS[Math.floor(index / PATCH_GRID)];
    const across = SAMPLE_OFFSETS[index % PATCH_GRID];
    const wantedX = point.x + cosine * across - sine * down;
    const wantedY = point.y + sine * across + cosine * down;
    const x = Math.max(0, Math.min(width - 1, wantedX));
    const y = Math.max(0, Math.min(height - 1, wantedY));
    for (let number = 0; number < planes.length; number++) {
      results[number][index] = bilinearValue(planes[number], x, y);
    }
  }
  return results;
}

/** Return a plane's value between four pixels, in float32 steps; x and y lie inside the plane. */
function bilinearValue({ data, height, width }, x, y) {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const dx = Math.fround(x - left);
  const dy = Math.fround(y - top);
  const right = Math.min(left + 1, width - 1);
  const above = top * width;
  const below = Math.min(top + 1, height - 1) * width;
  const upper = valueBetween(data[above + left], data[above + right], dx);
  const lower = valueBetween(data[below + left], data[below + right], dx);
  return valueBetween(upper, lower, dy);
}

/** Return from + (to - from) * share in float32. */
function valueBetween(from, to, share) {
  return Math.fround(from + Math.fround(Math.fround(to - from) * share));
}

/** Return 256 samples less their mean. */
function withoutMean(samples) {
  const half = samples.length / 2;
  const mean =
    Math.fround(pairedSum(samples, 0, half) + pairedSum(samples, half, half)) / samples.length;
  return samples.map((value) => value - mean);
}

/** Return a float32 sum of `count` values, a multiple of 8, in the order that NumPy adds them. */
function pairedSum(values, start, count) {
  const sums = values.slice(start, start + 8);
  for (let index = 8; index < count; index++) {
    sums[index % 8] += values[start + index];
  }
  for (const apart of [1, 2, 4]) {
    for (let index = 0; index < 8; index += 2 * apart) {
      sums[index] += sums[index + apart];
    }
  }
  return sums[0];
}

/** Return the DCT of 16 x 16 samples, frequencies 0 to 10 of rows and columns, shape (11, 11). */
function patchSpectrum(samples) {
  return transformedAndTurned(transformedAndTurned(Float64Array.from(samples)));
}

/** Return the DCT of each row of 16 numbers (Float64Array), transposed: a row a frequency. */
function transformedAndTurned(values) {
  const rows = values.length / PATCH_GRID;
  const result = new Float64Array(PATCH_FREQUENCIES * rows);
  for (let frequency = 0; frequency < PATCH_FREQUENCIES; frequency++) {
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let index = 0; index < PATCH_GRID; index++) {
        sum += values[row * PATCH_GRID + index] * PATCH_COSINES[frequency * PATCH_GRID + index];
      }
      result[frequency * rows + row] = sum;
    }
  }
  return result;
}

/** Return the signs of the lowest frequencies, 32 bits in each of two numbers. */
function signsOf(spectrum) {
  const signs = { first: 0, last: 0 };
  SIGN_ORDER.forEach((place, index) => {
    const half = index < SIGN_BITS / 2 ? "first" : "last";
    signs[half] = 2 * signs[half] + (spectrum[place] > 0 ? 1 : 0);
  });
  return signs;
}
