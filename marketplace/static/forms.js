// What forms gain from a browser that runs scripts. Without this file every form still works.
(() => {
  "use strict";
  const words = document.body.dataset;
  const who = words.who || "";
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const make = (tag, attributes, text) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    return element;
  };

  // ---- Drafts: what was typed survives a session that ends, a fault and a wrong click; in this tab only.
  const KEY = "drafts";
  const FORMS = "form.form[method=post]";
  const drafts = () => { try { return JSON.parse(sessionStorage.getItem(KEY)) || {}; } catch { return {}; } };
  const keep = (all) => {
    try {
      if (Object.keys(all).length) sessionStorage.setItem(KEY, JSON.stringify(all));
      else sessionStorage.removeItem(KEY);
    } catch { /* no room: then the page is as it would be without scripts */ }
  };
  const here = () => location.pathname + location.search;
  const place = (form) => [...document.querySelectorAll(FORMS)].indexOf(form);
  const key = (form) => `${here()}#${place(form)}`;
  const secret = (e) => ["hidden", "password", "file", "submit", "button", "fieldset"].includes(e.type)
    || /one-time-code|password|^cc-/.test(e.autocomplete || "");
  const typed = (form) => [...form.elements].filter((e) => e.name && !e.disabled && !secret(e) && !e.closest(".place-first"));
  const ticks = (e) => ["checkbox", "radio"].includes(e.type);
  const values = (form) => typed(form).map((e) => [e.name, e.type, ticks(e) ? [e.value, e.checked] : e.value]);

  function note(form, state) {
    if (!form.matches(FORMS) || form.querySelector("input[type=password]")) return;
    const all = drafts();
    all[key(form)] = { who, state, values: values(form) };
    keep(all);
  }
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => { if (event.target.form) note(event.target.form, "typed"); });
  }
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (new URL(event.target.action).pathname === "/account/sign-out") { keep({}); tell("out"); }
    else note(event.target, "sent");
  });

  // A page that says that something went wrong proves that what was sent has not arrived.
  function sort() {
    const all = drafts();
    const lost = location.pathname.startsWith("/account/sign-in") || document.querySelector("[data-status], #error-summary");
    for (const [name, draft] of Object.entries(all)) {
      if (who && draft.who && draft.who !== who) delete all[name];
      else if (draft.state === "sent" && lost) draft.state = "typed";
      else if (draft.state === "sent") delete all[name];
    }
    keep(all);
  }

  function restore() {
    const all = drafts();
    for (const form of document.querySelectorAll(FORMS)) {
      const draft = all[key(form)];
      if (!draft || JSON.stringify(draft.values) === JSON.stringify(values(form))) continue;
      const fields = typed(form);
      for (const [name, type, value] of draft.values) {
        for (const field of fields.filter((f) => f.name === name && f.type === type)) {
          if (!Array.isArray(value)) field.value = value;
          else if (field.value === value[0]) field.checked = value[1];
        }
      }
      const told = make("p", { class: "banner banner-warn", role: "status" }, words.restored + " ");
      const away = make("button", { class: "linkish", type: "button" }, words.discard);
      away.addEventListener("click", () => {
        const left = drafts();
        delete left[key(form)];
        keep(left);
        form.reset();
        form.querySelectorAll("select[data-narrowed]").forEach((e) => e.dispatchEvent(new Event("widen")));
        told.remove();
      });
      told.append(away);
      form.before(told);
    }
  }

  // ---- A word beside the field: htmx brings it, this marks the field.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.contains(document.activeElement) && document.activeElement.matches("input, textarea")
        && event.detail.triggeringEvent?.type === "input") event.detail.headers["X-Typing"] = "yes";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = event.detail.target;
    if (target.matches(".live")) mark(target);
    const city = document.getElementById(`${target.id}-city`);
    if (city) target.disabled = !city.value;
  });
  function mark(live) {
    const name = live.id.slice(2);
    const said = document.getElementById(`e-${name}`);
    const field = document.getElementById(`f-${name}`);
    const bad = Boolean(live.querySelector(".error"));
    if (said) {
      said.remove();
      const rest = (field.getAttribute("aria-describedby") || "").split(" ").filter((id) => id !== said.id);
      field.setAttribute("aria-describedby", rest.join(" "));
    }
    live.closest(".field, .period-day").classList.toggle("field-bad", bad);
    if (field.tagName === "FIELDSET") return;
    if (bad) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  // ---- A place in two steps: the list of everything becomes the list of one city.
  function narrow(first) {
    const second = document.getElementById(first.id.slice(0, -5));
    const blank = second.options[0];
    const label = document.querySelector(`label[for="${second.id}"]`);
    const whole = [...second.children].map((child) => child.cloneNode(true));
    const show = () => {
      const city = second.selectedOptions[0]?.parentElement.dataset.city || "";
      first.value = city;
      for (const group of second.querySelectorAll("optgroup")) {
        if (group.dataset.city === city) group.replaceWith(...group.children);
        else group.remove();
      }
      second.options[0].textContent = city ? blank.textContent : blank.dataset.first;
      second.disabled = !city;
    };
    const all = () => second.replaceChildren(...whole.map((child) => child.cloneNode(true)));
    label.textContent = label.dataset.second;
    first.parentElement.hidden = false;
    second.dataset.narrowed = "";
    second.addEventListener("widen", () => { all(); show(); });
    for (const fault of ["htmx:sendError", "htmx:responseError"]) {
      first.addEventListener(fault, () => { all(); second.disabled = false; });
    }
    show();
  }

  // ---- How many characters are left.
  function count(area) {
    const shown = document.getElementById(`c-${area.name}`);
    const aloud = make("span", { class: "visually-hidden", "aria-live": "polite" });
    shown.after(aloud);
    let timer;
    const say = () => {
      const rest = area.dataset.limit - [...area.value.trim()].length;
      shown.textContent = fill(rest < 0 ? shown.dataset.over : shown.dataset.left, { n: Math.abs(rest) });
      shown.classList.toggle("count-over", rest < 0);
      clearTimeout(timer);
      timer = setTimeout(() => { if (document.activeElement === area) aloud.textContent = shown.textContent; }, 1200);
    };
    area.addEventListener("input", say);
    say();
  }

  // ---- Files: name and size, a refusal before anything is sent, and how far the sending has come.
  const MIB = 1024 * 1024;
  const size = (bytes) => (bytes < MIB ? `${Math.max(1, Math.round(bytes / 1024))} KiB` : `${(bytes / MIB).toFixed(1)} MiB`);

  function look(input) {
    const file = input.files[0];
    const live = document.getElementById(`l-${input.name}`);
    const about = input.dataset;
    live.replaceChildren();
    if (file) {
      const said = { name: file.name, size: size(file.size), limit: about.limit, kinds: about.kinds };
      const kinds = (input.accept || "").split(",").map((kind) => kind.trim().toLowerCase()).filter(Boolean);
      const fault = kinds.length && !kinds.some((kind) => file.name.toLowerCase().endsWith(kind)) ? about.kind
        : file.size > about.limit * MIB ? about.large : "";
      live.append(make("p", { class: fault ? "error" : "said" }, fill(fault || about.chosen, said)));
    }
    mark(live);
  }
  document.addEventListener("change", (event) => { if (event.target.matches(".upload input[type=file]")) look(event.target); });

  // Before every other listener: a form with a file that will be refused does not leave.
  document.addEventListener("submit", (event) => {
    const inputs = [...event.target.querySelectorAll(".upload input[type=file]")].filter((input) => input.files.length);
    if (!inputs.length) return;
    let wrong = inputs.find((input) => input.getAttribute("aria-invalid") && document.querySelector(`#l-${input.name} .error`));
    const most = Math.max(...inputs.map((input) => Number(input.dataset.limit)));
    const sum = inputs.reduce((all, input) => all + input.files[0].size, 0);
    if (!wrong && sum > most * MIB) {
      wrong = inputs.at(-1);
      const live = document.getElementById(`l-${wrong.name}`);
      live.replaceChildren(make("p", { class: "error" }, fill(wrong.dataset.together, { size: size(sum), limit: most })));
      mark(live);
    }
    if (!wrong) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    wrong.focus();
  }, true);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.enctype !== "multipart/form-data") return;
    if (![...form.querySelectorAll("input[type=file]")].some((input) => input.files.length)) return;
    event.preventDefault();
    send(form, event.submitter);
  });

  function send(form, submitter) {
    const request = new XMLHttpRequest();
    const bar = make("progress", { max: "100", value: "0", "aria-label": words.sending });
    const told = make("p", { class: "said", role: "status" }, words.sending);
    const stop = make("button", { class: "btn btn-quiet btn-small", type: "button" }, words.no);
    const row = make("div", { class: "sending" });
    row.append(told, bar, stop);
    form.querySelectorAll(".sending").forEach((old) => old.remove());
    form.append(row);
    let tenth = 0;
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const share = Math.floor((event.loaded / event.total) * 100);
      bar.value = share;
      if (share >= tenth + 10 || share === 100) { tenth = share; told.textContent = fill(words.sent, { share }); }
    });
    const again = (text) => {
      row.replaceChildren(make("p", { class: "error", role: "alert" }, text));
      [...form.elements].filter((e) => e.type === "submit").forEach((e) => { e.disabled = false; });
      note(form, "typed");
    };
    stop.addEventListener("click", () => request.abort());
    request.addEventListener("abort", () => again(words.stopped));
    request.addEventListener("error", () => again(words.broken));
    request.addEventListener("load", () => {
      const target = request.getResponseHeader("X-Location");
      if (target) location.assign(target);
      else if (request.status === 413 || request.status >= 500) again(request.status === 413 ? words.large : words.broken);
      else show(new DOMParser().parseFromString(request.responseText, "text/html"), form);
    });
    request.open("POST", form.action);
    request.setRequestHeader("X-Form", "script");
    request.send(new FormData(form, submitter));
  }

  // The answer takes the place of the page; the files that were chosen stay chosen.
  function show(page, form) {
    const main = document.getElementById("main");
    const files = [...form.querySelectorAll("input[type=file]")].filter((input) => input.files.length);
    main.replaceWith(document.adoptNode(page.getElementById("main")));
    document.title = page.title;
    const fresh = document.getElementById("main");
    for (const old of files) {
      const input = fresh.querySelector(`input[type=file][name="${CSS.escape(old.name)}"]`);
      if (input) input.files = old.files;
    }
    window.htmx?.process(fresh);
    document.dispatchEvent(new Event("fresh"));
    prepare();
    fresh.querySelectorAll(".upload input[type=file]").forEach((input) => {
      if (input.files.length && !document.getElementById(`e-${input.name}`)) look(input);
    });
    (document.getElementById("error-summary") || fresh).focus();
  }

  // ---- The end of the session: a warning before it, and nothing lost after it.
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;
  const tell = (what) => channel?.postMessage(what);
  channel?.addEventListener("message", (event) => {
    if (event.data === "out") keep({});
    else if (clock) clock.until(event.data);
  });
  const leaving = document.getElementById("leaving");
  const clock = leaving ? watch(leaving) : null;

  function watch(dialog) {
    const about = dialog.dataset;
    const now = () => Date.now() / 1000;
    const end = now() + Number(about.most);
    const warn = Math.min(120, Number(about.idle) / 2);
    const part = (name) => dialog.querySelector(`[data-part=${name}]`);
    let due = now() + Number(about.idle);
    let last = null;
    const phase = (name) => {
      if (dialog.dataset.phase === name) return;
      dialog.dataset.phase = name;
      for (const piece of dialog.querySelectorAll("[data-in]")) piece.hidden = !piece.dataset.in.split(" ").includes(name);
      if (!dialog.open) dialog.showModal();
      [...dialog.querySelectorAll(".btn-primary")].find((e) => !e.closest("[hidden]"))?.focus();
    };
    const tick = () => {
      const rest = Math.ceil(due - now());
      if (rest > warn) { if (dialog.open && dialog.dataset.phase !== "over") { dialog.dataset.phase = ""; dialog.close(); } return; }
      if (rest <= 0) { phase("over"); return; }
      phase(due >= end - 1 ? "final" : "soon");
      part("clock").textContent = `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`;
      const step = rest > 60 ? Math.ceil(rest / 60) * 60 : Math.ceil(rest / 20) * 20;
      if (step !== last) { last = step; part("aloud").textContent = fill(part("aloud").dataset.text, { n: Math.min(step, rest) }); }
    };
    const until = (seconds) => { due = Math.min(now() + seconds, end); last = null; tick(); };
    const stay = async () => {
      try {
        const answer = await fetch(about.stay, {
          method: "POST", redirect: "manual",
          headers: { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content },
        });
        if (!answer.ok) { due = now(); tick(); return; }
        const rest = await answer.json();
        until(rest.idle);
        tell(rest.idle);
      } catch { /* no network: the clock goes on, and one may try again */ }
    };
    part("stay").addEventListener("click", stay);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (dialog.dataset.phase === "soon") stay();
      else if (dialog.dataset.phase === "final") part("fine").click();
    });
    part("fine").addEventListener("click", () => { dialog.close(); });
    part("in").href = `${part("in").href}?next=${encodeURIComponent(here())}`;
    document.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.successful && due < end - 1) until(Number(about.idle));
    });
    setInterval(tick, 1000);
    document.addEventListener("visibilitychange", tick);
    tell(Number(about.idle));
    tick();
    return { until };
  }

  function prepare() {
    sort();
    restore();
    document.querySelectorAll(".place-first select").forEach(narrow);
    document.querySelectorAll("textarea[data-limit]").forEach(count);
  }
  prepare();
})();
