// The case number and the recovery code, shown once, and the receipt with them.

function numbersView() {
  return [
    h("h1", {}, tr("Not sent yet. First write these two down")),
    receipt(),
    paragraph(tr("Pictures: {count}", { count: state.file.pictures })),
    paragraph(
      tr(
        "Write them on paper, or put them into a password manager. A saved or printed receipt " +
          "can be found by others who use this device."
      )
    ),
    buttons(
      button(tr("Save both as a file"), saveReceipt),
      button(tr("Print"), () => window.print())
    ),
    h("label", { class: "check important" }, wroteDown(), tr("I have written down both")),
    h("div", { id: "send" }, ...sending()),
  ];
}

/** Return what is printed. */
function receipt() {
  const { number, code } = state.made;
  return h(
    "div",
    { class: "receipt" },
    h("h2", { class: "printed" }, tr("Receipt of hashreg")),
    h(
      "dl",
      { class: "numbers" },
      h("dt", {}, tr("Case number")),
      h("dd", { id: "case-number" }, number),
      h("dt", {}, tr("Recovery code")),
      h("dd", { id: "recovery-code" }, code)
    ),
    h("p", { class: "printed" }, whereToGo()),
    paragraph(tr(WHAT_FOR))
  );
}

const WHAT_FOR = N_(
  "With both you check progress, add pictures, or withdraw. Nobody can give you the recovery " +
    "code again, and whoever has it can withdraw your case. If you lose it, you can register " +
    "again."
);

/** Return the box that has to be ticked before anything goes on. */
function wroteDown() {
  return h("input", {
    type: "checkbox",
    checked: state.wroteDown,
    change: (event) => {
      state.wroteDown = event.target.checked;
      document.getElementById("send").replaceChildren(...sending());
    },
  });
}

/** Return the address at which one comes back, if there is one. */
function whereToGo() {
  return SETTINGS.address || (canAsk() ? window.location.href.split(/[?#]/)[0] : "");
}

function saveReceipt() {
  const { number, code } = state.made;
  const lines = [
    tr("Receipt of hashreg"),
    "",
    [tr("Case number"), number].join(": "),
    [tr("Recovery code"), code].join(": "),
    "",
    whereToGo(),
    tr(WHAT_FOR),
    "",
  ];
  saveFile(`${number}.txt`, lines.join("\r\n"), "text/plain;charset=utf-8");
}
