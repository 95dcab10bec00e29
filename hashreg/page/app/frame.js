// What stands round every view: the name, the language, the way out, and where help is.

/** Where the way out leads if the operator names no other place. */
const LEAVE_TO = { ko: "https://www.naver.com/", en: "https://www.wikipedia.org/" };
const ESCAPES = 3;
const ESCAPES_WITHIN_MS = 2000;

function topBar() {
  return [
    button("hashreg", startAgain, { class: "name" }),
    button(language === "ko" ? "English" : "한국어", () => speakOther(), {
      class: "language",
      lang: language === "ko" ? "en" : "ko",
    }),
    button(tr("Leave quickly"), leave, {
      class: "leave",
      title: tr("Or press the Escape key three times"),
    }),
  ];
}

function speakOther() {
  switchLanguage();
  refresh();
  document.querySelector(".language").focus();
}

/** Go to a harmless page at once; this one leaves the history, and "back" doesn't lead to it. */
function leave() {
  window.removeEventListener("beforeunload", askBeforeLeaving);
  document.body.replaceChildren();
  document.title = "…";
  forget();
  window.location.replace(SETTINGS.leaveTo || LEAVE_TO[language]);
}

let escapes = [];

function leaveOnEscapes(event) {
  if (event.key !== "Escape" || event.repeat || event.isComposing) return;
  const now = Date.now();
  escapes = [...escapes.filter((at) => now - at < ESCAPES_WITHIN_MS), now];
  if (escapes.length >= ESCAPES) leave();
}

function askBeforeLeaving(event) {
  if (hasUnsaved()) event.preventDefault();
}

function helpSection() {
  return [
    h("h2", {}, tr("You are not alone")),
    paragraph(tr("What happened to you is not your fault. These people help, for free:")),
    h("ul", { class: "help" }, helpLines().map(helpLine)),
    paragraph(
      tr(
        "This page loads nothing from other places, counts nobody, and stores nothing you choose."
      ),
      { class: "small" }
    ),
  ];
}

/** Return the help lines; those that have no phone are the ones for all the world. */
function helpLines() {
  const isLocal = (it) => Number(Boolean(it.phone));
  return language === "ko"
    ? SETTINGS.help
    : [...SETTINGS.help].sort((one, other) => isLocal(one) - isLocal(other));
}

/** A link that leaves this page open, and says nothing of it. */
const BESIDE = { target: "_blank", rel: "noreferrer noopener" };

function helpLine({ name, where, phone, address }) {
  return h(
    "li",
    {},
    h("strong", {}, inLanguage(name)),
    ` · ${inLanguage(where)} `,
    phone && h("a", { href: `tel:${phone.replace(/[^0-9+]/g, "")}`, ...BESIDE }, phone),
    phone && address && " · ",
    address && h("a", { href: address, ...BESIDE }, address.replace(/^https:\/\/|\/$/g, ""))
  );
}
