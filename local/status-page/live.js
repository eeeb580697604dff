// Keeps the status page up to date: asks for it again, and changes what is different. Nothing needs this script.

const EVERY_MS = 2_000;
const page = document.getElementById('page');
const live = document.getElementById('live');
let answeredAt = new Date();

setInterval(update, EVERY_MS);
document.addEventListener('visibilitychange', update);

async function update() {
  if (document.hidden || isAtWork()) return;
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' }, redirect: 'error' });
    if (!response.ok) throw new Error(String(response.status));
    const next = new DOMParser().parseFromString(await response.text(), 'text/html');
    // Whoever began to type or to mark meanwhile keeps what they see.
    if (isAtWork()) return;
    const focused = document.activeElement?.id;
    change(page, next.getElementById('page'));
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
    document.title = next.title;
    answeredAt = new Date();
    tell('');
  } catch {
    tell(`No answer since ${answeredAt.toLocaleTimeString()}: what is shown is as old. Is it still running?`);
  }
}

/** Somebody chooses in the filters, or marks text to copy it. */
function isAtWork() {
  return document.activeElement?.closest('.filters') != null || !getSelection().isCollapsed;
}

function tell(text) {
  if (live.textContent === text) return;
  live.textContent = text;
  live.hidden = text === '';
}

/** Makes one node as another is. What has an id is kept, wherever it goes: whoever is on it stays there. */
function change(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== Node.ELEMENT_NODE || from.nodeName !== to.nodeName) {
    from.replaceWith(to.cloneNode(true));
    return;
  }
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  changeChildren(from, [...to.childNodes]);
}

function changeChildren(from, wanted) {
  wanted.forEach((child, index) => {
    const there = from.childNodes[index];
    const same = child.id ? [...from.children].find(({ id }) => id === child.id) : there;
    if (!same || (!child.id && same.id)) {
      from.insertBefore(child.cloneNode(true), there ?? null);
      return;
    }
    if (same !== there) from.insertBefore(same, there ?? null);
    change(same, child);
  });
  while (from.childNodes.length > wanted.length) from.lastChild.remove();
}
