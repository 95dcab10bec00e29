// Where the picture is inside the picture: bars, borders, and the frames of apps and screens, with
// the numbers of hashreg/hashing/boxes.py. A box is {top, bottom, left, right} in pixels.

/** Grey levels by which a bar's pixels may differ from its ground. */
const GROUND_TOLERANCE = 12;

/** Share of the outermost line, and of any line of a bar, that is ground. */
const PLAIN_EDGE = 0.9;
const PLAIN_LINE = 0.5;

/** Share of each side that must be left after trimming. */
const LEAST_LEFT = 0.25;

/** Share of ground up to which a row or column still belongs to the picture in a screenshot. */
const CONTENT_ROW = 0.35;
const CONTENT_COLUMN = 0.6;

/** Of a screenshot's 8 x 8 blocks at least 30 % stay within 3 grey levels. */
const FLAT_LEVELS = 3;
const FLAT_BLOCK = 8;
const SCREEN_FLAT = 0.3;

/** Shares of the screen that a content box has at least, and at most. */
const LEAST_HEIGHT = 0.15;
const LEAST_WIDTH = 0.2;
const MOST_SURFACE = 0.97;

/** Return the box of everything. */
function wholeBox({ height, width }) {
  return { top: 0, bottom: height, left: 0, right: width };
}

function isSameBox(one, other) {
  return (
    Boolean(one && other) &&
    ["top", "bottom", "left", "right"].every((side) => one[side] === other[side])
  );
}

/** Return a part of a box, given as [top, bottom, left, right] in shares of its sides. */
function boxWindow(box, [top, bottom, left, right]) {
  const height = box.bottom - box.top;
  const width = box.right - box.left;
  return {
    top: box.top + roundedHalfEven(top * height),
    bottom: box.top + roundedHalfEven(bottom * height),
    left: box.left + roundedHalfEven(left * width),
    right: box.left + roundedHalfEven(right * width),
  };
}

/** Return what is left without plain borders, bars and meme text; null if nothing is there. */
function trimmedBox(plane) {
  let box = wholeBox(plane);
  for (let again = 0; again < 2; again++) {
    // a frame's columns are plain only without its bars
    const [above, below] = plainBars(plane, box, "top", "bottom");
    box = { ...box, top: box.top + above, bottom: box.bottom - below };
    const [before, after] = plainBars(plane, box, "left", "right");
    box = { ...box, left: box.left + before, right: box.right - after };
  }
  const isTooSmall =
    box.bottom - box.top < LEAST_LEFT * plane.height ||
    box.right - box.left < LEAST_LEFT * plane.width;
  return isTooSmall || isSameBox(box, wholeBox(plane)) ? null : box;
}

/** Return how many lines at two opposite sides of a box are bars. */
function plainBars(plane, box, side, opposite) {
  const lines = linesFrom(plane, box, side);
  const [one, other] = [plainBar(plane, lines), plainBar(plane, linesFrom(plane, box, opposite))];
  return one + other >= lines.count ? [0, 0] : [one, other];
}

/** Return where a box's lines lie, seen from a side: the first pixel, the steps, the numbers. */
function linesFrom({ width }, { top, bottom, left, right }, side) {
  const first = top * width + left;
  const rows = { count: bottom - top, length: right - left, step: 1 };
  const columns = { count: right - left, length: bottom - top, step: width };
  return {
    top: { ...rows, first, nextLine: width },
    bottom: { ...rows, first: first + (bottom - top - 1) * width, nextLine: -width },
    left: { ...columns, first, nextLine: 1 },
    right: { ...columns, first: first + right - left - 1, nextLine: -1 },
  }[side];
}

/** Return how many lines from the first on are mostly of the first line's colour. */
function plainBar({ data }, { first, nextLine, step, count, length }) {
  const ground = medianOf(Float32Array.from({ length }, (_, i) => data[first + i * step]));
  const share = (line) =>
    groundPixels(data, first + line * nextLine, step, length, ground) / length;
  if (share(0) < PLAIN_EDGE) return 0;
  let line = 0;
  while (line < count && share(line) >= PLAIN_LINE) line++;
  return line;
}

function groundPixels(data, first, step, length, ground) {
  let plain = 0;
  for (let i = 0, at = first; i < length; i++, at += step) {
    if (Math.abs(Math.fround(data[at] - ground)) <= GROUND_TOLERANCE) plain++;
  }
  return plain;
}

/** Return the median of float32 values in float32; they are put in order. */
function medianOf(values) {
  values.sort();
  const middle = Math.floor(values.length / 2);
  if (values.length % 2) return values[middle];
  return Math.fround(Math.fround(values[middle - 1] + values[middle]) / 2);
}

/** Tell whether a picture is a screenshot by how much of it is flat. */
function isScreen({ data, height, width }) {
  const down = Math.floor(height / FLAT_BLOCK);
  const across = Math.floor(width / FLAT_BLOCK);
  let flat = 0;
  for (let block = 0; block < down * across; block++) {
    const top = Math.floor(block / across) * FLAT_BLOCK;
    if (isFlatBlock(data, top * width + (block % across) * FLAT_BLOCK, width)) flat++;
  }
  return down * across > 0 && flat / (down * across) >= SCREEN_FLAT;
}

function isFlatBlock(data, first, width) {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < FLAT_BLOCK * FLAT_BLOCK; i++) {
    const value = data[first + Math.floor(i / FLAT_BLOCK) * width + (i % FLAT_BLOCK)];
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return Math.fround(most - least) <= FLAT_LEVELS;
}

/** Return the largest part of a screenshot that is not its app's ground; null if none is. */
function contentBox({ data, height, width }) {
  const ground = commonGrey(data);
  const rows = Array.from(
    { length: height },
    (_, y) => groundPixels(data, y * width, 1, width, ground) / width < CONTENT_ROW
  );
  const [top, bottom] = longestRun(rows);
  if (bottom - top < LEAST_HEIGHT * height) return null;
  const columns = Array.from(
    { length: width },
    (_, x) =>
      groundPixels(data, top * width + x, width, bottom - top, ground) / (bottom - top) <
      CONTENT_COLUMN
  );
  const [left, right] = longestRun(columns);
  if (right - left < LEAST_WIDTH * width) return null;
  if ((bottom - top) * (right - left) > MOST_SURFACE * height * width) return null;
  return { top, bottom, left, right };
}

/** Return the middle of the eight grey levels that are most frequent, the darkest of several. */
function commonGrey(data) {
  const counts = new Uint32Array(32);
  for (let i = 0; i < data.length; i++) counts[data[i] >> 3]++;
  return counts.indexOf(Math.max(...counts)) * 8 + 4;
}

/** Return start and end of the longest run of true, the first of several. */
function longestRun(wanted) {
  let [best, bestEnd] = [0, 0];
  for (let start = wanted.indexOf(true); start >= 0;) {
    let end = wanted.indexOf(false, start);
    if (end < 0) end = wanted.length;
    if (end - start > bestEnd - best) [best, bestEnd] = [start, end];
    start = wanted.indexOf(true, end);
  }
  return [best, bestEnd];
}
