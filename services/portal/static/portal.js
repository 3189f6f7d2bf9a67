// Comfort only: every page works without this file.
"use strict";

// Copy buttons, shown only where they can work.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    const before = button.innerHTML;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.innerHTML = before; }, 2000);
  });
}

// Progress: ask for the page again and put its fresh parts in place, but never under someone's keyboard; once it is
// over, load the page whole.
const parts = [...document.querySelectorAll("[data-refresh]")];
const refresh = async (pause) => {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer && answer.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts) {
      const fresh = page.getElementById(part.id);
      if (!fresh || !fresh.dataset.refresh) { location.reload(); return; }
      if (part.innerHTML !== fresh.innerHTML && !part.contains(document.activeElement)) part.innerHTML = fresh.innerHTML;
    }
  }
  setTimeout(refresh, pause, pause);
};
if (parts.length) setTimeout(refresh, parts[0].dataset.refresh * 1000, parts[0].dataset.refresh * 1000);

// A draft is kept a moment after the last change, by the form's own "keep" button.
for (const form of document.querySelectorAll("form[data-draft]")) {
  let waiting;
  const keep = async () => {
    const body = new FormData(form);
    body.set("action", "draft");
    // not form.action: the form's buttons bear that name
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body }).catch(() => null);
    const said = form.querySelector("[data-draft-said]");
    if (answer && answer.ok) said.textContent = said.dataset.saved;
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keep, 1500); });
  form.addEventListener("submit", () => clearTimeout(waiting));
}

// After a refused form, reading starts at the summary of what to correct.
const errors = document.getElementById("erreurs");
if (errors) errors.focus();

// A form is sent once.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
