/* Copies what a payment needs. The buttons are hidden until this file has come and the browser has a clipboard: without it the
   values stand there and can be marked. Where a browser in an app refuses, the value is marked instead. */
"use strict";

const SHOWN_FOR = 2000;

async function copy(button) {
  const { copy: value, done } = button.dataset;
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    getSelection().selectAllChildren(button.previousElementSibling);
    return;
  }
  document.querySelector("[data-copied]").textContent = `${done}: ${value}`;
  const before = button.textContent;
  if (before === done) return;
  button.textContent = done;
  setTimeout(() => { button.textContent = before; }, SHOWN_FOR);
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
