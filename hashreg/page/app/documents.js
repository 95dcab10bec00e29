// Signed files as the command line writes and reads them (model/submissions.py): hashes, the case
// number, its public key, the day, and nothing else.

const FORMAT = "hashreg";
const FORMAT_VERSION = 1;
const SIGNED_PREFIX = "hashreg document 1\n";
const STATUS_PREFIX = "hashreg status 1\n";
/** Pictures of one file: 3 kB each, and a registry takes 8 MB at once. */
const MOST_ITEMS = 2000;
/** Bytes of a saved file that is opened. */
const MOST_FILE_BYTES = 8000000;
const KINDS = ["submission", "addition", "withdrawal", "delegation", "revocation"];

/** Return {name, kind, case, pictures, content}: a signed file, to be handed over or saved. */
async function signedDocument(kind, caseNumber, key, items) {
  const body = {
    format: FORMAT,
    version: FORMAT_VERSION,
    kind,
    case: caseNumber,
    public_key: key.publicKey,
    created: new Date().toISOString().slice(0, 10),
    items,
  };
  const signature = await key.sign(ascii(SIGNED_PREFIX + canonical(body)));
  return {
    name: `${caseNumber}${kind === "submission" ? "" : "-" + kind}.hashreg`,
    kind,
    case: caseNumber,
    pictures: items.length,
    content: ascii(JSON.stringify({ ...body, signature }) + "\n"),
  };
}

/** Return the body that asks where a case stands; `nonce` is the registry's challenge. */
async function signedQuestion(caseNumber, key, nonce) {
  const signature = await key.sign(ascii(`${STATUS_PREFIX}${caseNumber}\n${nonce}`));
  return { case: caseNumber, nonce, public_key: key.publicKey, signature };
}

const NO_FILE_OF_OURS = N_(
  "This is not a file of hashreg, or it was damaged. Their names usually end in .hashreg."
);

/**
 * Return what a file is that somebody saved before, as signedDocument does; throws Plainly.
 * Of one that was sealed nothing is known but its name; the registry opens it.
 */
function openedDocument(name, content) {
  const text = new TextDecoder().decode(content);
  if (text.startsWith(AGE_HEAD)) return { name, kind: null, case: null, pictures: 0, content };
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    body = null;
  }
  if (!body || body.format !== FORMAT || !KINDS.includes(body.kind) || !Array.isArray(body.items)) {
    throw new Plainly(tr(NO_FILE_OF_OURS));
  }
  return { name, kind: body.kind, case: String(body.case), pictures: body.items.length, content };
}

/** Return JSON with sorted keys and no spaces; all texts in documents are ASCII. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const pairs = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${pairs.join(",")}}`;
}
