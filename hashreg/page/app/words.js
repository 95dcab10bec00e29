// Korean and English: every sentence of the page goes through `tr`, as in the Python rooms.

const SETTINGS = JSON.parse(document.getElementById("settings").textContent);
/** "ko" in a Korean browser, else "en"; a person can change it. */
let language = /^ko\b/i.test(navigator.language || "") ? "ko" : "en";

/** Mark a sentence for the catalogue without translating it now. */
function N_(text) {
  return text;
}

/** Return a sentence in the person's language, its {names} filled from `values`. */
function tr(text, values = {}) {
  return said(text, language, values);
}

/** Return a sentence in a language, "ko" or "en". */
function said(text, tongue, values = {}) {
  const words = (tongue === "ko" && SETTINGS.korean[text]) || text;
  return words.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

/** Return the person's language of a text that the operator gave in both. */
function inLanguage(text) {
  return text[language];
}

/** Speak the other language from now on. */
function switchLanguage() {
  language = language === "ko" ? "en" : "ko";
}
