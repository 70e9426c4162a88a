// A button on another site that leads to the donate page. It loads nothing, stores nothing, follows nobody.
// <script async src="…/static/embed/give-button.js" data-label="Give" data-source="partner-site"></script>
(() => {
  const here = document.currentScript;
  if (!here) return;
  const { label, amount, fund, campaign, source } = here.dataset;
  const address = new URL(campaign ? `/give/${encodeURIComponent(campaign)}` : "/donate", here.src);
  for (const [name, value] of Object.entries({ amount, fund, source })) if (value) address.searchParams.set(name, value);
  const link = document.createElement("a");
  link.href = address.href;
  link.textContent = label || "Give";
  link.className = "convener-give";
  Object.assign(link.style, {
    display: "inline-block", padding: ".75em 1.5em", borderRadius: "3px", background: "#9a3412", color: "#fff",
    font: "600 1rem/1.25 system-ui, sans-serif", textDecoration: "none",
  });
  here.before(link);
})();
