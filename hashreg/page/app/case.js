// A case that is there already: how it stands, more pictures, withdrawal, and files saved before.

function caseView() {
  const place = h("div", {});
  const act = (work) => () => working(place, tr("One moment…"), work);
  const first = canAsk() ? seeStanding : addPictures;
  return [
    h("h1", {}, tr("Your case")),
    h(
      "form",
      {
        submit: (event) => {
          event.preventDefault();
          act(first)();
        },
      },
      field("number", tr("Case number"), "XXXX-XXXX-XXXX"),
      field("code", tr("Recovery code"), "XXXX-XXXX-XXXX-XXXX-X"),
      paragraph(
        tr("The recovery code stays on this device; only signatures made with it are sent."),
        {
          class: "small",
        }
      ),
      buttons(
        canAsk() && h("button", { class: "main" }, tr("Check progress")),
        h(
          "button",
          canAsk() ? { type: "button", click: act(addPictures) } : {},
          tr("Add pictures")
        ),
        button(tr("Withdraw"), act(askWithdrawal))
      )
    ),
    place,
    h("div", { id: "standing", role: "status" }, ...(state.standing ? standing() : [])),
    buttons(button(tr("Write a removal request"), writeNotice, { class: "quiet" })),
    toTheStart(),
  ];
}

function field(name, label, example) {
  return h(
    "p",
    { class: "field" },
    h("label", { for: `typed-${name}` }, label),
    h("input", {
      id: `typed-${name}`,
      value: state.typed[name],
      placeholder: example,
      autocomplete: "off",
      autocapitalize: "characters",
      autocorrect: "off",
      spellcheck: "false",
      maxlength: 64,
      input: (event) => (state.typed[name] = event.target.value),
    })
  );
}

/** Return {number, key} by what was typed; throws Plainly at a typing mistake. */
async function openCase() {
  const number = parseCaseNumber(state.typed.number);
  return { number, key: await signingKey(number, parseRecoveryCode(state.typed.code)) };
}

/** Open a case and, where the registry can be asked, see that it is there. */
async function openKnownCase() {
  const opened = await openCase();
  try {
    return { ...opened, found: canAsk() ? await standingOf(opened.number, opened.key) : null };
  } catch (error) {
    if (error instanceof NotReached) return { ...opened, found: null };
    throw error;
  }
}

async function seeStanding() {
  state.standing = null;
  const { number, key } = await openCase();
  state.standing = await standingOf(number, key);
  const place = document.getElementById("standing");
  place.replaceChildren(...standing());
  place.scrollIntoView({ block: "nearest" });
}

async function addPictures() {
  const { number, key, found } = await openKnownCase();
  if (found && ENDED.includes(found.state)) throw new Plainly(tr(STATES[found.state]));
  forget();
  state.isNew = false;
  state.made = { number, key };
  show(picturesView);
}

const ENDED = ["refused", "suspended", "withdrawn", "erased"];

async function askWithdrawal() {
  const { number, key, found } = await openKnownCase();
  if (found && ["withdrawn", "erased"].includes(found.state)) {
    throw new Plainly(tr(STATES[found.state]));
  }
  state.made = { number, key };
  state.isNew = false;
  show(withdrawView);
}

/** The one confirmation of a withdrawal. */
function withdrawView() {
  const { number, key } = state.made;
  const place = h("div", {});
  const withdraw = async () => {
    const file = await signedDocument("withdrawal", number, key, []);
    forget();
    Object.assign(state, { isNew: false, file });
    if (!canAsk()) return show(sendView);
    try {
      await sendFile();
    } catch (error) {
      state.trouble = error;
      show(sendView);
    }
  };
  return [
    h("h1", {}, tr("Withdraw this case?")),
    paragraph(tr("Case {number}", { number })),
    paragraph(tr(WITHDRAWING)),
    buttons(
      button(tr("Keep the case"), () => show(caseView), { class: "main" }),
      button(tr("Yes, withdraw it"), () => working(place, tr("Being sent…"), withdraw), {
        class: "final",
      })
    ),
    place,
  ];
}

const STATES = {
  received: N_("Your case has arrived. It is not compared yet."),
  held: N_(
    "Your case waits until a person has looked at it, since its pictures are like ones that are " +
      "widely shared and harmless. Until then it is not compared. You don't have to do anything."
  ),
  active: N_("Your case is active: copies of your pictures are looked for."),
  refused: N_(
    "A person looked at your case and did not accept it. If you think that this is wrong, talk " +
      "to your help line."
  ),
  disputed: N_(
    "Something in your case is disputed. It waits until two people have decided; copies of the " +
      "rest are still looked for."
  ),
  suspended: N_("After a dispute your case was suspended. Talk to your help line about it."),
  withdrawn: N_("You withdrew this case. Its hashes are deleted. You can make a new case."),
  erased: N_("You withdrew this case, and everything about it is erased."),
};
const FOUND = {
  open: N_("Copies found, which a person will look at: {count}"),
  pending_review: N_("Copies found, which a person is looking at: {count}"),
  blocked: N_("Copies found, confirmed and blocked: {count}"),
  not_blocked: N_("Found, but it was something else or may stay: {count}"),
  closed: N_("Closed when the case was withdrawn: {count}"),
};

/** Return how a case stands, in words, and what each platform does about it. */
function standing() {
  const { case: number, state: name, pictures, held, refused, matches } = state.standing;
  const { platforms = [], withdrawal } = state.standing;
  const found = Object.entries(matches).filter(([how]) => how in FOUND);
  const date = new Date(state.standing.received_at).toLocaleDateString(language);
  return [
    h("h2", {}, tr("Case {number}", { number })),
    paragraph(tr(STATES[name] || STATES.received), { class: "note" }),
    list([
      tr("Registered on {date}", { date }),
      tr("Pictures: {count}", { count: pictures }),
      held > 0 && tr("Pictures that wait for a person: {count}", { count: held }),
      refused > 0 && tr("Pictures that a person did not accept: {count}", { count: refused }),
      ...found.map(([how, count]) => tr(FOUND[how], { count })),
      !found.length &&
        ["active", "disputed"].includes(name) &&
        tr("No copy has been found so far."),
    ]),
    ...(withdrawal ? [toldOf(withdrawal)] : []),
    ...timeline(platforms),
  ];
}

function fileView() {
  const place = h("div", {});
  const chosen = ([file]) => working(place, tr("One moment…"), () => openSaved(file));
  return [
    h("h1", {}, tr("Submit a saved file")),
    paragraph(tr("Choose a file that this page or a helper made; its name ends in .hashreg.")),
    buttons(...filePicker(tr("Choose the file"), "saved-file", chosen, {}, { class: "main" })),
    place,
    toTheStart(),
  ];
}

async function openSaved(file) {
  if (file.size > MOST_FILE_BYTES) throw new Plainly(tr(NO_FILE_OF_OURS));
  const opened = openedDocument(file.name, new Uint8Array(await file.arrayBuffer()));
  forget();
  Object.assign(state, { isNew: false, file: opened });
  show(sendView);
}
