/* Copies what a payment needs. The buttons are hidden until this file has come and the browser lets it: without it the values
   stand there and can be marked. */
"use strict";

const SHOWN_FOR = 2000;

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const before = button.textContent;
  if (before === button.dataset.done) return;
  button.textContent = button.dataset.done;
  document.querySelector("[data-copied]").textContent = `${button.dataset.done}: ${button.dataset.copy}`;
  setTimeout(() => { button.textContent = before; }, SHOWN_FOR);
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
