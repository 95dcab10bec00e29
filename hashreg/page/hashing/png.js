// PNG (RFC 2083) with 16 bits a sample or with opacity, read here and not by the browser: browsers
// shift or round samples, and round opacity, each in its own way, and hashreg/hashing/decode.py
// has one. Interlaced ones are left to the browser, which is a level off in some.

const PNG_GREY = 0;
const PNG_COLOUR = 2;
const PNG_GREY_OPACITY = 4;
const PNG_COLOUR_OPACITY = 6;
const PNG_CHANNELS = {
  [PNG_GREY]: 1,
  [PNG_COLOUR]: 3,
  [PNG_GREY_OPACITY]: 2,
  [PNG_COLOUR_OPACITY]: 4,
};

/** Tell whether a PNG, whose header is there, is read here. */
function isFinePng(bytes) {
  const [depth, kind, interlaced] = [bytes[24], bytes[25], bytes[28]];
  const hasOpacity = kind === PNG_GREY_OPACITY || kind === PNG_COLOUR_OPACITY;
  const isFine = kind in PNG_CHANNELS && (depth === 16 || (depth === 8 && hasOpacity));
  return isFine && interlaced === 0 && typeof DecompressionStream === "function";
}

/** Call `take(rgba, first, count)` for all rows from top to bottom, on white, `rows` at once. */
async function forEachPngStrip(bytes, { width, height, rows }, take) {
  const layout = pngLayout(bytes, width);
  const strip = new Uint8ClampedArray(width * rows * 4).fill(255);
  let before = new Uint8Array(layout.lineBytes);
  let row = 0;
  for await (const line of pngLines(bytes, layout.lineBytes + 1, height)) {
    const samples = line.subarray(1);
    unfilter(line[0], samples, before, layout.pixelBytes);
    paintLine(samples, layout, strip, (row % rows) * width * 4);
    before = samples;
    row++;
    const count = ((row - 1) % rows) + 1;
    const isWhole = count === rows || row === height;
    if (isWhole) take(strip.subarray(0, count * width * 4), row - count, count);
  }
}

/** Return how a line of samples lies, and its colour that can be seen through, if there is one. */
function pngLayout(bytes, width) {
  const [sampleBytes, kind] = [bytes[24] / 8, bytes[25]];
  const pixelBytes = PNG_CHANNELS[kind] * sampleBytes;
  const keyed = pngChunks(bytes).find((it) => it.name === "tRNS" || it.name === "IDAT");
  const isKeyed = keyed.name === "tRNS" && (kind === PNG_GREY || kind === PNG_COLOUR);
  const key = isKeyed ? bytes.subarray(keyed.data, keyed.end) : null;
  return { kind, sampleBytes, pixelBytes, lineBytes: width * pixelBytes, key };
}

/**
 * Yield `count` lines of `length` bytes, the filter's number and the filtered samples; zeros where
 * the pixels end before, as Pillow has it.
 */
async function* pngLines(bytes, length, count) {
  let line = new Uint8Array(length);
  let filled = 0;
  for await (const part of inflated(bytes)) {
    for (let at = 0; at < part.length;) {
      const some = part.subarray(at, at + length - filled);
      line.set(some, filled);
      [at, filled] = [at + some.length, filled + some.length];
      if (filled < length) continue;
      yield line;
      if (--count === 0) return;
      [line, filled] = [new Uint8Array(length), 0];
    }
  }
  while (count-- > 0) yield new Uint8Array(length);
}

/** Yield a PNG's pixels, unpacked, part by part. */
async function* inflated(bytes) {
  const pixels = pngChunks(bytes).filter((it) => it.name === "IDAT");
  const packed = new Blob(pixels.map((it) => bytes.subarray(it.data, it.end)));
  const reader = packed.stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw isOutOfMemory(error) ? error : new HashingProblem("damaged");
  } finally {
    reader.cancel().catch(() => {}); // what comes after the last line is nobody's concern
  }
}

/** Undo a line's filter in place; `before` is the line above, undone, `step` a pixel's bytes. */
function unfilter(filter, line, before, step) {
  const undo = PNG_FILTERS[filter];
  if (!undo) throw new HashingProblem("damaged");
  undo(line, before, step);
}

const PNG_FILTERS = [
  () => {},
  (line, before, step) => {
    for (let i = step; i < line.length; i++) line[i] += line[i - step];
  },
  (line, before) => {
    for (let i = 0; i < line.length; i++) line[i] += before[i];
  },
  (line, before, step) => {
    for (let i = 0; i < step; i++) line[i] += before[i] >> 1;
    for (let i = step; i < line.length; i++) line[i] += (line[i - step] + before[i]) >> 1;
  },
  (line, before, step) => {
    for (let i = 0; i < step; i++) line[i] += before[i];
    for (let i = step; i < line.length; i++) {
      line[i] += paeth(line[i - step], before[i], before[i - step]);
    }
  },
];

/** Return the neighbour that is nearest to left + above - corner. */
function paeth(left, above, corner) {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** Write a line of samples as RGBA on white, from byte `to` on; of 16 bits the upper 8 count. */
function paintLine(line, { kind, sampleBytes, pixelBytes, key }, strip, to) {
  const isGrey = kind === PNG_GREY || kind === PNG_GREY_OPACITY;
  const hasOpacity = kind === PNG_GREY_OPACITY || kind === PNG_COLOUR_OPACITY;
  const next = isGrey ? 0 : sampleBytes;
  for (let at = 0; at < line.length; at += pixelBytes, to += 4) {
    let opacity = hasOpacity ? line[at + pixelBytes - sampleBytes] : 255;
    if (key && isKeyColour(line, at, key, isGrey)) opacity = 0;
    for (let i = 0; i < 3; i++) strip[to + i] = onWhite(line[at + i * next], opacity);
  }
}

/** Tell whether a 16-bit pixel can be seen through; of colours Pillow compares the upper bytes. */
function isKeyColour(line, at, key, isGrey) {
  if (isGrey) return line[at] === key[0] && line[at + 1] === key[1];
  return [0, 2, 4].every((i) => line[at + i] === key[i]);
}
