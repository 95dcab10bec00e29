// Asking the registry that this page came from. Only signed files and signed questions are sent.

const PATIENCE_MS = 60000;

/** Whether there is a registry to ask: a saved copy of the page can't reach any. */
function canAsk() {
  return !SETTINGS.saved;
}

/** Hand a signed file over; return what became of it. Throws Plainly. */
async function handOver(file) {
  const taken = await ask("v1/submissions", file.content);
  if (!taken || !Object.hasOwn(OUTCOMES, taken.outcome)) throw new NotReached(tr(NOT_REACHED));
  return taken;
}

/** Return where a case stands, to whoever holds its key. Throws Plainly. */
async function standingOf(caseNumber, key) {
  const challenge = await ask("v1/challenge", "{}");
  const question = await signedQuestion(caseNumber, key, String(challenge && challenge.nonce));
  const found = await ask("v1/status", JSON.stringify(question));
  if (!found || !Object.hasOwn(STATES, found.state) || !found.matches) {
    throw new NotReached(tr(NOT_REACHED));
  }
  return found;
}

async function ask(path, body) {
  let response, answer;
  try {
    response = await fetch(path, {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json", "Accept-Language": language },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    answer = await response.json();
  } catch {
    throw new NotReached(tr(NOT_REACHED));
  }
  if (response.ok) return answer;
  if (answer && answer.error && answer.error.message) throw new Plainly(answer.error.message);
  throw new NotReached(tr(NOT_REACHED));
}

/** Nobody knows whether what was sent has arrived. */
class NotReached extends Plainly {}

const NOT_REACHED = N_(
  "The registry could not be reached, or did not answer as it should. Check the internet " +
    "connection and try again. Sending twice registers nothing twice."
);
