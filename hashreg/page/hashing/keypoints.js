// Keypoints: blobs of a picture that are found again after it was cropped, scaled or turned.
// D. Lowe, "Distinctive image features from scale-invariant keypoints", IJCV 60 (2004); follows
// hashreg/hashing/keypoints.py, of which registering needs the first octave alone.
//
// A plane is {data: Float32Array, height, width}, row after row. Python works in float32 here:
// a sum or product of such numbers is rounded at once, by Math.fround or by being stored.

/** Blur of the first level in pixels, and the blur that the picture is taken to have. */
const LEVEL_SIGMA = 1.6;
const PICTURE_SIGMA = 0.5;

/** Levels in an octave, and the ratio of the blurs of two of them. */
const OCTAVE_LEVELS = 3;
const LEVEL_RATIO = 2 ** (1 / OCTAVE_LEVELS);

/** Pixels; a smaller picture has no keypoints. */
const LEAST_OCTAVE_SIDE = 16;

/** Standard deviations at which a Gaussian is cut off. */
const GAUSSIAN_CUT = 3;

/** Grey levels of the difference, before interpolation (in float32) and after. */
const LEAST_CANDIDATE = Math.fround(0.2);
const LEAST_CONTRAST = 0.4;

/** Pixels from the edge in which nothing is looked for. */
const KEYPOINT_MARGIN = 4;

/** Pixels, and levels, that the quadratic step may lead away. */
const MOST_OFFSET = 0.6;

/** Above this ratio of curvatures a blob is an edge. */
const EDGE_RATIO = 11 ** 2 / 10;

/** A determinant below this has no one solution. */
const SINGULAR_BELOW = 1e-9;

/** A blob nearer than this to the picture's edge belongs to the frame (times its size). */
const FRAME_SIGMAS = 3;

/** Return the levels G0 to G5 of the first octave of a luminance plane, 0 to 255; none if tiny. */
function scaleLevels(luma) {
  if (Math.min(luma.height, luma.width) < LEAST_OCTAVE_SIDE) {
    return [];
  }
  const first = Math.sqrt(LEVEL_SIGMA ** 2 - PICTURE_SIGMA ** 2);
  const sideways = [blurredPlane(transposedPlane(luma), first)];
  for (let level = 1; level < OCTAVE_LEVELS + 3; level++) {
    const before = LEVEL_SIGMA * LEVEL_RATIO ** (level - 1);
    const more = before * Math.sqrt(LEVEL_RATIO ** 2 - 1);
    sideways.push(blurredPlane(sideways[level - 1], more));
  }
  return sideways.map(transposedPlane);
}

/** Return a plane blurred by a Gaussian, rows first; what lies outside is the plane mirrored. */
function blurredPlane(plane, sigma) {
  const weights = gaussianWeights(sigma);
  return convolvedAndTurned(convolvedAndTurned(plane, weights), weights);
}

/** Return the weights of a Gaussian, from the middle one to the last one on either side. */
function gaussianWeights(sigma) {
  const radius = Math.ceil(GAUSSIAN_CUT * sigma);
  const weights = Array.from({ length: radius + 1 }, (_, distance) =>
    Math.exp(-(distance ** 2) / (2 * sigma ** 2))
  );
  const sum = weights.reduce((total, weight) => total + 2 * weight, -weights[0]);
  return Float32Array.from(weights, (weight) => weight / sum);
}

/** Return the plane convolved along its rows, transposed; needs more columns than weights. */
function convolvedAndTurned({ data, height, width }, weights) {
  const radius = weights.length - 1;
  const padded = new Float32Array(width + 2 * radius);
  const result = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    padRow(padded, data.subarray(y * width, (y + 1) * width), radius);
    for (let x = 0; x < width; x++) {
      const middle = x + radius;
      let sum = Math.fround(padded[middle] * weights[0]);
      for (let away = 1; away <= radius; away++) {
        const pair = Math.fround(padded[middle - away] + padded[middle + away]);
        sum = Math.fround(sum + Math.fround(pair * weights[away]));
      }
      result[x * height + y] = sum;
    }
  }
  return { data: result, height: width, width: height };
}

/** Fill `padded` with a row and, on both sides, with the row mirrored, its ends repeated. */
function padRow(padded, row, radius) {
  padded.set(row, radius);
  for (let away = 0; away < radius; away++) {
    padded[radius - 1 - away] = row[away];
    padded[radius + row.length + away] = row[row.length - 1 - away];
  }
}

/** Return a plane with rows and columns exchanged. */
function transposedPlane(plane) {
  const { data, height, width } = plane;
  const result = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      result[x * height + y] = data[y * width + x];
    }
  }
  return { data: result, height: width, width: height };
}

/**
 * Return the `most` strongest blobs, strongest first, as {x, y, sigma, strength, level}: pixels of
 * the picture, grey levels, and the number of the level that the blob was found in.
 */
function findKeypoints(levels, most) {
  if (!levels.length) {
    return [];
  }
  const differences = levels.slice(1).map((upper, index) => planeDifference(upper, levels[index]));
  const found = [];
  for (let level = 1; level <= OCTAVE_LEVELS; level++) {
    found.push(...levelKeypoints(differences, level));
  }
  const inside = found.filter((point) => isOffTheFrame(point, levels[0]));
  return inside.sort((one, other) => other.strength - one.strength).slice(0, most);
}

/** Return upper - lower. */
function planeDifference(upper, lower) {
  const data = new Float32Array(upper.data.length);
  for (let at = 0; at < data.length; at++) {
    data[at] = upper.data[at] - lower.data[at];
  }
  return { data, height: upper.height, width: upper.width };
}

/** Return whether a blob is far enough from the plane's edges, measured by its size. */
function isOffTheFrame(point, plane) {
  const frame = FRAME_SIGMAS * point.sigma;
  return (
    point.x >= frame &&
    point.x <= plane.width - 1 - frame &&
    point.y >= frame &&
    point.y <= plane.height - 1 - frame
  );
}

/** Return the blobs of one level, row after row; `differences` are five planes. */
function levelKeypoints(differences, level) {
  const { data, height, width } = differences[level];
  const around = [differences[level - 1].data, data, differences[level + 1].data];
  const found = [];
  for (let y = KEYPOINT_MARGIN; y < height - KEYPOINT_MARGIN; y++) {
    for (let x = KEYPOINT_MARGIN; x < width - KEYPOINT_MARGIN; x++) {
      const at = y * width + x;
      if (Math.abs(data[at]) > LEAST_CANDIDATE && isExtremum(around, at, width)) {
        const point = refinedKeypoint(around, x, y, level, width);
        if (point) {
          found.push(point);
        }
      }
    }
  }
  return found;
}

/** Return whether no neighbour is higher, or none is lower; `around` are three levels' data. */
function isExtremum(around, at, width) {
  return isSummit(around, at, width, 1) || isSummit(around, at, width, -1);
}

/** Return whether none of the 26 neighbours is higher; with sign -1, none is lower. */
function isSummit([lower, here, upper], at, width, sign) {
  const height = sign * here[at];
  for (let row = at - width; row <= at + width; row += width) {
    for (let place = row - 1; place <= row + 1; place++) {
      if (
        sign * here[place] > height ||
        sign * lower[place] > height ||
        sign * upper[place] > height
      ) {
        return false;
      }
    }
  }
  return true;
}

/** Return the blob at (x, y) after one quadratic step; null if it is weak or an edge. */
function refinedKeypoint(around, x, y, level, width) {
  const at = y * width + x;
  const { slope, curvature } = scaleDerivatives(around, at, width);
  if (isEdge(curvature)) {
    return null;
  }
  const offset = stepToExtremum(slope, curvature);
  const moved = slope[0] * offset[0] + slope[1] * offset[1] + slope[2] * offset[2];
  const strength = Math.abs(around[1][at] + 0.5 * moved);
  const sigma = LEVEL_SIGMA * LEVEL_RATIO ** (level + offset[2]);
  return strength > LEAST_CONTRAST
    ? { x: x + offset[0], y: y + offset[1], sigma, strength, level }
    : null;
}

/** Return whether the picture bends far more in one direction than in the other, or saddles. */
function isEdge(curvature) {
  const xx = curvature[0][0];
  const xy = curvature[0][1];
  const yy = curvature[1][1];
  const determinant = xx * yy - xy * xy;
  const trace = xx + yy;
  return !(determinant > 0 && trace * trace < EDGE_RATIO * determinant);
}

/** Return the slope (3) and curvature (3 x 3) in x, y and scale at a place of the middle plane. */
function scaleDerivatives([lower, here, upper], at, width) {
  const up = at - width;
  const down = at + width;
  const twice = 2 * here[at];
  const slope = [
    (here[at + 1] - here[at - 1]) / 2,
    (here[down] - here[up]) / 2,
    (upper[at] - lower[at]) / 2,
  ];
  const xx = here[at + 1] + here[at - 1] - twice;
  const yy = here[down] + here[up] - twice;
  const ss = upper[at] + lower[at] - twice;
  const xy = (here[down + 1] - here[down - 1] - here[up + 1] + here[up - 1]) / 4;
  const xs = (upper[at + 1] - upper[at - 1] - lower[at + 1] + lower[at - 1]) / 4;
  const ys = (upper[down] - upper[up] - lower[down] + lower[up]) / 4;
  return {
    slope,
    curvature: [
      [xx, xy, xs],
      [xy, yy, ys],
      [xs, ys, ss],
    ],
  };
}

/** Return the way to the extremum (3), at most MOST_OFFSET; zeros where there is no one way. */
function stepToExtremum(slope, curvature) {
  const rows = curvature.map((row, index) => [...row, -slope[index]]);
  const determinant = eliminateBelow(rows);
  if (Math.abs(determinant) <= SINGULAR_BELOW) {
    return [0, 0, 0];
  }
  const [[a, b, c, first], [, d, e, second], [, , f, third]] = rows;
  const scale = third / f;
  const y = (second - e * scale) / d;
  const x = (first - c * scale - b * y) / a;
  return [x, y, scale].map((way) => Math.max(-MOST_OFFSET, Math.min(MOST_OFFSET, way)));
}

/**
 * Bring three equations (rows of 4) to the upper triangular form, the largest pivot first, and
 * return their determinant.
 */
function eliminateBelow(rows) {
  let determinant = 1;
  for (let column = 0; column < 3; column++) {
    let pivot = column;
    for (let row = column + 1; row < 3; row++) {
      if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) {
        pivot = row;
      }
    }
    if (pivot !== column) {
      [rows[pivot], rows[column]] = [rows[column], rows[pivot]];
      determinant = -determinant;
    }
    determinant *= rows[column][column];
    if (determinant === 0) {
      return 0;
    }
    for (let row = column + 1; row < 3; row++) {
      const factor = rows[row][column] / rows[column][column];
      for (let place = column; place < 4; place++) {
        rows[row][place] -= factor * rows[column][place];
      }
    }
  }
  return determinant;
}
