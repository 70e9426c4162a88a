// Small comforts on staff pages. Everything they do can be done without them.

// A box that ticks its whole column: <input type="checkbox" data-all="gift" hidden aria-label="…">.
for (const all of document.querySelectorAll("input[data-all]")) {
  const boxes = () => [...document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(all.dataset.all)}"]`)];
  const follow = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.hidden = false;
  all.addEventListener("change", () => boxes().forEach((box) => (box.checked = all.checked)));
  boxes().forEach((box) => box.addEventListener("change", follow));
  follow();
}

// The reader's own clock, where it differs from the coalition's.
for (const time of document.querySelectorAll("time[datetime*=T]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) time.title = `${at.toLocaleString([], { dateStyle: "full", timeStyle: "short" })} where you are`;
}

// Addresses of filtered lists without the filters that are empty.
for (const form of document.querySelectorAll("form.filters, .filters form")) {
  const empty = () => [...form.elements].filter((field) => field.name && field.value === "");
  form.addEventListener("submit", () => empty().forEach((field) => (field.disabled = true)));
  addEventListener("pageshow", () => empty().forEach((field) => (field.disabled = false)));
}
