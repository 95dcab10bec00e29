// Choosing pictures: each is hashed as soon as it was chosen, and says how it stands.

const THUMBNAIL_PX = 48;

function picturesView() {
  const title = state.isNew ? tr("Choose your pictures") : tr("Choose more pictures");
  return [
    h("h1", {}, title),
    paragraph(tr("They stay on this device. You can choose several at once, and add more later.")),
    chooser(),
    progressBar(),
    h(
      "label",
      { class: "check" },
      h("input", {
        type: "checkbox",
        checked: state.showThumbnails,
        change: (event) => showThumbnails(event.target.checked),
      }),
      tr("Show small, blurred previews")
    ),
    h("ul", { id: "pictures", class: "pictures" }, state.pictures.map(pictureRow)),
    h("div", { id: "go-on" }, ...goOn()),
    toTheStart(),
  ];
}

function chooser() {
  const look = { class: "main" };
  const several = { multiple: true, accept: "image/*,video/*,.heic,.heif,.avif" };
  const folder = { webkitdirectory: true };
  return h(
    "div",
    { class: "drop" },
    ...filePicker(tr("Choose pictures"), "choose-files", addFiles, several, look),
    h(
      "span",
      { class: "with-a-mouse" },
      ...filePicker(tr("Choose a folder"), "choose-folder", addFolder, folder),
      paragraph(tr("Or drop pictures or folders here."), { class: "small" })
    )
  );
}

/** Add what a folder holds, but for what can't be a picture. */
function addFolder(files) {
  addFiles(files.filter(mayBePicture));
}

/** Tell whether a file may be a picture or a video: one without a known type may. */
function mayBePicture({ name, type }) {
  const isHidden = /^\.|^(thumbs\.db|desktop\.ini)$/i.test(name);
  return !isHidden && (!type || /^(image|video)\//.test(type));
}

/** Add chosen files and begin to hash them. */
function addFiles(files) {
  state.wasSaved = false;
  const added = files.map((file) => ({ file, fingerprint: null, problem: null, thumbnail: null }));
  state.pictures.push(...added);
  for (const picture of added) {
    hashLater(picture.file, (answer) => takeHashes(picture, answer));
  }
  if (currentView !== picturesView) return;
  document.getElementById("pictures").append(...added.map(pictureRow));
  updatePictures();
}

/** Show how far the pictures are, and whether one can go on. */
function updatePictures() {
  const [all, done] = [state.pictures.length, state.pictures.filter(isDone).length];
  fillProgress(document.getElementById("progress"));
  document.getElementById("go-on").replaceChildren(...goOn());
  if (all && done === all) announce(summary());
}

function takeHashes(picture, { fingerprint, thumbnail, problem }) {
  if (!state.pictures.includes(picture)) return;
  picture.fingerprint = fingerprint || null;
  picture.thumbnail = thumbnail || null;
  picture.problem = problem || null;
  picture.digest = fingerprint && fingerprint.hashes.find((it) => it.algorithm === "sha256").hash;
  picture.file = { name: picture.file.name };
  markRepeats();
  if (currentView !== picturesView) return;
  drawAgain(picture);
  updatePictures();
}

/** Mark each picture that is the very same file as one before it in the list. */
function markRepeats() {
  const seen = new Set();
  for (const picture of state.pictures) {
    const isRepeated = Boolean(picture.digest) && seen.has(picture.digest);
    if (picture.digest) seen.add(picture.digest);
    if (isRepeated === Boolean(picture.isRepeated)) continue;
    picture.isRepeated = isRepeated;
    drawAgain(picture);
  }
}

/** Draw a picture's row again, without taking the focus away. */
function drawAgain(picture) {
  const before = picture.row;
  const hadFocus = before.contains(document.activeElement);
  before.replaceWith(pictureRow(picture));
  if (hadFocus) picture.row.querySelector(".remove").focus();
}

function pictureRow(picture) {
  picture.row = h(
    "li",
    { class: picture.problem ? "bad" : picture.fingerprint ? "good" : "waiting" },
    thumbnailOf(picture),
    h(
      "div",
      { class: "what" },
      h("span", { class: "file" }, picture.file.name),
      h("span", { class: "how" }, howItStands(picture))
    ),
    button("×", () => removePicture(picture), {
      class: "remove",
      "aria-label": tr("Leave out {file}", { file: picture.file.name }),
    })
  );
  return picture.row;
}

function howItStands(picture) {
  if (picture.problem) return problemText(picture.problem);
  if (picture.isRepeated) return tr("Already in your list; it counts once.");
  return picture.fingerprint ? tr("Ready, not sent yet") : tr("Being prepared…");
}

/** Return a blurred preview: 24 pixels at most are known of the picture here. */
function thumbnailOf({ thumbnail }) {
  const box = h("span", { class: "thumbnail", "aria-hidden": "true" });
  if (thumbnail && state.showThumbnails) {
    const { width, height, pixels } = thumbnail;
    const canvas = h("canvas", { width, height });
    canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
    const scale = THUMBNAIL_PX / Math.max(width, height);
    canvas.style.width = `${Math.round(width * scale)}px`;
    canvas.style.height = `${Math.round(height * scale)}px`;
    box.append(canvas);
  }
  return box;
}

function showThumbnails(wanted) {
  state.showThumbnails = wanted;
  document.getElementById("pictures").replaceChildren(...state.pictures.map(pictureRow));
}

function removePicture(picture) {
  hashNever(picture.file);
  const at = state.pictures.indexOf(picture);
  state.pictures.splice(at, 1);
  picture.row.remove();
  markRepeats();
  updatePictures();
  const rows = document.querySelectorAll(".remove");
  (rows[Math.min(at, rows.length - 1)] || document.querySelector(".drop .main")).focus();
}

function usable() {
  return state.pictures.filter((it) => it.fingerprint && !it.isRepeated);
}

function isDone(picture) {
  return picture.fingerprint !== null || picture.problem !== null;
}

function progressBar() {
  const bar = h("div", { id: "progress" });
  fillProgress(bar);
  return bar;
}

function fillProgress(bar) {
  const [all, done] = [state.pictures.length, state.pictures.filter(isDone).length];
  if (!all) return bar.replaceChildren();
  const label = done < all ? tr("{done} of {all} pictures done", { done, all }) : summary();
  const progress = h("progress", { max: all, value: done, "aria-labelledby": "progress-label" });
  return bar.replaceChildren(
    h("p", { id: "progress-label" }, label),
    ...(done < all ? [progress] : [])
  );
}

/** Return how many pictures are ready, and what became of the others. */
function summary() {
  const bad = state.pictures.filter((it) => it.problem).length;
  const again = state.pictures.filter((it) => it.isRepeated).length;
  return [
    tr("Pictures ready: {count}", { count: usable().length }),
    again && tr("chosen twice: {count}", { count: again }),
    bad && tr("can't be used and are left out: {count}", { count: bad }),
  ]
    .filter(Boolean)
    .join(" · ");
}

function goOn() {
  const place = h("div", {});
  const allDone = state.pictures.every(isDone);
  const next = () => working(place, tr("One moment…"), makeFile);
  const tooMany = usable().length > MOST_ITEMS;
  const none = state.pictures.length > 0 && allDone && !usable().length;
  return [
    tooMany && paragraph(tr(TOO_MANY, { most: MOST_ITEMS })),
    none && paragraph(tr("None of these pictures can be used. Choose others to go on.")),
    state.pictures.length > 0 &&
      buttons(
        button(tr("Continue"), next, {
          class: "main",
          disabled: !allDone || tooMany || !usable().length,
        })
      ),
    place,
  ].filter(Boolean);
}

const TOO_MANY = N_(
  "That is more than can be sent at once. Leave some out, so that {most} are left; you can add " +
    "the others afterwards."
);

/** Sign the hashes: for a new case with new numbers, else with the key of the case. */
async function makeFile() {
  if (state.isNew && !state.made) {
    const [number, code] = [newCaseNumber(), newRecoveryCode()];
    state.made = { number, code, key: await signingKey(number, code) };
  }
  const items = usable().map((it) => it.fingerprint);
  const kind = state.isNew ? "submission" : "addition";
  state.file = await signedDocument(kind, state.made.number, state.made.key, items);
  state.wasSaved = false;
  show(state.isNew ? numbersView : sendView);
}

/** Take what is dropped anywhere on the page while pictures are chosen. */
async function takeDropped(event) {
  event.preventDefault();
  const isBusy = document.getElementById("main").inert;
  if (currentView !== picturesView || isBusy || !event.dataTransfer) return;
  const visit = state;
  const dropped = [...event.dataTransfer.items].map((item) => ({
    entry: item.webkitGetAsEntry && item.webkitGetAsEntry(),
    file: item.getAsFile(),
  }));
  const found = await Promise.all(
    dropped.map(({ entry, file }) => {
      if (entry && entry.isDirectory) return filesIn(entry).catch(() => []);
      return file ? [file] : [];
    })
  );
  if (state === visit) addFiles(found.flat());
}

/** Return what may be a picture in a dropped folder. */
async function filesIn(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return mayBePicture(file) ? [file] : [];
  }
  const reader = entry.createReader();
  const files = [];
  for (;;) {
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!entries.length) return files;
    for (const inner of entries) files.push(...(await filesIn(inner).catch(() => [])));
  }
}
