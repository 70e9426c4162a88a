// The donation form shows what will be charged while it is filled in. The server counts again and its
// word is the one that holds; without this file the form works the same, and says the total one page later.
const SIGNS = { usd: "$", eur: "€", gbp: "£", jpy: "¥" };
const MOST = 99_999_999n;

/** What a person typed, in the smallest unit of the currency; null when it is not an amount. */
export function parse(typed, digits, currency) {
  const bare = typed.trim().toLowerCase().replace(new RegExp(`^${currency}|${currency}$`, "g"), "").replace(/^[\s$€£¥+]+|[\s$€£¥+]+$/g, "").replace(/[ \u00a0\u202f]/g, ",");
  const found = /^(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d*))?$/.exec(bare);
  if (!found || !/\d/.test(bare)) return null;
  const fraction = digits === 0 ? (found[2] ?? "").replace(/0+$/, "") : (found[2] ?? "");
  if (fraction.length > digits) return null;
  const amount = BigInt(found[1].replaceAll(",", "") + fraction.padEnd(digits, "0"));
  return amount > 0n && amount <= MOST ? amount : null;
}

/** What must be charged so that `intended` is left after the fee: (intended + fixed) / (1 - rate), rounded up. */
export function charged(intended, fixed, ppm) {
  const kept = 1_000_000n - ppm;
  return ((intended + fixed) * 1_000_000n + kept - 1n) / kept;
}

/** `$1,250.00`, as the server writes it. */
export function words(amount, digits, currency) {
  const plain = String(amount).padStart(digits + 1, "0");
  const whole = plain.slice(0, plain.length - digits).replace(/\B(?=(\d{3})+$)/g, ",");
  return (SIGNS[currency] ?? `${currency.toUpperCase()} `) + whole + (digits ? `.${plain.slice(-digits)}` : "");
}

function enhance(form) {
  const digits = Number(form.dataset.digits ?? 2);
  const currency = (form.dataset.currency ?? "usd").toLowerCase();
  const fixed = BigInt(form.dataset.fixed ?? 0);
  const ppm = BigInt(form.dataset.percentPpm ?? 0);
  const radios = [...form.querySelectorAll(".amounts input[type=radio]")];
  const free = form.querySelector(".amounts input:not([type=radio])");
  const other = radios.find((radio) => parse(radio.value, digits, currency) === null);
  const cover = form.querySelector(".cover input[type=checkbox]");
  const total = form.querySelector(".total");
  const output = total?.querySelector("output");

  const show = () => {
    const picked = radios.find((radio) => radio.checked);
    const typed = picked && picked !== other ? picked.value : (free?.value ?? "");
    const intended = parse(typed, digits, currency);
    const sum = intended === null ? null : charged(intended, fixed, ppm);
    for (const fee of form.querySelectorAll("[data-fee]")) fee.textContent = sum === null ? "" : ` (${words(sum - intended, digits, currency)})`;
    if (!output) return;
    total.hidden = intended === null;
    if (intended !== null) output.textContent = words(cover?.checked ? sum : intended, digits, currency);
  };

  free?.addEventListener("input", () => {
    if (other && free.value.trim()) other.checked = true;
  });
  other?.addEventListener("click", () => free?.focus());
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  show();

  // One click, one gift; coming back with the browser's arrow makes the button work again.
  let sent = false;
  const mark = (busy) => {
    sent = busy;
    for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", String(busy));
  };
  form.addEventListener("submit", (event) => (sent ? event.preventDefault() : mark(true)));
  addEventListener("pageshow", (event) => {
    if (event.persisted) mark(false);
    show();
  });
}

if (typeof document !== "undefined") document.querySelectorAll("form[data-percent-ppm]").forEach(enhance);
