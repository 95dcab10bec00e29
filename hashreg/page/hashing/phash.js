// ImageHash's `phash` of an upright copy (N. Krawetz, "Looks Like It", 2011; ImageHash 4.3): grey,
// scaled to 32 x 32 as Pillow does it, the lowest 8 x 8 frequencies against their median.

const PHASH_SCALED_SIDE = 32;
const PHASH_SIDE = 8;

/** Pillow's weights have so many binary places (libImaging/Resample.c). */
const WEIGHT_BITS = 22;

/** Samples of the scaled picture that Lanczos' filter reaches to either side. */
const LANCZOS_REACH = 3;

/** Return the pHash of a copy {data, width, height, channels} as 16 hexadecimal digits. */
function phashOf(copy) {
  const lowest = lowestCosines(scaledForPhash(greyOf(copy), copy.width, copy.height));
  const ordered = lowest.slice().sort();
  const median = (ordered[ordered.length / 2 - 1] + ordered[ordered.length / 2]) / 2;
  let hex = "";
  for (let first = 0; first < lowest.length; first += 4) {
    let digit = 0;
    for (let i = first; i < first + 4; i++) digit = 2 * digit + (lowest[i] > median ? 1 : 0);
    hex += digit.toString(16);
  }
  return hex;
}

/** Return Pillow's `convert("L")` of a copy: ITU-R BT.601 in 16-bit fixed point. */
function greyOf({ data, channels }) {
  if (channels === 1) return data;
  const grey = new Uint8Array(data.length / 3);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3) {
    grey[i] = (data[at] * 19595 + data[at + 1] * 38470 + data[at + 2] * 7471 + 0x8000) >> 16;
  }
  return grey;
}

/**
 * Return grey pixels scaled to 32 x 32 in two passes, each rounded to 8 bits. Pillow scales across
 * first, since version 13 down first where the picture is more than twice as high as it is wide.
 */
function scaledForPhash(grey, width, height) {
  const side = PHASH_SCALED_SIDE;
  if (height > side && height - side > 2 * (width - side)) {
    const flat = scaledLines(grey, height, width, { pixelStep: width, lineStep: 1 });
    const turned = scaledLines(flat, width, side, { pixelStep: 1, lineStep: width });
    return transposedSquare(turned, side);
  }
  const narrow = scaledLines(grey, width, height, { pixelStep: 1, lineStep: width });
  return scaledLines(narrow, height, side, { pixelStep: 1, lineStep: height });
}

/** Scale `lines` lines of `length` pixels to 32 pixels; return them in shape (32, lines). */
function scaledLines(pixels, length, lines, { pixelStep, lineStep }) {
  const result = new Uint8ClampedArray(PHASH_SCALED_SIDE * lines);
  lanczosWeights(length).forEach(({ first, weights }, sample) => {
    for (let line = 0; line < lines; line++) {
      let sum = 1 << (WEIGHT_BITS - 1);
      let at = line * lineStep + first * pixelStep;
      for (let i = 0; i < weights.length; i++, at += pixelStep) sum += pixels[at] * weights[i];
      result[sample * lines + line] = sum >> WEIGHT_BITS;
    }
  });
  return result;
}

/** Return {first, weights: Int32Array} of each of the 32 samples of a side. */
function lanczosWeights(side) {
  const scale = side / PHASH_SCALED_SIDE;
  const stretch = Math.max(scale, 1);
  const reach = LANCZOS_REACH * stretch;
  return Array.from({ length: PHASH_SCALED_SIDE }, (_, sample) => {
    const centre = (sample + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(side, Math.trunc(centre + reach + 0.5));
    const exact = Float64Array.from({ length: last - first }, (_, i) =>
      lanczos((i + first - centre + 0.5) * (1 / stretch))
    );
    const total = exact.reduce((sum, it) => sum + it, 0);
    const rounded = (it) => Math.trunc((it < 0 ? -0.5 : 0.5) + it * (1 << WEIGHT_BITS));
    return { first, weights: Int32Array.from(exact, (it) => rounded(it * (1 / total))) };
  });
}

/** C. Lanczos' windowed sinc of three lobes. */
function lanczos(x) {
  const sinc = (it) => (it === 0 ? 1 : Math.sin(it * Math.PI) / (it * Math.PI));
  return x >= -LANCZOS_REACH && x < LANCZOS_REACH ? sinc(x) * sinc(x / LANCZOS_REACH) : 0;
}

/** Return the lowest 8 x 8 frequencies of the two-dimensional DCT-II of 32 x 32 pixels. */
function lowestCosines(pixels) {
  const side = PHASH_SCALED_SIDE;
  const cosine = (k, n) => 2 * Math.cos((Math.PI * k * (2 * n + 1)) / (2 * side));
  const down = new Float64Array(PHASH_SIDE * side);
  const result = new Float64Array(PHASH_SIDE * PHASH_SIDE);
  for (let k = 0; k < PHASH_SIDE; k++) {
    for (let n = 0; n < side; n++) {
      for (let x = 0; x < side; x++) down[k * side + x] += pixels[n * side + x] * cosine(k, n);
    }
  }
  for (let i = 0; i < result.length; i++) {
    const [row, k] = [Math.floor(i / PHASH_SIDE), i % PHASH_SIDE];
    for (let n = 0; n < side; n++) result[i] += down[row * side + n] * cosine(k, n);
  }
  return result;
}
