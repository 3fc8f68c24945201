// Copy buttons, and parts of a page that go on by themselves. Every page works without this.
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {
    const said = button.firstChild;
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      said.data = 'Copied';
    } catch {
      said.data = 'Select it and copy by hand';
    }
    setTimeout(() => (said.data = 'Copy'), 2000);
  });
}

// An element with data-refresh is replaced by what that address answers, every five seconds for an hour, until the
// answer has no such element any more.
const part = () => document.querySelector('[data-refresh]');
let left = 720;
async function refresh() {
  const old = part();
  if (!old || left-- === 0) return;
  try {
    if (!document.hidden) {
      const answer = await fetch(old.dataset.refresh, { headers: { Accept: 'text/html' }, redirect: 'error' });
      if (!answer.ok) return;
      const read = new DOMParser().parseFromString(await answer.text(), 'text/html').body.firstElementChild;
      if (read && read.innerText !== old.innerText) old.replaceWith(read);
    }
  } catch {
    // The next attempt may be answered.
  }
  setTimeout(refresh, 5000);
}
if (part()) setTimeout(refresh, 5000);
