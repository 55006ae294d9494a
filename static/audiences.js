// A column copied from a spreadsheet becomes one list: line breaks turn into semicolons.
(() => {
  "use strict";
  document.addEventListener("paste", (event) => {
    const field = event.target.closest("input[name^='value-']");
    const text = event.clipboardData?.getData("text") ?? "";
    if (!field || field.type !== "text" || !/[\r\n]/.test(text.trim())) return;
    event.preventDefault();
    const list = text.split(/[\r\n]+/).map((line) => line.trim()).filter(Boolean).join("; ");
    field.setRangeText(list, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();

// An answer of the server redraws the rows. Whoever typed on meanwhile keeps what they typed: the
// old answer is thrown away and the form is sent again.
(() => {
  "use strict";
  let sent = "";
  const now = (form) => new URLSearchParams(new FormData(form)).toString();
  const builder = (event) => event.detail.target?.id === "builder" && document.getElementById("audience-form");
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = builder(event);
    if (form) sent = now(form);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = builder(event);
    if (!form || now(form) === sent) return;
    event.detail.shouldSwap = false;
    form.querySelector("select[name^='field-']")?.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
