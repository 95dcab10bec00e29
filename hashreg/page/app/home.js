// The first view: what this is, what it can't do, and the three ways on.

function homeView() {
  const place = h("div", {});
  const start = button(tr("Start"), startNew, { class: "main" });
  unusableBecause().then((why) => {
    start.disabled = Boolean(why);
    if (why) showProblem(place, new Plainly(why));
  });
  return [
    h("h1", {}, tr("Help stop copies of your intimate pictures from spreading")),
    !canAsk() && paragraph(tr(SAVED_COPY), { class: "note" }),
    paragraph(
      tr(
        "Has someone shared intimate pictures of you without your consent, threatened to, or " +
          "made fake ones? It is not your fault. Here you can register the pictures, so that " +
          "copies are recognised, without showing them to anyone."
      )
    ),
    place,
    h("ol", { class: "steps" }, ...steps()),
    buttons(start),
    buttons(
      button(tr("I have a case number already"), () => show(caseView)),
      canAsk() && button(tr("Submit a saved file"), () => show(fileView)),
      button(tr("Write a removal request"), writeNotice)
    ),
    beforeYouBegin(),
    whatItCanDo(),
    canAsk() && keepThisPage(),
  ];
}

const SAVED_COPY = N_(
  "This is a saved copy of the page. It works without internet and can't send anything: it makes " +
    "a file that you take to your help line or registry."
);

function steps() {
  const step = (title, text) => h("li", {}, h("strong", {}, title), " ", text);
  return [
    step(
      tr("You choose the pictures."),
      tr("They stay on this device. The pictures are never sent, and nobody sees them.")
    ),
    step(
      tr("This page turns them into hashes."),
      tr("A hash is a kind of fingerprint: digits by which a copy is recognised.")
    ),
    step(
      tr("Only the hashes go to the registry."),
      tr(
        "Platforms that take part compare them with what is uploaded to them. A person looks " +
          "at every match before anything is removed."
      )
    ),
  ];
}

function beforeYouBegin() {
  return more(
    tr("Before you begin"),
    list([
      tr(
        "Are you in danger, or is somebody blackmailing you? Call the police first (in Korea " +
          "112) or one of the help lines below. You can register afterwards."
      ),
      tr("If somebody may watch this device, use one that they can't get at."),
      tr(
        "Keep proof before anything is removed: the address where you saw it, the date, and a " +
          "screenshot. You don't have to go looking for it."
      ),
      tr(
        "The button “Leave quickly” opens a harmless page, and “back” doesn't lead here again. " +
          "The browser's history still has this page: open it in a private window, or delete it " +
          "there."
      ),
      tr("Don't send the pictures to anybody to have them registered. Nobody needs to see them."),
    ])
  );
}

function whatItCanDo() {
  return more(
    tr("What this can and can't do"),
    list([
      tr("It finds copies only at platforms that take part, and not in private messages."),
      tr(
        "Copies that were made smaller, brighter, mirrored or framed are found, and most that " +
          "were cropped, tilted or taken as a screenshot. Copies that are strongly blurred, " +
          "stretched or covered are often missed."
      ),
      tr("A picture that is too dark or blank can't be told from others, and is not registered."),
      tr("Videos can't be used yet. A screenshot of the video can."),
      tr(
        "From all hashes of a picture together, an expert could make a blurred impression of it. " +
          "That is why the registry gives them to nobody, and why a saved file with hashes is to " +
          "be kept like a secret."
      ),
    ])
  );
}

function keepThisPage() {
  const place = h("div", { role: "status" });
  offerKeeping(place);
  return more(
    tr("Use this page without internet"),
    paragraph(
      tr(
        "The page works with the network switched off, so that you can be sure nothing is sent. " +
          "You can save it as a file and take it to another device on a USB stick."
      )
    ),
    buttons(
      h(
        "a",
        { href: "hashreg.html", download: "hashreg.html", class: "button" },
        tr("Save this page")
      )
    ),
    place
  );
}

/** Offer to keep the page in this browser, or to remove it where it is kept. */
async function offerKeeping(place) {
  if (!("serviceWorker" in navigator)) return;
  const kept = await navigator.serviceWorker.getRegistration().catch(() => null);
  const [said, offer, act] = kept
    ? [
        tr("The page is kept in this browser and opens without internet."),
        tr("Remove it from this browser"),
        () => removeKept(kept),
      ]
    : [
        tr(
          "It can also be kept in this browser. Others who use this device could find out that " +
            "it is kept."
        ),
        tr("Keep it in this browser"),
        keepOffline,
      ];
  const problem = h("div", {});
  const change = () =>
    working(problem, offer, async () => {
      await act();
      await offerKeeping(place);
    });
  place.replaceChildren(paragraph(said), buttons(button(offer, change)), problem);
}

async function keepOffline() {
  try {
    const { installing } = await navigator.serviceWorker.register("service-worker.js");
    if (installing) await activated(installing);
  } catch {
    throw new Plainly(tr("This browser can't keep the page. Save it as a file instead."));
  }
}

/** Wait until a service worker has kept the page; throws where it could not. */
function activated(worker) {
  return new Promise((resolve, reject) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") resolve();
      if (worker.state === "redundant") reject(new Error("not kept"));
    });
  });
}

async function removeKept(registration) {
  await registration.unregister();
  const ours = `hashreg ${registration.scope} `;
  for (const name of await caches.keys()) {
    if (name.startsWith(ours)) await caches.delete(name);
  }
}

/** Begin a new case. */
function startNew() {
  forget();
  show(picturesView);
}

/** Go back to the beginning, asking first if something would be lost. */
function startAgain() {
  const question = tr(
    "Start again? The list of pictures that you chose here is cleared. The pictures stay."
  );
  if (hasUnsaved() && !window.confirm(question)) return;
  forget();
  show(homeView);
}
