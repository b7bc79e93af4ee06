// Plots: what a bar says is told beside the title; arrow keys walk from day to day.
"use strict";

function sayOf(bar) {
  const says = bar.closest("[data-plot]")?.querySelector(".plot-says");
  if (says) says.textContent = bar.dataset.label;
}

function beQuiet(plot) {
  const says = plot.querySelector(".plot-says");
  if (says && !plot.contains(document.activeElement)) says.textContent = says.dataset.says;
}

for (const plot of document.querySelectorAll("[data-plot]")) {
  const bars = [...plot.querySelectorAll(".plot-bar")];
  plot.addEventListener("pointerover", (event) => {
    const bar = event.target.closest(".plot-bar");
    if (bar) sayOf(bar);
  });
  plot.addEventListener("pointerleave", () => beQuiet(plot));
  plot.addEventListener("focusin", (event) => sayOf(event.target));
  plot.addEventListener("focusout", () => requestAnimationFrame(() => beQuiet(plot)));
  plot.addEventListener("keydown", (event) => {
    const at = bars.indexOf(document.activeElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 }[event.key];
    if (at < 0 || to === undefined || !bars[to]) return;
    event.preventDefault();
    bars[at].setAttribute("tabindex", "-1");
    bars[to].setAttribute("tabindex", "0");
    bars[to].focus();
  });
}
