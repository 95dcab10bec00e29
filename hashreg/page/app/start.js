// The beginning: listen to what belongs to no view, and show the first one.

document.addEventListener("keydown", leaveOnEscapes);
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", takeDropped);
window.addEventListener("beforeunload", askBeforeLeaving);
window.addEventListener("pagehide", () => {
  forget();
  document.getElementById("main").replaceChildren();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
if (canAsk() && window.matchMedia("(display-mode: standalone)").matches) {
  navigator.serviceWorker.register("service-worker.js").catch(() => {});
}
show(homeView);
