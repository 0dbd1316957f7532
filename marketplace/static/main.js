// Everything works without this file: it saves a click, a mistake, or what was typed.
(() => {
  "use strict";
  const words = document.body.dataset;
  const DRAFTS = "drafts";

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
  });

  // A question before what cannot be undone.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.dataset.confirm || button.dataset.agreed) return;
    event.preventDefault();
    ask(button.dataset.confirm, () => {
      button.dataset.agreed = "yes";
      event.target.requestSubmit(button);
    });
  });

  function ask(question, agree) {
    const dialog = document.createElement("dialog");
    dialog.className = "asking";
    const text = document.createElement("p");
    text.id = "asking";
    text.textContent = question;
    dialog.setAttribute("aria-labelledby", text.id);
    const row = document.createElement("div");
    row.className = "form-end";
    const choose = (label, tone, then) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `btn btn-${tone}`;
      button.textContent = label;
      button.addEventListener("click", () => { dialog.close(); then(); });
      row.append(button);
    };
    choose(words.no, "quiet", () => {});
    choose(words.yes, "primary", agree);
    dialog.append(text, row);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  // A second click on the same button would ask the server twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    setTimeout(() => form.querySelectorAll("button[type=submit]").forEach((b) => { b.disabled = true; }));
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("button[type=submit]:disabled").forEach((b) => { b.disabled = false; });
  });

  // What was typed survives a session that ends meanwhile: kept in this tab until the next page has shown up.
  const typed = (form) => [...form.elements].filter(
    (e) => e.name && !e.disabled && !["hidden", "password", "file", "submit", "button", "fieldset"].includes(e.type));

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form.form[method=post]")) return;
    const place = [...document.querySelectorAll("form.form[method=post]")].indexOf(form);
    const values = typed(form).map((e) => [e.name, e.type, ["checkbox", "radio"].includes(e.type) ? [e.value, e.checked] : e.value]);
    if (form.querySelector("input[type=password]")) return;
    sessionStorage.setItem(DRAFTS, JSON.stringify({ page: location.pathname + location.search, place, values }));
  });

  function restore() {
    const kept = sessionStorage.getItem(DRAFTS);
    if (!kept) return;
    const draft = JSON.parse(kept);
    if (location.pathname.startsWith("/account/sign-in") || document.querySelector("[data-status='400'], [data-status='503']")) {
      sessionStorage.setItem(DRAFTS, JSON.stringify({ ...draft, interrupted: true }));
      return;
    }
    sessionStorage.removeItem(DRAFTS);
    if (!draft.interrupted || draft.page !== location.pathname + location.search) return;
    const form = document.querySelectorAll("form.form[method=post]")[draft.place];
    if (!form) return;
    const fields = typed(form);
    for (const [name, type, value] of draft.values) {
      for (const field of fields.filter((f) => f.name === name && f.type === type)) {
        if (!Array.isArray(value)) field.value = value;
        else if (field.value === value[0]) field.checked = value[1];
      }
    }
    const note = document.createElement("p");
    note.className = "banner banner-warn";
    note.setAttribute("role", "status");
    note.textContent = words.restored;
    form.before(note);
  }

  // On a phone a wide table becomes a list of cards; where a table fits, it is no stop for the tab key.
  function label(table, heads) {
    table.setAttribute("role", "table");
    table.querySelectorAll("tbody tr").forEach((row) => {
      row.setAttribute("role", "row");
      [...row.cells].forEach((cell, i) => {
        cell.dataset.label = heads[i] || "";
        cell.setAttribute("role", "cell");
        if (/^\d{4}-\d\d-\d\d( \d\d:\d\d)?$/.test(cell.textContent.trim())) cell.classList.add("whole");
        const pieces = [...cell.childNodes].filter((node) => node.textContent.trim()).length;
        if (pieces < 2 || (i === 0 && !cell.classList.contains("n"))) return;
        const value = document.createElement("div");
        value.className = "stack-value";
        value.append(...cell.childNodes);
        cell.append(value);
      });
    });
  }

  function tables() {
    for (const region of document.querySelectorAll(".table-scroll:not(:has(> .listed))")) {
      const table = region.querySelector("table");
      const heads = [...table.querySelectorAll("thead th")].map((h) => h.textContent.trim());
      const may = heads.length > 2 && !table.querySelector("[colspan], [rowspan]");
      if (may) label(table, heads);
      let width = 0;
      new ResizeObserver(() => {
        if (region.clientWidth === width) return;
        width = region.clientWidth;
        table.classList.remove("stack");
        const tight = region.scrollWidth > width || heads.length > 4;
        if (may && tight) table.classList.add("stack");
        if (region.scrollWidth > width) region.tabIndex = 0;
        else region.removeAttribute("tabindex");
      }).observe(region);
    }
  }

  // An open menu closes when one clicks elsewhere or presses Escape.
  const close = (except) => document.querySelectorAll("details.drop[open]").forEach((d) => { if (d !== except) d.open = false; });
  document.addEventListener("click", (event) => close(event.target.closest("details.drop")));
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector("details.drop[open]");
    if (open) { close(); open.querySelector("summary").focus(); }
  });

  restore();
  tables();
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
