// A request to remove content, written here from what is typed. Nothing of it is sent or kept.

/** The title of each form and what it asks, in the words of `hashreg notice`. */
const FORMS = {
  plain: [
    N_("Request to remove an intimate image"),
    N_(
      "Please remove the content below and known identical copies of it as soon as possible, " +
        "within 48 hours if you can, and tell me what you did."
    ),
  ],
  kr: [
    N_(
      "Report and request to delete illegally filmed material (Telecommunications Business Act, " +
        "article 22-5)"
    ),
    N_(
      "Please delete the content below, or block access to it, without delay, as article 22-5 of " +
        "the Telecommunications Business Act asks of you, and tell me what you did."
    ),
  ],
  us: [
    N_("Request to remove an intimate image (TAKE IT DOWN Act, section 3)"),
    N_(
      "Please remove the content below as soon as possible and at the latest within 48 hours of " +
        "this request, and make reasonable efforts to find and remove known identical copies, as " +
        "section 3 of the TAKE IT DOWN Act asks of you."
    ),
  ],
};
const WHOM = {
  me: N_("It is an intimate image of me, which was published without my consent."),
  fakeOfMe: N_(
    "It is an intimate image that was made or changed to look like me (a deepfake), and was " +
      "published without my consent."
  ),
  other: N_(
    "It is an intimate image of {name}, which was published without their consent. They have " +
      "authorised me to make this request for them."
  ),
  fakeOfOther: N_(
    "It is an intimate image that was made or changed to look like {name} (a deepfake), and was " +
      "published without their consent. They have authorised me to make this request for them."
  ),
};
const GOOD_FAITH = N_(
  "I believe in good faith that there was no consent to its being published, and what is said " +
    "here is true to the best of my knowledge."
);
const IS_REGISTERED = N_(
  "Hashes of it are registered under case number {case}, by which copies can be recognised " +
    "without anybody sending the image."
);
const MOST_PLACES = 50;
const MOST_LETTERS = 2000;

/** What is typed into a request; `tongue` is its language where one was chosen. */
function emptyNotice() {
  const typed = { places: "", name: "", contact: "", recipient: "", inNameOf: "", number: "" };
  return { ...typed, form: "plain", tongue: null, isFake: false, text: null };
}

function writeNotice() {
  state.notice.number ||= state.typed.number || (state.made && state.made.number) || "";
  show(noticeView);
}

function noticeView() {
  const place = h("div", {});
  const write = (event) => {
    event.preventDefault();
    working(place, tr("One moment…"), async () => {
      state.notice.text = noticeText(state.notice, new Date().toLocaleDateString("sv"));
      show(writtenView);
    });
  };
  return [
    h("h1", {}, tr("Write a removal request")),
    paragraph(
      tr(
        "For a platform or site that has the pictures: a letter that you send yourself. It is " +
          "written on this device; nothing that you type here is sent to anybody or kept."
      )
    ),
    h(
      "form",
      { submit: write },
      choices("form", tr("The law that it names"), [
        ["plain", tr("None, for any platform")],
        ["kr", tr("That of Korea")],
        ["us", tr("That of the United States (TAKE IT DOWN Act)")],
      ]),
      choices("tongue", tr("Language of the request"), [
        ["ko", "한국어"],
        ["en", "English"],
      ]),
      noticeField("recipient", tr("The platform (if you know its name)")),
      noticeField("places", tr("Where it is: web addresses, each on a line of its own"), true),
      ticked("isFake", tr("It was made or changed to look so (a deepfake).")),
      noticeField("name", tr("Your name, which signs the request")),
      noticeField("contact", tr("An e-mail address or phone number to reach you")),
      noticeField("inNameOf", tr("Whom it shows, if you ask for somebody else")),
      noticeField("number", tr("Case number, if the pictures are registered")),
      place,
      buttons(h("button", { class: "main" }, tr("Write the request")))
    ),
    toTheStart(),
  ];
}

function writtenView() {
  const place = h("div", { role: "status" });
  const { text } = state.notice;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    place.replaceChildren(paragraph(tr("Copied."), { class: "good note" }));
  };
  return [
    h("h1", {}, tr("The request is written")),
    paragraph(
      tr(
        "Send it to the platform, by its own form where it has one, and keep a copy with the " +
          "date. If others use this device, delete the file afterwards."
      )
    ),
    h("textarea", { readonly: true, rows: 16, "aria-label": tr("The request") }, text),
    buttons(
      navigator.clipboard && button(tr("Copy"), copy, { class: "main" }),
      button(tr("Save as a file"), () => saveFile("request.txt", text, "text/plain"))
    ),
    place,
    buttons(button(tr("Change it"), () => show(noticeView), { class: "quiet" })),
    toTheStart(),
  ];
}

/** Return the request as `hashreg notice` writes it; throws Plainly where something is missing. */
function noticeText(typed, date) {
  const { form, name, contact, recipient, inNameOf, isFake } = typed;
  const tongue = tongueOf(typed);
  const say = (text, values) => said(text, tongue, values);
  const places = typed.places.split("\n").map((it) => it.trim()).filter(Boolean);
  checkNotice(typed, places);
  const whom = inNameOf.trim() ? ["other", "fakeOfOther"] : ["me", "fakeOfMe"];
  const parts = [
    say(FORMS[form][0]),
    [
      say(N_("To: {recipient}"), { recipient: recipient.trim() || "_".repeat(30) }),
      say(N_("Date: {date}"), { date }),
    ].join("\n"),
    say(FORMS[form][1]),
    [
      say(N_("Where the content is:")),
      ...places.map((it, at) => `${at + 1}. ${it}`),
    ].join("\n"),
    say(WHOM[whom[Number(isFake)]], { name: inNameOf.trim() }),
    say(GOOD_FAITH),
    typed.number.trim() && say(IS_REGISTERED, { case: parseCaseNumber(typed.number) }),
    say(N_("How to reach me: {contact}"), { contact: contact.trim() }),
    say(N_("Signed electronically by: {name}"), { name: name.trim() }),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

/** The language of a request: the one chosen, else that of its law, else the person's. */
function tongueOf({ form, tongue }) {
  return tongue || { us: "en", kr: "ko" }[form] || language;
}

function checkNotice({ name, contact, recipient, inNameOf }, places) {
  if (!places.length || places.length > MOST_PLACES) {
    throw new Plainly(
      tr("Type where the content is: its web address, at most {most} of them.", {
        most: MOST_PLACES,
      }),
      "places"
    );
  }
  if (!name.trim()) throw new Plainly(tr(NO_NAME), "name");
  if (!contact.trim()) throw new Plainly(tr(NO_CONTACT), "contact");
  if ([name, contact, recipient, inNameOf, ...places].some((it) => it.length > MOST_LETTERS)) {
    throw new Plainly(tr("A line has more than {most} letters.", { most: MOST_LETTERS }));
  }
}

const NO_NAME = N_(
  "A request needs the name of whoever makes it, as its signature. Type your name."
);
const NO_CONTACT = N_(
  "A request needs a way to reach you, or nobody has to answer it. Type an e-mail address or a " +
    "phone number."
);

function noticeField(name, label, isLong = false) {
  const value = state.notice[name];
  const input = (event) => (state.notice[name] = event.target.value);
  const attributes = { id: `typed-${name}`, autocomplete: "off", input };
  return h(
    "p",
    { class: "field" },
    h("label", { for: `typed-${name}` }, label),
    isLong ? h("textarea", { ...attributes, rows: 3 }, value) : h("input", { ...attributes, value })
  );
}

function ticked(name, label) {
  const change = (event) => (state.notice[name] = event.target.checked);
  const box = h("input", { type: "checkbox", checked: state.notice[name], change });
  return h("p", {}, h("label", { class: "check" }, box, label));
}

/** Return radio buttons; what they choose is drawn again, for one depends on the other. */
function choices(name, legend, options) {
  const chosen = name === "tongue" ? tongueOf(state.notice) : state.notice[name];
  const radio = ([value, label]) => {
    const change = () => {
      state.notice[name] = value;
      refresh();
      document.getElementById(`${name}-${value}`).focus();
    };
    const attributes = { type: "radio", name, id: `${name}-${value}`, value, change };
    return h(
      "label",
      { class: "check" },
      h("input", { ...attributes, checked: chosen === value }),
      label
    );
  };
  return h("fieldset", {}, h("legend", {}, legend), ...options.map(radio));
}
