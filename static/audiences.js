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

// Choosing another field or comparison redraws the rows. Whoever typed on meanwhile keeps what they
// typed: the old answer is thrown away and the choice is sent again. Buttons always have their way.
(() => {
  "use strict";
  let sent = null;
  const form = () => document.getElementById("audience-form");
  const now = () => new URLSearchParams(new FormData(form())).toString();
  const isChoice = (event) => event.detail.target?.id === "builder" && event.detail.elt?.tagName === "SELECT";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id === "builder") sent = isChoice(event) ? now() : null;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (sent === null || !isChoice(event) || now() === sent) return;
    event.detail.shouldSwap = false;
    event.detail.elt.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
