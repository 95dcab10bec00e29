// From the recovery code to the key that signs for a case, by WebCrypto, as in client/keys.py:
// PBKDF2-HMAC-SHA256 (RFC 8018) makes the seed of an Ed25519 key (RFC 8032).

const ROUNDS = 600000;
/** What stands before a raw Ed25519 seed in PKCS #8 (RFC 8410). */
const PKCS8_PREFIX = "302e020100300506032b657004220420";

/** Return {sign(bytes) -> hex, publicKey: hex} of a case. */
async function signingKey(caseNumber, code) {
  return keyOfSeed(await seedOf(caseNumber, code));
}

async function keyOfSeed(seed) {
  const wrapped = new Uint8Array([...fromHex(PKCS8_PREFIX), ...seed]);
  const key = await crypto.subtle.importKey("pkcs8", wrapped, "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", key);
  return {
    publicKey: toHex(fromBase64(x.replace(/-/g, "+").replace(/_/g, "/"))),
    sign: async (bytes) => toHex(new Uint8Array(await crypto.subtle.sign("Ed25519", key, bytes))),
  };
}

async function seedOf(caseNumber, code) {
  const password = ascii(code.replace(/-/g, "").slice(0, -1));
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: ascii(caseNumber), iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

/** A seed and its public key: RFC 8032, 7.1, test 1. */
const KNOWN_SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const KNOWN_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/** Return why this browser can't be used, or null. */
async function unusableBecause() {
  if (!window.isSecureContext || !crypto.subtle) return tr(NOT_SECURE);
  if (!window.OffscreenCanvas || !window.createImageBitmap || !window.Worker) return tr(TOO_OLD);
  const key = await keyOfSeed(fromHex(KNOWN_SEED)).catch(() => null);
  if (!key || key.publicKey !== KNOWN_KEY || !(await key.sign(ascii("")))) return tr(TOO_OLD);
  if (SETTINGS.sealTo && !(await sealed(ascii("")).catch(() => null))) return tr(TOO_OLD);
  return (await readsPixelsTruly()) ? null : tr(SCRAMBLES);
}

const SCRAMBLES = N_(
  "This browser changes what pages read from pictures, to protect against being tracked. Hashes " +
    "would be wrong, and no copy would be found. Switch that protection off for this page, or " +
    "use another browser. (In Firefox it is called resistFingerprinting.)"
);
const NOT_SECURE = N_(
  "This page was not opened over an encrypted connection, so the browser doesn't let it protect " +
    "you. Open it with https:// at the beginning of its address."
);
const TOO_OLD = N_(
  "This browser is too old for this page. Update it, or use Chrome or Edge from version 137, " +
    "Firefox from 130, or Safari from 17. In an app, open the page in the phone's own browser."
);

function randomBytes(count) {
  return crypto.getRandomValues(new Uint8Array(count));
}

function ascii(text) {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function fromBase64(text) {
  return ascii(atob(text));
}

function fromHex(text) {
  return text.match(/../g).map((pair) => parseInt(pair, 16));
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
