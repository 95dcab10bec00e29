// Sealing a signed file for this registry alone: an age file (age-encryption.org/v1), as
// client/sealing.py makes it. X25519, HKDF and HMAC are the browser's own, ChaCha20-Poly1305 is
// vendor/noble-chacha.js.

const AGE_HEAD = "age-encryption.org/v1\n";
const AGE_CHUNK_BYTES = 65536;
/** What is carried by people, and read by the registry alone. */
const SEALED_KINDS = ["submission", "addition", "withdrawal"];

/** Whether a file has to be sealed when it is saved; one that was opened may be so already. */
function wantsSealing({ kind }) {
  return Boolean(SETTINGS.sealTo) && SEALED_KINDS.includes(kind);
}

/** Whether only the registry can open a file that was saved. */
function isSealedWhenSaved(file) {
  return file.kind === null || wantsSealing(file);
}

/** Return bytes that only the holder of the registry's key can open. */
async function sealed(bytes) {
  const fileKey = randomBytes(16);
  const unsigned = `${AGE_HEAD}${await stanza(fileKey, fromHex(SETTINGS.sealTo))}---`;
  const signature = await hmac(await hkdf(fileKey, "", "header"), ascii(unsigned));
  const nonce = randomBytes(16);
  const key = await hkdf(fileKey, nonce, "payload");
  return joined([ascii(`${unsigned} ${toAge64(signature)}\n`), nonce, ...ageChunks(key, bytes)]);
}

/** Return the lines that tell the holder of a public key, and nobody else, the file's key. */
async function stanza(fileKey, recipient) {
  const own = await crypto.subtle.generateKey("X25519", false, ["deriveBits"]);
  const share = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const other = await crypto.subtle.importKey("raw", new Uint8Array(recipient), "X25519", true, []);
  const how = { name: "X25519", public: other };
  const shared = new Uint8Array(await crypto.subtle.deriveBits(how, own.privateKey, 256));
  const salt = joined([share, recipient]);
  const key = await hkdf(shared, salt, "age-encryption.org/v1/X25519");
  const wrapped = nobleCiphers.chacha20poly1305(key, new Uint8Array(12)).encrypt(fileKey);
  return `-> X25519 ${toAge64(share)}\n${toAge64(wrapped)}\n`;
}

/** Return the content in sealed chunks; each nonce counts, and tells the last one. */
function ageChunks(key, bytes) {
  const count = Math.max(1, Math.ceil(bytes.length / AGE_CHUNK_BYTES));
  return Array.from({ length: count }, (_, number) => {
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setUint32(7, number);
    nonce[11] = number === count - 1 ? 1 : 0;
    const chunk = bytes.subarray(number * AGE_CHUNK_BYTES, (number + 1) * AGE_CHUNK_BYTES);
    return nobleCiphers.chacha20poly1305(key, nonce).encrypt(chunk);
  });
}

async function hkdf(secret, salt, info) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: bytesOf(salt), info: ascii(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

async function hmac(secret, bytes) {
  const how = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, how, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
}

function toAge64(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/=/g, "");
}

function bytesOf(value) {
  return typeof value === "string" ? ascii(value) : value;
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, it) => sum + it.length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}
