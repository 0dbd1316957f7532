// Notes to the reader: what an act did can be closed; a part that could not be fetched says so, and asks again on demand.
(() => {
  "use strict";
  const words = document.body.dataset;

  function button(label, tone, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `btn btn-${tone} btn-small`;
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }

  // A reader on ears hears what changes, not what was there: the notes are said once more.
  const notes = [...document.querySelectorAll("[data-closes]")];
  if (notes.length) {
    const spoken = document.createElement("div");
    spoken.className = "visually-hidden";
    spoken.setAttribute("role", "status");
    document.body.append(spoken);
    setTimeout(() => { spoken.textContent = notes.map((note) => note.textContent.trim()).join(" "); }, 200);
    setTimeout(() => spoken.remove(), 4000);
  }
  for (const note of notes) {
    note.removeAttribute("role");
    note.append(button(words.close, "quiet", () => { note.remove(); document.getElementById("main").focus(); }));
  }

  const clear = () => document.querySelectorAll(".failed-update").forEach((old) => old.remove());

  // Forms ask again as they would be sent; anything else repeats what set it off.
  function again(detail) {
    clear();
    const { elt, requestConfig } = detail;
    if (elt.matches("form")) elt.requestSubmit();
    else htmx.trigger(elt, requestConfig?.triggeringEvent?.type || "click");
  }

  function failed(event, text) {
    const { elt, target, xhr } = event.detail;
    if (elt.closest("[data-quiet]")) return;
    if (xhr && xhr.status === 401) { location.reload(); return; }
    clear();
    const note = document.createElement("div");
    note.className = "banner banner-bad failed-update";
    note.setAttribute("role", "alert");
    const said = document.createElement("p");
    said.textContent = text;
    const body = document.createElement("div");
    body.className = "banner-body";
    body.append(said, button(words.retry, "secondary", () => again(event.detail)));
    note.append(body);
    const place = target && target.isConnected ? target : document.getElementById("main").firstElementChild;
    place.before(note);
  }
  document.addEventListener("htmx:responseError", (event) => failed(event, words.failed));
  document.addEventListener("htmx:sendError", (event) => failed(event, words.offline));
  document.addEventListener("htmx:timeout", (event) => failed(event, words.offline));
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) clear(); });

  // Paper shows the table behind each chart, also where the browser cannot unfold it by style.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details.chart-data:not([open])")];
    unfolded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => unfolded.forEach((details) => { details.open = false; }));
})();
