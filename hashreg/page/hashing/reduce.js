// The area-reduced copy that everything but the whole picture's PDQ is computed from: Pillow's
// `Image.reduce`, bit for bit, of the stored pixels; turning it upright; and its luminance as
// `luminance` of hashreg/hashing/views.py has it.

/** The copy's long side is this or a little more (COPY_SIDE of hashreg/hashing/decode.py). */
const COPY_SIDE = 512;

/** ITU-R BT.601 weights of red, green and blue, in float32 as in hashreg/hashing/pdq.py. */
const [RED_WEIGHT, GREEN_WEIGHT, BLUE_WEIGHT] = Float32Array.of(0.299, 0.587, 0.114);

/** Copies a picture while its rows pass by, each cell of factor x factor pixels averaged. */
class ReducedCopy {
  /** `grey`: take one channel only. */
  constructor(width, height, grey) {
    this.factor = Math.max(1, Math.floor(Math.max(width, height) / COPY_SIDE));
    this.sourceWidth = width;
    this.sourceHeight = height;
    this.width = Math.ceil(width / this.factor);
    this.height = Math.ceil(height / this.factor);
    this.channels = grey ? 1 : 3;
    this.data = new Uint8Array(this.width * this.height * this.channels);
    this.sums = new Uint32Array(this.width * this.channels);
  }

  /** Take stored rows, from row `first` on, as RGBA. */
  addStrip(rgba, first, count) {
    const { factor, sourceWidth, sourceHeight, sums } = this;
    const add = this.channels === 1 ? addGreyCells : addColourCells;
    for (let i = 0; i < count; i++) {
      const row = first + i + 1;
      add(sums, rgba, i * sourceWidth * 4, sourceWidth, factor);
      if (row % factor === 0 || row === sourceHeight) {
        this.finishCells(Math.floor((row - 1) / factor), ((row - 1) % factor) + 1);
      }
    }
  }

  /** Write the averages of a row of cells that are `tall` pixels high, and start the next. */
  finishCells(row, tall) {
    const { factor, width, channels, sums, data } = this;
    const last = this.sourceWidth - (width - 1) * factor;
    const start = row * width * channels;
    writeAverages(sums, 0, (width - 1) * channels, factor * tall, data, start);
    writeAverages(sums, (width - 1) * channels, width * channels, last * tall, data, start);
    sums.fill(0);
  }

  /** Return the copy as {data: Uint8Array of (h, w, channels), width, height, channels}. */
  finished() {
    const { data, width, height, channels } = this;
    return { data, width, height, channels };
  }
}

/** Add a row of RGBA pixels, from byte `at` on, to the three sums of each cell. */
function addColourCells(sums, rgba, at, width, factor) {
  for (let x = 0, cell = 0; x < width; cell += 3) {
    let red = 0,
      green = 0,
      blue = 0;
    for (const end = Math.min(width, x + factor); x < end; x++, at += 4) {
      red += rgba[at];
      green += rgba[at + 1];
      blue += rgba[at + 2];
    }
    sums[cell] += red;
    sums[cell + 1] += green;
    sums[cell + 2] += blue;
  }
}

function addGreyCells(sums, rgba, at, width, factor) {
  for (let x = 0, cell = 0; x < width; cell++) {
    let grey = 0;
    for (const end = Math.min(width, x + factor); x < end; x++, at += 4) grey += rgba[at];
    sums[cell] += grey;
  }
}

/** Divide sums of `pixels` pixels as libImaging/Reduce.c does: by a multiplier out of a float32. */
function writeAverages(sums, from, to, pixels, data, start) {
  const multiplier = Math.trunc(Math.fround(2 ** 32 / Math.fround(256 * pixels)));
  const half = Math.floor(pixels / 2);
  for (let i = from; i < to; i++) data[start + i] = Math.imul(sums[i] + half, multiplier) >>> 24;
}

/** Return a small copy turned upright. */
function uprightCopy(copy, { flipRows, flipColumns, transpose }) {
  const { data, width, height, channels } = copy;
  const turned = new Uint8Array(data.length);
  const [across, down] = transpose ? [height, 1] : [1, width];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const column = flipColumns ? width - 1 - x : x;
      const row = flipRows ? height - 1 - y : y;
      const from = (y * width + x) * channels;
      const to = (column * across + row * down) * channels;
      for (let i = 0; i < channels; i++) turned[to + i] = data[from + i];
    }
  }
  const [newWidth, newHeight] = transpose ? [height, width] : [width, height];
  return { data: turned, width: newWidth, height: newHeight, channels };
}

/**
 * Return the luminance of a copy as {data: Float32Array of (h, w), height, width}, 0 to 255. Each
 * product and each sum is rounded to float32, red first, as NumPy's `einsum` does it.
 */
function luminanceOf({ data, width, height, channels }) {
  const luma = new Float32Array(width * height);
  if (channels === 1) {
    luma.set(data);
    return { data: luma, height, width };
  }
  const round = Math.fround;
  for (let i = 0, at = 0; i < luma.length; i++, at += 3) {
    const red = round(data[at] * RED_WEIGHT);
    const green = round(data[at + 1] * GREEN_WEIGHT);
    luma[i] = round(red + green) + round(data[at + 2] * BLUE_WEIGHT);
  }
  return { data: luma, height, width };
}
