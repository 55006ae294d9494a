// The composer's comforts: shaping the text, counting, a preview that follows. All of it works without.
(() => {
  "use strict";

  // One person after another, in any preview.
  const people = document.getElementById("f-person");
  document.querySelectorAll("[data-step]").forEach((button) => button.addEventListener("click", () => {
    const count = people.options.length;
    people.selectedIndex = (people.selectedIndex + Number(button.dataset.step) + count) % count;
    people.dispatchEvent(new Event("change", { bubbles: true }));
  }));
  const pane = document.querySelector(".preview");
  if (pane && !pane.dataset.preview) people.addEventListener("change", () => {
    pane.querySelector('.segment[aria-pressed="true"]').click();
  });

  const form = document.getElementById("composer");
  if (!form) return;
  const body = form.elements.body;

  // Shape the text around the selection; undo keeps working because the browser does the typing.
  const type = (text) => {
    body.focus();
    if (!document.execCommand("insertText", false, text)) body.setRangeText(text, body.selectionStart, body.selectionEnd, "end");
  };
  const selected = () => body.value.slice(body.selectionStart, body.selectionEnd);
  const wrap = (mark) => {
    const size = mark.length;
    let start = body.selectionStart, words = selected();
    const around = body.value.slice(start - size, start) === mark && body.value.startsWith(mark, body.selectionEnd);
    if (around) {
      start -= size;
      body.setSelectionRange(start, body.selectionEnd + size);
      type(words);
    } else {
      type(mark + words + mark);
      start += size;
    }
    body.setSelectionRange(start, start + words.length);
  };
  const prefix = (mark) => {
    const start = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
    const after = body.value.indexOf("\n", body.selectionEnd);
    body.setSelectionRange(start, after < 0 ? body.value.length : after);
    const lines = selected().split("\n");
    const had = lines.every((line) => line.startsWith(mark));
    type(lines.map((line, at) => had ? line.slice(mark.length) : (mark === "1. " ? `${at + 1}. ` : mark) + line).join("\n"));
  };
  const link = () => {
    const words = selected(), start = body.selectionStart;
    if (/^https?:\/\/\S+$/.test(words)) {
      type(`[](${words})`);
      body.setSelectionRange(start + 1, start + 1);
    } else {
      type(`[${words}](https://)`);
      const at = words ? start + words.length + 11 : start + 1;
      body.setSelectionRange(at, at);
    }
  };
  // The toolbar is one stop of the Tab key; arrow keys walk inside it.
  const toolbar = form.querySelector(".toolbar"), tools = [...toolbar.querySelectorAll("button")];
  const stopAt = (tool) => tools.forEach((one) => { one.tabIndex = one === tool ? 0 : -1; });
  stopAt(tools[0]);
  toolbar.addEventListener("keydown", (event) => {
    const at = tools.indexOf(event.target), last = tools.length - 1;
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    tools[(next + tools.length) % tools.length].focus();
  });
  toolbar.addEventListener("focusin", (event) => { if (tools.includes(event.target)) stopAt(event.target); });
  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.wrap) wrap(button.dataset.wrap);
    else if (button.dataset.prefix) prefix(button.dataset.prefix);
    else link();
  });
  body.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const act = { b: () => wrap("**"), i: () => wrap("*"), k: link }[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  });
  let field = body; // where a personal field goes: wherever was written last
  for (const one of [form.elements.subject, form.elements.preview, body]) one.addEventListener("focus", () => { field = one; });
  // Arrow keys walk through the fields, Enter puts the chosen one in; the mouse chooses at once.
  const picker = form.querySelector("[data-picker]");
  let walking = false;
  const insert = () => {
    const name = picker.value;
    picker.value = "";
    walking = false;
    if (!name) return;
    const text = name.endsWith("_link") ? `[${selected() || "…"}]({{ ${name} }})` : `{{ ${name} }}`;
    if (field === body) return type(text);
    field.focus();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  picker.addEventListener("pointerdown", () => { walking = false; });
  picker.addEventListener("change", () => { if (!walking) insert(); });
  picker.addEventListener("blur", () => { picker.value = ""; walking = false; });
  picker.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && picker.value) { event.preventDefault(); insert(); }
    else if (event.key !== "Tab") walking = event.key !== " " && !event.altKey;
  });

  // Count characters where there are only so many.
  form.querySelectorAll("[data-count]").forEach((input) => {
    const shown = document.createElement("output");
    shown.className = "count";
    shown.htmlFor = input.id;
    input.closest(".field").prepend(shown);
    const count = () => {
      const length = input.value.replace(/\{\{[^{}|]*\|?\s*([^{}]*?)\s*\}\}/g, "$1").length;
      shown.textContent = `${length} / ${input.dataset.count}`;
      shown.classList.toggle("over", length > Number(input.dataset.count));
    };
    input.addEventListener("input", count);
    count();
  });

  // The preview follows: the form is sent to a fresh frame, which takes the old one's place when ready.
  let saved = form.dataset.saved === "yes", leaving = false, wanted = pane.querySelector('.segment[aria-pressed="true"]');
  const refresh = () => form.requestSubmit(wanted);
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.formTarget.startsWith("preview")) { leaving = true; return; }
    form.dataset.again = "";
    setTimeout(() => delete form.dataset.again);
    wanted = event.submitter;
    pane.querySelectorAll(".segment").forEach((one) => one.setAttribute("aria-pressed", one === wanted));
    const old = pane.querySelector("iframe:not(.is-coming)"), fresh = old.cloneNode();
    pane.querySelectorAll("iframe.is-coming").forEach((one) => one.remove());
    fresh.removeAttribute("src");
    fresh.className = `preview-frame is-coming${wanted.value === "phone" ? " is-phone" : ""}`;
    fresh.name = wanted.formTarget = `preview-${event.timeStamp}`;
    old.after(fresh);
    fresh.addEventListener("load", () => {
      if (fresh.contentWindow.location.href === "about:blank" || !fresh.isConnected) return;
      fresh.contentWindow.scrollTo(0, old.contentWindow?.scrollY ?? 0);
      old.remove();
      fresh.classList.remove("is-coming");
    });
  });
  let waiting = 0;
  const later = () => { clearTimeout(waiting); waiting = setTimeout(refresh, 600); };
  const unsaved = form.querySelector("[data-unsaved]");
  form.addEventListener("input", (event) => {
    if (event.target === people || event.target.closest("[data-picker]")) return;
    saved = false;
    unsaved.hidden = false;
    later();
  });
  people.addEventListener("change", refresh);
  addEventListener("beforeunload", (event) => { if (!saved && !leaving && !unsaved.hidden) event.preventDefault(); });
  addEventListener("pageshow", () => { leaving = false; });
  body.form.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); form.requestSubmit(form.querySelector('[name="do"][value="save"]')); }
  });
  if (!pane.querySelector("iframe").hasAttribute("src") || !saved) refresh();
})();
