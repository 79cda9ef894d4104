// What every page has: its colours, its size, and data to save.
"use strict";
document.querySelector(".bar").hidden = false;

// Makes the charts draw themselves again.
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

// Chromium prints no canvas that was drawn for the paper: charts keep the
// pixels and the colours of the screen, made smaller.
const paper = 640;
addEventListener("beforeprint", () => {
  const colours = getComputedStyle(document.documentElement);
  for (const figure of document.querySelectorAll("figure")) {
    const width = figure.offsetWidth;
    const plot = figure.querySelector(".plot");
    plot.style.height = `${plot.offsetHeight}px`;
    figure.style.width = `${width}px`;
    figure.style.fontSize = colours.fontSize;
    figure.style.zoom = Math.min(1, paper / width);
    for (const name of ["--paper", "--ink", "--dim", "--accent"]) {
      figure.style.setProperty(name, colours.getPropertyValue(name));
    }
  }
});
addEventListener("afterprint", () => {
  for (const figure of document.querySelectorAll("figure")) {
    figure.querySelector(".plot").removeAttribute("style");
    figure.removeAttribute("style");
  }
});
