// Arrow keys walk through the days of a month or a week; Page Up and Page Down turn the page.
(() => {
  "use strict";
  const month = document.querySelector(".month");
  if (!month) return;
  const days = [...month.querySelectorAll(".month-day")];
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  const pages = { PageUp: "prev", PageDown: "next" };

  month.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = days.indexOf(event.target.closest(".month-day"));
    const link = days[here + steps[event.key]]?.querySelector("a.month-date");
    const page = pages[event.key] && document.querySelector(`[rel="${pages[event.key]}"]`);
    if (link) link.focus();
    else if (page) page.click();
    else return;
    event.preventDefault();
  });
})();
