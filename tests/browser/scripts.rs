//! The scripts that are run inside a page to look at it.

pub(crate) const AXE: &str = include_str!("axe.min.js");

/// Violations of WCAG 2.2 A and AA and of best practice, one line each.
pub(crate) const RUN_AXE: &str = r"
const done = arguments[arguments.length - 1];
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
axe.run(document, { runOnly: tags, resultTypes: ['violations'], rules: { 'target-size': { enabled: true } }, iframes: false })
  .then(r => done(r.violations.map(v => `axe ${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' (' + (n.any.concat(n.all, n.none)[0]?.message ?? '') + ')').join('; ')}${v.nodes.length > 3 ? ` and ${v.nodes.length - 3} more` : ''}`)))
  .catch(e => done(['axe broke: ' + e]));
";

/// What stands out of the window sideways, when the page scrolls that way.
pub(crate) const TOO_WIDE: &str = r"
const root = document.documentElement, width = root.clientWidth;
if (Math.max(root.scrollWidth, document.body.scrollWidth) <= width) return null;
const out = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1 && !e.closest('.visually-hidden, .skip'));
const inner = out.filter(e => !out.some(o => o !== e && e.contains(o))).slice(0, 3);
return `${root.scrollWidth} px wide at ${width}: ` + inner.map(e => e.tagName.toLowerCase() + (e.className ? '.' + e.className : '') + ' “' + e.textContent.trim().slice(0, 30) + '”').join(', ');
";

/// Status, bytes over the wire and requests of this page.
pub(crate) const LOADED: &str = r"
const [page] = performance.getEntriesByType('navigation'), rest = performance.getEntriesByType('resource');
return [page.responseStatus, [page, ...rest].reduce((sum, e) => sum + e.transferSize, 0), 1 + rest.length];
";

/// Prepares the keyboard walk: notes which control has the focus and whether it can be seen. Returns how
/// often Tab has to be pressed to come once around.
pub(crate) const WATCH_FOCUS: &str = r"
const shown = e => e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex=\'0\']')]
  .filter(e => !e.disabled && e.tabIndex >= 0 && shown(e));
const key = e => e.type === 'radio' ? (e.form?.action ?? '') + e.name : e;
const name = e => `${e.tagName.toLowerCase()}${e.id ? '#' + e.id : ''}${e.name ? '[name=' + e.name + ']' : ''} “${(e.labels?.[0] ?? e).textContent.trim().slice(0, 40)}”`;
const outlined = e => { const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 && e.getBoundingClientRect().width > 1; };
window.walked = { all, key, name, seen: new Set(), faint: new Set() };
document.addEventListener('focusin', event => {
  const e = event.target;
  walked.seen.add(key(e));
  if (e.id !== 'main' && ![e, ...(e.labels ?? [])].some(outlined)) walked.faint.add(name(e));
});
return all.length + 3 + 4 * all.filter(e => e.type === 'date').length + 2 * document.querySelectorAll('iframe').length;
";

/// What the keyboard walk found.
pub(crate) const FOCUS_FOUND: &str = r"
const { all, key, name, seen, faint } = walked;
return [
  ...[...new Set(all.filter(e => !seen.has(key(e))).map(name))].map(n => 'Tab does not reach ' + n),
  ...[...faint].map(n => 'the focus is not seen on ' + n),
];
";
