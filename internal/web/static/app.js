// What the pages need beyond htmx; every page works without it.
"use strict";

// A form that changes something is sent once, however often its button is pressed.
let sending = null;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
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

// Menus of a filter send their form when something is chosen.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.hasAttribute("data-filter") && event.target.matches("select")) form.requestSubmit();
});
