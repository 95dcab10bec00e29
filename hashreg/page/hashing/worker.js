// The loop that hashes picture after picture, in the order in which they come. Nothing is logged:
// what a picture shows and how it hashes is nobody's business.

/** 8 bytes for each patch that gets no token; set by the first message. */
let STOP_LIST = new Uint8Array(0);

let pictureBefore = Promise.resolve();

/** Take {stopList} once, {check} to be asked for `readsTruly`, and {id, file} for each picture. */
self.onmessage = ({ data }) => {
  if (data.stopList) {
    STOP_LIST = new Uint8Array(data.stopList);
  } else if (data.check) {
    self.postMessage({ readsTruly: readsTruly() });
  } else {
    pictureBefore = pictureBefore.then(() => answerFor(data));
  }
};

/** Answer with {id, fingerprint, thumbnail} or {id, problem: {code, values}}. */
async function answerFor({ id, file }) {
  try {
    const { fingerprint, thumbnail } = await fingerprintOf(file, { tokens: true });
    self.postMessage({ id, fingerprint, thumbnail }, [thumbnail.pixels.buffer]);
  } catch (error) {
    self.postMessage({ id, problem: problemIn(error) });
  }
}

function problemIn(error) {
  if (error instanceof HashingProblem) return { code: error.code, values: error.values };
  return { code: isOutOfMemory(error) ? "too_costly" : "crashed", values: {} };
}
