// What the page knows while it is open. Nothing of it is stored anywhere.

function emptyState() {
  return {
    /** One for each chosen file, see pictures.js. */
    pictures: [],
    showThumbnails: true,
    /** {number, code, key} of the case that is being made or added to; `code` only if it is new. */
    made: null,
    isNew: true,
    /** The signed file that waits to be handed over or saved. */
    file: null,
    /** What the registry said of it, or null. */
    taken: null,
    /** Why it could not be sent at once, or null. */
    trouble: null,
    /** Whether the file, under its number, may be at the registry or on its way to it. */
    mayHaveLeft: false,
    wasSaved: false,
    wroteDown: false,
    typed: { number: "", code: "" },
    standing: null,
    notice: emptyNotice(),
  };
}

let state = emptyState();

/** Forget everything: pictures, hashes, numbers, and what was typed. */
function forget() {
  stopHashing();
  state = emptyState();
}

/** Whether leaving now would lose something that took effort. */
function hasUnsaved() {
  const isOver = state.taken || state.wasSaved;
  return !isOver && (state.file !== null || state.pictures.some((it) => it.fingerprint));
}
