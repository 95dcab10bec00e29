// Which parts of a picture a case holds hashes of beside the whole picture: recipe hashreg-1, as in
// hashreg/hashing/views.py (docs/decisions/007-views.md).

/** Pixels of the reduced copy that a part must have a side; less is a smear. */
const LEAST_PART_SIDE = 32;

/** The windows of the picture without its borders, [top, bottom, left, right] in shares. */
const REGISTERED_WINDOWS = [
  centreWindow(0.92),
  centreWindow(0.75),
  centreWindow(0.5),
  ...sideWindows(0.05),
  ...sideWindows(0.2),
  ...cornerWindows(0.05),
];

function centreWindow(share) {
  const cut = (1 - share) / 2;
  return [`centre-${percentOf(share)}`, [cut, 1 - cut, cut, 1 - cut]];
}

/** Return the four windows that leave out this share at one side. */
function sideWindows(cut) {
  const percent = percentOf(cut);
  return [
    [`cut-top-${percent}`, [cut, 1, 0, 1]],
    [`cut-bottom-${percent}`, [0, 1 - cut, 0, 1]],
    [`cut-left-${percent}`, [0, 1, cut, 1]],
    [`cut-right-${percent}`, [0, 1, 0, 1 - cut]],
  ];
}

/** Return the four windows that leave out this share at two neighbouring sides. */
function cornerWindows(cut) {
  const percent = percentOf(cut);
  return [
    [`cut-top-left-${percent}`, [cut, 1, cut, 1]],
    [`cut-top-right-${percent}`, [cut, 1, 0, 1 - cut]],
    [`cut-bottom-left-${percent}`, [0, 1 - cut, cut, 1]],
    [`cut-bottom-right-${percent}`, [0, 1 - cut, 0, 1 - cut]],
  ];
}

function percentOf(share) {
  return Math.round(share * 100);
}

/**
 * Return the parts that a case holds of an upright copy and its luminance: `boxes` as
 * [view, box] in order, `trimmed` the box without borders or null, `base` what windows are of.
 */
function registeredParts(plane) {
  const trimmed = trimmedBox(plane);
  const content = isScreen(plane) ? contentBox(plane) : null;
  const base = trimmed || wholeBox(plane);
  const boxes = [
    ["trimmed", trimmed],
    ["content", isSameBox(content, trimmed) ? null : content],
    ...REGISTERED_WINDOWS.map(([name, shares]) => [`window:${name}`, boxWindow(base, shares)]),
  ];
  return { trimmed, base, boxes: boxes.filter(([, box]) => box && isLargeEnough(box)) };
}

function isLargeEnough({ top, bottom, left, right }) {
  return Math.min(bottom - top, right - left) >= LEAST_PART_SIDE;
}

/** Return a part of a luminance plane as a plane of its own. */
function croppedPlane({ data, width }, { top, bottom, left, right }) {
  const part = { height: bottom - top, width: right - left };
  part.data = new Float32Array(part.height * part.width);
  for (let y = top; y < bottom; y++) {
    part.data.set(data.subarray(y * width + left, y * width + right), (y - top) * part.width);
  }
  return part;
}

/** Return a part of a copy as a copy of its own. */
function croppedCopy({ data, width, channels }, { top, bottom, left, right }) {
  const part = { height: bottom - top, width: right - left, channels };
  part.data = new Uint8Array(part.height * part.width * channels);
  for (let y = top; y < bottom; y++) {
    const row = data.subarray((y * width + left) * channels, (y * width + right) * channels);
    part.data.set(row, (y - top) * part.width * channels);
  }
  return part;
}
