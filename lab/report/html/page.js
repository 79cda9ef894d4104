// What every page has: its colours, its size, and data to save.
"use strict";
document.querySelector(".bar").hidden = false;

// Tells what is drawn to draw itself again.
function redraw() {
  document.dispatchEvent(new Event("redraw"));
}

document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  redraw();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

const large = document.getElementById("large");
large.addEventListener("click", () => {
  const isLarge = document.documentElement.classList.toggle("large");
  large.setAttribute("aria-pressed", isLarge);
  redraw();
});

// The data follow the button, so that nothing is saved that is not shown.
for (const button of document.querySelectorAll(".download")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const json = button.nextElementSibling.textContent;
    const data = "text" in button.dataset ? JSON.parse(json) : json;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([data]));
    link.download = button.dataset.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

// Paper is white and narrow.
let before;
addEventListener("beforeprint", () => {
  before = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  document.documentElement.classList.add("printing");
  redraw();
});
addEventListener("afterprint", () => {
  if (before) document.documentElement.dataset.theme = before;
  else delete document.documentElement.dataset.theme;
  document.documentElement.classList.remove("printing");
  redraw();
});
