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
