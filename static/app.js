// Small comforts. Every page works without this file.
(() => {
  "use strict";

  // A form is sent once. The button is named before it is switched off, so its value still travels.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.target === "_blank" || form.hasAttribute("data-again")) return;
    if (form.getAttribute("aria-busy") === "true") return event.preventDefault();
    form.setAttribute("aria-busy", "true");
    setTimeout(() => {
      for (const button of form.querySelectorAll("button:enabled:not([type=button])")) {
        button.disabled = true;
        button.dataset.sent = "";
        if (button === event.submitter) button.setAttribute("aria-busy", "true");
      }
    });
  });

  const rest = (form) => {
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("[data-sent]")) {
      button.disabled = false;
      delete button.dataset.sent;
      button.removeAttribute("aria-busy");
    }
  };
  // Coming back with the Back button, the form can be sent again.
  addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(rest));

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except && !menu.contains(except)) menu.open = false;
    }
  };
  // A menu closes when the focus goes on: it would lie over what comes next.
  document.addEventListener("focusin", (event) => closeMenus(event.target));
  document.addEventListener("click", async (event) => {
    closeMenus(event.target);
    const away = event.target.closest("[data-dismiss]");
    if (away) away.closest(".flash")?.remove();
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      await navigator.clipboard.writeText(copy.dataset.copy);
      const word = copy.querySelector("[data-copied]");
      if (word) word.textContent = word.dataset.copied;
    }
  });

  const wayTo = { h: "/", c: "/calendar", p: "/plans/" };
  let pressedG = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = document.querySelector("details.menu[open]");
      closeMenus(null);
      open?.querySelector("summary").focus();
    }
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      const search = document.getElementById("search");
      if (search) { event.preventDefault(); search.focus(); }
    } else if (event.key === "g") {
      pressedG = event.timeStamp;
    } else if (wayTo[event.key] && event.timeStamp - pressedG < 1500) {
      document.querySelector(`.nav a[href="${wayTo[event.key]}"]`)?.click();
    }
  });

  // On a phone the tabs scroll sideways: the one of this page is in sight.
  const tab = document.querySelector(".tabs [aria-current]"), tabs = tab?.closest(".tabs");
  if (tabs) tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;

  const problems = document.querySelector(".problems");
  if (problems) problems.focus();
})();
