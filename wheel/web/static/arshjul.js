"use strict";
// Nothing here is needed: every page works without it.

// A second click on a button sends no second form.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
// Whoever comes back with the back button may send again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// The wheel and its table: a click on an arc leads to the plan, and a row shows its arc.
for (const arc of document.querySelectorAll("svg [data-plan]")) {
  const row = document.querySelector(
    `tr[data-plan="${CSS.escape(arc.dataset.plan)}"][data-state="${CSS.escape(arc.dataset.state)}"]`,
  );
  if (!row) continue;
  arc.addEventListener("click", () => row.querySelector("a")?.click());
  row.addEventListener("mouseenter", () => arc.classList.add("shown"));
  row.addEventListener("mouseleave", () => arc.classList.remove("shown"));
}

// The slider of the wheel says which day it stands on.
for (const slider of document.querySelectorAll(".slider input[type=range]")) {
  const say = () => {
    const day = new Date(Date.UTC(Number(slider.dataset.year), 0, Number(slider.value)));
    slider.form.querySelector("output").textContent = day.toISOString().slice(0, 10);
  };
  slider.addEventListener("input", say);
  say();
}
