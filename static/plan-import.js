// The button says how many rows are ticked. Without this file it says so after "Keep corrections".
(() => {
  "use strict";
  const button = document.querySelector("[data-ready]");
  const count = button?.querySelector("[data-count]");
  if (!count) return;
  const ticked = () => document.querySelectorAll(".import-tick input:checked").length;
  const elsewhere = Number(button.dataset.ready) - ticked();
  document.addEventListener("change", (event) => {
    if (event.target.matches(".import-tick input")) {
      count.textContent = elsewhere + ticked();
      event.target.closest("tr").classList.toggle("is-out", !event.target.checked);
    }
  });
})();
