// Case numbers and recovery codes: Crockford's base 32 with his check symbol, as in
// model/crockford.py (https://www.crockford.com/base32.html).

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECK_MODULUS = 37n;
const CASE_SYMBOLS = 11;
const CODE_SYMBOLS = 16;
/** What stands between symbols: dashes, spaces, joiners, and the minus sign. */
const SEPARATORS = /[\p{Pd}\p{Zs}\p{Cf}\u2212]/gu;
const LOOK_ALIKES = { O: "0", I: "1", L: "1" };

/** Return a new public case number, 55 random bits: XXXX-XXXX-XXXX. */
function newCaseNumber() {
  return randomCode(CASE_SYMBOLS);
}

/** Return a new recovery code, 80 random bits: XXXX-XXXX-XXXX-XXXX-X. */
function newRecoveryCode() {
  return randomCode(CODE_SYMBOLS);
}

/** Return a typed case number as it is written; throws Plainly. */
function parseCaseNumber(text) {
  if (!text.trim()) throw new Plainly(tr("Please enter your case number."), "number");
  return parseCode(
    text,
    CASE_SYMBOLS,
    "number",
    N_(
      "This is not a case number. A case number has 12 letters and digits, such as " +
        "XXXX-XXXX-XXXX; compare it with your receipt, letter by letter."
    )
  );
}

/** Return a typed recovery code as it is written; throws Plainly, never repeating it. */
function parseRecoveryCode(text) {
  if (!text.trim()) throw new Plainly(tr("Please enter your recovery code."), "code");
  return parseCode(
    text,
    CODE_SYMBOLS,
    "code",
    N_(
      "This recovery code has a typing mistake. A recovery code has 17 letters and digits, " +
        "in the form XXXX-XXXX-XXXX-XXXX-X; compare it with your receipt, letter by letter."
    )
  );
}

function randomCode(symbols) {
  for (;;) {
    const drawn = Array.from(randomBytes(symbols), (byte) => byte & 31);
    const check = checkOf(drawn);
    if (check < ALPHABET.length) {
      return grouped([...drawn, check].map((value) => ALPHABET[value]).join(""));
    }
  }
}

function parseCode(text, symbols, field, mistake) {
  const typed = text.normalize("NFKC").trim().toUpperCase().replace(SEPARATORS, "");
  const plain = typed.replace(/[OIL]/g, (letter) => LOOK_ALIKES[letter]);
  const values = Array.from(plain, (symbol) => ALPHABET.indexOf(symbol));
  const check = values.pop();
  if (values.length !== symbols || values.includes(-1) || check !== checkOf(values)) {
    throw new Plainly(tr(mistake), field);
  }
  return grouped(plain);
}

function checkOf(values) {
  return Number(values.reduce((number, value) => number * 32n + BigInt(value), 0n) % CHECK_MODULUS);
}

function grouped(plain) {
  return plain.match(/.{1,4}/g).join("-");
}
