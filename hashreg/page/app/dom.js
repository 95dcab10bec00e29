// Making elements and showing one view at a time. No HTML is ever parsed from text.

/**
 * Return an element. Attributes whose value is a function listen for that event; true makes an
 * attribute without a value, and false, null and undefined none.
 */
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value != null) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

function paragraph(text, attributes) {
  return h("p", attributes, text);
}

function button(text, click, attributes) {
  return h("button", { type: "button", click, ...attributes }, text);
}

/** Return buttons in a row. */
function buttons(...each) {
  return h("div", { class: "also" }, ...each);
}

function list(texts) {
  return h(
    "ul",
    {},
    texts.filter(Boolean).map((text) => h("li", {}, text))
  );
}

/** Return a part that opens when it is asked for. */
function more(summary, ...children) {
  return h("details", {}, h("summary", {}, summary), ...children);
}

/** Return a button that lets a person choose files, and the field behind it. */
function filePicker(text, id, chosen, attributes, look) {
  const field = h("input", {
    id,
    type: "file",
    class: "unseen",
    tabindex: -1,
    "aria-hidden": "true",
    change: () => {
      const files = [...field.files];
      field.value = "";
      if (files.length) chosen(files);
    },
    ...attributes,
  });
  return [field, button(text, () => field.click(), look)];
}

/** Return the way back to the first view. */
function toTheStart() {
  return button(tr("Back to the start"), startAgain, { class: "quiet" });
}

let currentView = null;

/** Show a view, a function that returns elements, and put the reader at its heading. */
function show(view) {
  currentView = view;
  document.getElementById("main").inert = false;
  refresh();
  window.scrollTo(0, 0);
  const heading = document.querySelector("main h1");
  heading.tabIndex = -1;
  heading.focus();
}

/** Draw the current view again, in today's words. */
function refresh() {
  document.documentElement.lang = language;
  document.getElementById("top").replaceChildren(...topBar());
  document.getElementById("main").replaceChildren(...currentView().filter(Boolean));
  document.getElementById("foot").replaceChildren(...helpSection());
}

/** Say something to those who listen to the page. */
function announce(text) {
  document.getElementById("said").textContent = text;
}

/** An error whose message is for the person; `field` names what they typed wrongly. */
class Plainly extends Error {
  constructor(message, field = null) {
    super(message);
    this.field = field;
  }
}

/** Show what went wrong, where the person is looking, and go to the field that it is about. */
function showProblem(place, error) {
  const text = error instanceof Plainly ? error.message : tr(UNEXPECTED);
  place.replaceChildren(h("p", { class: "problem", role: "alert" }, text));
  const field = document.getElementById(`typed-${error.field}`);
  if (!field) return;
  place.firstChild.id = "mistake";
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", "mistake");
  field.focus();
}

const UNEXPECTED = N_(
  "Something went wrong on this page. Close it, open it again, and tell your help line if it " +
    "stays so."
);

/**
 * Run what a button does. Until it is over nothing else can be pressed but the way out, and
 * `meanwhile` is shown at `place`; what goes wrong is shown there afterwards.
 */
async function working(place, meanwhile, work) {
  const main = document.getElementById("main");
  const [pressed, view] = [document.activeElement, currentView];
  const others = document.querySelectorAll("header button:not(.leave)");
  place.replaceChildren(h("p", { class: "busy" }, meanwhile));
  announce(meanwhile);
  main.inert = true;
  others.forEach((it) => (it.disabled = true));
  let problem = null;
  try {
    await work();
  } catch (error) {
    problem = error;
  }
  main.inert = false;
  others.forEach((it) => (it.disabled = false));
  announce("");
  if (currentView !== view || !place.isConnected) return;
  if (pressed && pressed.isConnected) pressed.focus();
  if (problem) showProblem(place, problem);
  else place.replaceChildren();
}

/** Let the browser save bytes or text as a file. */
function saveFile(name, content, type) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
