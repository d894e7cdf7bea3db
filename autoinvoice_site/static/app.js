/* A dialog that htmx brings into #dialog stands as a modal over the page that asked for it. Without this file the question is
   a page of its own, with the same markup. */
"use strict";

const same = (one, other) => one.trim().toLocaleLowerCase() === other.trim().toLocaleLowerCase();

function showModally(dialog) {
  dialog.open = false; // as its own page it stands open
  dialog.showModal();
  dialog.querySelector("[autofocus]")?.focus();
  dialog.addEventListener("close", () => {
    dialog.remove();
    document.querySelector(`[aria-haspopup="dialog"][href="${dialog.dataset.opener}"]`)?.focus();
  });
}

// Not before htmx has settled it: until then its buttons are not htmx's yet, and an Enter would leave the page.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "dialog") detail.target.querySelectorAll("dialog:not(:modal)").forEach(showModally);
});

document.addEventListener("click", (event) => {
  const modal = event.target.closest("[data-closes]")?.closest("dialog:modal");
  if (!modal) return;
  event.preventDefault();
  modal.close();
});

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!submitter?.dataset.busy) return;
  const check = form.querySelector("button[hidden]");
  if (check && !same(form.elements.firma.value, form.dataset.typed)) { // the server says what is wrong, inside the dialog
    event.preventDefault();
    check.click();
    return;
  }
  submitter.disabled = true;
  submitter.textContent = submitter.dataset.busy;
});

window.addEventListener("pageshow", ({ persisted }) => { // gone back to what was sent: it says what is now
  if (persisted && document.querySelector("[data-busy]:disabled")) location.reload();
});
