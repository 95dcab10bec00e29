// Keeps the page, and nothing else, for when there is no network. It is started only if the person
// asks for it, or has installed the page. What is sent to the registry never passes through here.

const OURS = `hashreg ${self.registration.scope} `;
const KEPT = `${OURS}{{version}}`;
const FILES = ["./", "manifest.webmanifest", "icon.svg"];

self.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOlder().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const address = event.request.url.split(/[?#]/)[0];
  const isKept = FILES.some((name) => new URL(name, self.registration.scope).href === address);
  if (event.request.method === "GET" && isKept) event.respondWith(newestOrKept(event.request));
});

async function keepAll() {
  await (await caches.open(KEPT)).addAll(FILES);
}

async function dropOlder() {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(OURS) && name !== KEPT);
  await Promise.all(older.map((name) => caches.delete(name)));
}

async function newestOrKept(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { ignoreSearch: true })) || Response.error();
  }
}
