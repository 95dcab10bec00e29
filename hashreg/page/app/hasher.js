// Hashing beside the page, in workers, so that it stays usable; what a picture breaks costs that
// picture only.

/** A picture that takes longer than this is given up. */
const PICTURE_MS = 120000;
/** Two at once where there are processors for it; more would only take more memory. */
const WORKERS =
  (navigator.hardwareConcurrency || 1) >= 4 &&
  (navigator.deviceMemory || 8) > 4 &&
  !window.matchMedia("(pointer: coarse)").matches
    ? 2
    : 1;

const hashing = { waiting: [], idle: [], busy: new Map(), begun: 0 };

/** Hash a file; `done` is called once, with {fingerprint, thumbnail} or {problem}. */
function hashLater(file, done) {
  hashing.waiting.push({ file, done });
  hashNext();
}

/** Take a file back that nobody wants to be hashed any more. */
function hashNever(file) {
  hashing.waiting = hashing.waiting.filter((job) => job.file !== file);
  for (const [worker, job] of hashing.busy) {
    if (job.file === file) endWorker(worker);
  }
  hashNext();
}

/** Tell whether a canvas gives back what was drawn; some browsers scramble it on purpose. */
function readsPixelsTruly() {
  return new Promise((resolve) => {
    const worker = startWorker();
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data.readsTruly);
    };
    worker.postMessage({ check: true });
  });
}

/** Forget everything that is being hashed, and the memory it takes. */
function stopHashing() {
  for (const worker of [...hashing.busy.keys(), ...hashing.idle]) endWorker(worker);
  hashing.waiting = [];
}

function hashNext() {
  if (!hashing.waiting.length || hashing.busy.size >= WORKERS) return;
  const worker = hashing.idle.pop() || startWorker();
  const job = hashing.waiting.shift();
  job.id = ++hashing.begun;
  job.patience = setTimeout(() => finish(worker, { problem: { code: "too_costly" } }), PICTURE_MS);
  hashing.busy.set(worker, job);
  worker.postMessage({ id: job.id, file: job.file });
  hashNext();
}

/** Take a worker's answer; one that broke or hangs is replaced. */
function finish(worker, answer) {
  const job = hashing.busy.get(worker);
  if (!job || (answer.id !== undefined && answer.id !== job.id)) return;
  clearTimeout(job.patience);
  if (answer.id === undefined) endWorker(worker);
  else {
    hashing.busy.delete(worker);
    hashing.idle.push(worker);
  }
  job.done(answer);
  hashNext();
}

function startWorker() {
  const source = document.getElementById("hashing").textContent;
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(address);
  worker.addEventListener("message", () => URL.revokeObjectURL(address), { once: true });
  worker.onmessage = (event) => finish(worker, event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    finish(worker, { problem: { code: "crashed" } });
  };
  worker.onmessageerror = worker.onerror;
  worker.postMessage({ stopList: fromBase64(SETTINGS.stopList).buffer });
  return worker;
}

function endWorker(worker) {
  worker.terminate();
  const job = hashing.busy.get(worker);
  if (job) clearTimeout(job.patience);
  hashing.busy.delete(worker);
  hashing.idle = hashing.idle.filter((it) => it !== worker);
}
