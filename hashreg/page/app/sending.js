// Handing a signed file over, or saving it to be handed over later, and what became of it.

function sendView() {
  const { kind, pictures, name } = state.file;
  const number = state.file.case;
  const said = {
    addition: tr("Pictures to add to case {number}: {pictures}", { number, pictures }),
    withdrawal: tr("Withdraw case {number}", { number }),
  };
  return [
    h("h1", {}, said[kind] || tr("Submit {file}", { file: name })),
    kind === "withdrawal" && paragraph(tr(WITHDRAWING)),
    h("div", { id: "send" }, ...sending()),
    toTheStart(),
  ];
}

const WITHDRAWING = N_(
  "The hashes of this case are deleted, and copies of its pictures are not looked for any more. " +
    "This can't be undone; you can make a new case at any time."
);

/** Return the two ways on; a new case's numbers have to be kept first. */
function sending() {
  const place = h("div", {});
  const disabled = state.isNew && state.made !== null && !state.wroteDown;
  const send = () => working(place, tr("Being sent…"), sendFile);
  const save = canAsk() ? tr("Don't send now: save as a file") : tr("Save as a file");
  if (state.trouble) showProblem(place, state.trouble);
  return [
    disabled && paragraph(tr("Write both down, then tick the box above."), { class: "small" }),
    paragraph(canAsk() ? tr(ONLY_HASHES) : byHand(), { class: "small" }),
    buttons(
      canAsk() && button(tr("Send to the registry"), send, { class: "main", disabled }),
      button(save, () => working(place, tr("One moment…"), saveSigned), {
        class: canAsk() ? "" : "main",
        disabled,
      })
    ),
    place,
    state.isNew &&
      !state.mayHaveLeft &&
      button(tr("Back to the pictures"), () => show(picturesView), { class: "quiet" }),
  ].filter(Boolean);
}

const ONLY_HASHES = N_(
  "The pictures are not sent, only hashes and a signature. With a file you can do it later, or " +
    "through a help line."
);

function byHand() {
  return isSealedWhenSaved(state.file)
    ? tr(
        "Take the file to your help line or registry. It is sealed, so that only the registry " +
          "can read it; whoever finds it sees nothing."
      )
    : tr(
        "Take the file to your help line or registry. It holds hashes only, but keep it like a " +
          "secret, and delete it afterwards."
      );
}

async function sendFile() {
  state.trouble = null;
  state.mayHaveLeft = true;
  state.taken = await handOver(state.file);
  show(doneView);
}

async function saveSigned() {
  const { name, content } = state.file;
  const saved = wantsSealing(state.file) ? await sealed(content) : content;
  saveFile(name, saved, "application/octet-stream");
  state.wasSaved = state.mayHaveLeft = true;
  show(doneView);
}

/** A heading and a sentence for each outcome that a registry can have. */
const OUTCOMES = {
  taken_in: [N_("Registered"), N_("From now on copies of your pictures are looked for.")],
  added: [N_("Pictures added"), N_("From now on copies of these pictures are looked for, too.")],
  withdrawn: [N_("Withdrawn"), N_("The case is withdrawn. Its hashes are deleted.")],
  waiting: [
    N_("No case was withdrawn yet"),
    N_(
      "This registry does not know the case. It keeps the withdrawal, which counts as soon as " +
        "the case arrives."
    ),
  ],
  already: [N_("Nothing to do"), N_("The registry had this already. Nothing was changed.")],
  held: [
    N_("Registered"),
    N_(
      "One of the pictures is like one that is widely shared and harmless, so a person looks at " +
        "that first. You don't have to do anything."
    ),
  ],
  delegated: [N_("Done"), N_("The helper may act for the case from now on.")],
  revoked: [N_("Done"), N_("The helper may not act for the case any more.")],
};

function doneView() {
  return [
    ...(state.taken ? sentWords(state.taken) : savedWords()),
    ...numbersAgain(),
    ...whatNext(),
    buttons(button(tr("Close and go to the start"), closeAll)),
  ];
}

/** An outcome that is told otherwise: what is there already was registered before. */
const HERE_ALREADY = [N_("Registered"), N_("Your pictures had arrived here before.")];

function sentWords({ outcome, matches, pictures, held }) {
  const again = outcome === "already" && state.file.kind === "submission";
  const waits = held > 0 && held === pictures;
  const [title, text] = again ? HERE_ALREADY : OUTCOMES[waits ? "held" : outcome];
  return [
    h("h1", {}, tr(title)),
    paragraph(tr(text), { class: "good note" }),
    pictures > 0 &&
      outcome !== "withdrawn" &&
      paragraph(tr("Pictures: {count}", { count: pictures })),
    held > 0 && paragraph(tr("Pictures that wait for a person: {count}", { count: held })),
    matches > 0 &&
      paragraph(tr("Copies that platforms had reported before: {count}", { count: matches })),
  ];
}

function savedWords() {
  const { name, kind } = state.file;
  const place = h("div", {});
  return [
    h("h1", {}, tr("The file is saved")),
    paragraph(
      tr("Before you close this, look whether {file} is among your downloads.", { file: name }),
      { class: "note" }
    ),
    paragraph(
      kind === "withdrawal"
        ? tr("Nothing has been withdrawn yet: take the file to your help line or registry.")
        : tr(NOT_YET)
    ),
    isSealedWhenSaved(state.file)
      ? paragraph(tr(IS_SEALED))
      : kind !== "withdrawal" && paragraph(tr(KEEP_SECRET)),
    place,
    buttons(
      button(tr("Save it again"), () => working(place, tr("One moment…"), saveSigned)),
      canAsk() &&
        button(tr("Back, to send it now"), () => show(isNewCase() ? numbersView : sendView))
    ),
  ];
}

const NOT_YET = N_(
  "Nothing has been registered yet: take the file to your help line or registry, or submit it on " +
    "the registry's page."
);
const IS_SEALED = N_("It is sealed, so that only the registry can read it.");
const KEEP_SECRET = N_("Keep it like a secret, and delete it afterwards.");

function isNewCase() {
  return state.isNew && state.made !== null;
}

function numbersAgain() {
  if (!isNewCase()) return [];
  const { number } = state.made;
  return [
    paragraph(
      tr("Your case number is {number}. You need it and the recovery code to come back.", {
        number,
      })
    ),
    buttons(button(tr("Save both as a file"), saveReceipt)),
  ];
}

/** Return what follows, where anything does: after pictures were registered. */
function whatNext() {
  if (!state.taken || state.taken.outcome === "withdrawn") return [];
  const brings = ["submission", "addition"].includes(state.file.kind);
  if (!brings && !["taken_in", "added"].includes(state.taken.outcome)) return [];
  return [
    h("h2", {}, tr("What happens next")),
    list([
      tr("Platforms compare the hashes with what is uploaded. A person looks at every match."),
      tr(
        "If you come across a copy that was missed, you can add it here. You don't have to go " +
          "looking for it."
      ),
      tr("Come back to this page with your two numbers to check progress."),
    ]),
  ];
}

function closeAll() {
  forget();
  show(homeView);
}
