// Which theme is on? Runs before the first paint, so it is a plain script.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const order = ["auto", "light", "dark", "night"];
  const read = () => { try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; } };
  const keep = (value) => { try { localStorage.setItem("theme", value); } catch { /* private window */ } };

  function show() {
    const chosen = read();
    root.dataset.theme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
    for (const button of document.querySelectorAll("[data-theme-next]")) {
      button.textContent = button.dataset[`word${chosen[0].toUpperCase()}${chosen.slice(1)}`];
    }
    for (const radio of document.querySelectorAll("[name=theme]")) radio.checked = radio.value === chosen;
  }

  root.classList.add("js");
  show();
  dark.addEventListener("change", show);
  document.addEventListener("DOMContentLoaded", show);
  window.addEventListener("storage", (event) => { if (event.key === "theme") show(); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-next]")) return;
    keep(order[(order.indexOf(read()) + 1) % order.length]);
    show();
  });
  document.addEventListener("change", (event) => {
    if (event.target.name !== "theme") return;
    keep(event.target.value);
    show();
  });
})();
