// What the pages need beyond htmx; every page works without it.
"use strict";

// A form that changes something is sent once, however often its button is pressed.
let sending = null;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.submitter?.formTarget) return; // what is shown in a frame changes nothing
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  sending = form;
  setTimeout(() => { delete form.dataset.sent; sending = null; }, 3000); // a download leaves the page as it is
});

// Before a page is left, the browser asks if a form in which something was typed would be lost: the one that is being
// sent is not, all others are. A page that came back with what was typed has not saved it.
const typedInto = new WeakSet();
document.addEventListener("input", (event) => typedInto.add(event.target));

function keepsInput(field) {
  return field.name && !field.disabled && field.matches("textarea, select, input:not([type=hidden], [type=password], [type=submit])");
}

function differs(field) {
  if (field.matches("select")) {
    const fixed = [...field.options].some((option) => option.defaultSelected);
    return [...field.options].some((option, i) => option.selected !== (fixed ? option.defaultSelected : i === 0));
  }
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

function hasUnsaved(form) {
  if (form.method !== "post" || form === sending) return false;
  const fields = [...form.elements].filter(keepsInput);
  return fields.some((field) => typedInto.has(field) && differs(field)) ||
    document.querySelector("main[data-unsaved]") !== null && fields.some((field) => field.value !== "");
}

window.addEventListener("beforeunload", (event) => {
  if ([...document.forms].some(hasUnsaved)) event.preventDefault();
});

// A form that is sent after the login has expired is not lost: what was typed is kept in this tab while the login is
// asked for, and is put back into the form on the page that it came from. Passwords and files are not kept. Hidden
// fields that say what the form has seen are, so that another person's change is still noticed.
const keptForm = "creditrun.form";
const user = () => document.querySelector("header.bar .who")?.textContent;
const here = () => location.pathname + location.search;
const keeps = (field) => keepsInput(field) ? field.type !== "file" : field.type === "hidden" && (field.name === "seen" || field.name.startsWith("was."));
const stateOf = (field) => field.matches("select") ? [...field.options].map((o) => o.selected) : field.matches("[type=checkbox], [type=radio]") ? field.checked : field.value;
const choiceOf = (field) => field.matches("[type=checkbox], [type=radio]") ? field.value : ""; // which one of several of a name

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || !form.closest("main") || !user()) return;
  const fields = [...form.elements].filter(keeps).map((field) => [field.name, choiceOf(field), stateOf(field)]);
  sessionStorage.setItem(keptForm, JSON.stringify({ page: here(), user: user(), form: [...document.forms].indexOf(form), action: form.getAttribute("action"), fields }));
});

function putBack(kept) {
  const form = [...document.forms].filter((f) => f.getAttribute("action") === kept.action);
  const found = form.includes(document.forms[kept.form]) ? document.forms[kept.form] : form[0];
  if (!found) return;
  const fields = [...found.elements].filter(keeps);
  for (const [name, choice, state] of kept.fields) {
    const i = fields.findIndex((field) => field.name === name && choiceOf(field) === choice);
    if (i < 0) continue;
    const [field] = fields.splice(i, 1);
    if (Array.isArray(state)) [...field.options].forEach((option, n) => { option.selected = !!state[n]; });
    else if (typeof state === "boolean") field.checked = state;
    else field.value = state;
    typedInto.add(field);
    const details = field.closest("details");
    if (details && differs(field)) details.open = true;
  }
  document.getElementById("kept").hidden = false;
}

{
  const kept = JSON.parse(sessionStorage.getItem(keptForm) || "null");
  if (kept && document.querySelector("[data-kept]")) sessionStorage.setItem(keptForm, JSON.stringify({ ...kept, expired: true }));
  else if (user()) {
    sessionStorage.removeItem(keptForm);
    if (kept && kept.expired && kept.user === user() && kept.page === here()) putBack(kept);
  }
}

// How many rows of a list are chosen for the form that decides about them.
function countChosen(shown) {
  const n = document.querySelectorAll(`[form="${shown.dataset.chosen}"][type=checkbox]:checked`).length;
  shown.textContent = n ? shown.dataset.words.replace("#", n) + "." : "";
}
document.querySelectorAll("[data-chosen]").forEach((shown) => {
  countChosen(shown);
  document.addEventListener("change", () => countChosen(shown));
});

// The key / leads to the search, from wherever nothing is typed into.
document.addEventListener("keydown", (event) => {
  const search = document.getElementById("search");
  if (!search || event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// Menus of a filter send their form when something is chosen.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.hasAttribute("data-filter") && event.target.matches("select")) form.requestSubmit();
});

// What scrolls can be scrolled with the keyboard, too.
function reachWide() {
  for (const wide of document.querySelectorAll(".wide:not([tabindex])")) {
    if (wide.scrollWidth > wide.clientWidth || wide.scrollHeight > wide.clientHeight) wide.tabIndex = 0;
  }
}
for (const event of ["DOMContentLoaded", "htmx:afterSettle", "resize"]) window.addEventListener(event, reachWide);

// A preview in a frame follows what is typed and chosen: as if its button were pressed when nothing changed for a
// moment. The frame is a new one each time, so that going back leaves the page and not the preview.
document.querySelectorAll("button[data-live]").forEach((button) => {
  let waiting;
  button.form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const { form } = button, frame = document.querySelector(`iframe[name="${button.formTarget}"]`), fresh = frame.cloneNode();
      fresh.removeAttribute("src");
      frame.replaceWith(fresh);
      const { action, target } = form;
      form.action = button.formAction;
      form.target = button.formTarget;
      form.submit();
      form.action = action;
      form.target = target;
    }, 600);
  });
});
