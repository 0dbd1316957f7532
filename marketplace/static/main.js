// Everything works without this file: it saves a click, a mistake, or what was typed.
(() => {
  "use strict";
  const words = document.body.dataset;

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
      delete button.dataset.agreed;
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
    setTimeout(() => [...form.elements].filter((e) => e.type === "submit").forEach((e) => { e.disabled = true; }));
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("button[type=submit]:disabled").forEach((b) => { b.disabled = false; });
  });

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

  // One tick for all rows of a page that can be chosen, and it follows when they are ticked one by one.
  function choosing(root) {
    const all = root.querySelector("[data-choose-all]");
    if (!all) return;
    const form = all.form;
    const rows = [...form.querySelectorAll("tbody .selector input")];
    const follow = () => {
      const ticked = rows.filter((row) => row.checked).length;
      all.checked = ticked === rows.length;
      all.indeterminate = ticked > 0 && ticked < rows.length;
    };
    all.hidden = false;
    form.addEventListener("change", (event) => {
      if (event.target === all) rows.forEach((row) => { row.checked = all.checked; });
      follow();
    });
    follow();
  }
  document.addEventListener("htmx:afterSettle", (event) => choosing(event.target));

  // An open menu closes when one clicks elsewhere or presses Escape.
  const close = (except) => document.querySelectorAll("details.drop[open]").forEach((d) => { if (d !== except) d.open = false; });
  document.addEventListener("click", (event) => close(event.target.closest("details.drop")));
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector("details.drop[open]");
    if (open) { close(); open.querySelector("summary").focus(); }
  });

  tables();
  choosing(document);
  document.addEventListener("fresh", () => { tables(); choosing(document); });
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
