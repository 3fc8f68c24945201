// Copy buttons, and a part that goes on by itself. Every page works without this.
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = !navigator.clipboard;
  button.onclick = async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.firstChild.data = 'Copied';
    setTimeout(() => (button.firstChild.data = 'Copy'), 2000);
  };
}

// What has data-refresh is replaced by what that address answers: every 5 seconds, for an hour at most.
let left = 720;
const part = () => document.querySelector('[data-refresh]');
const later = () => part() && left-- && setTimeout(refresh, 5000);
async function refresh() {
  if (!document.hidden) {
    const answer = await fetch(part().dataset.refresh, { redirect: 'error' }).catch(() => 0);
    if (answer && !answer.ok) return;
    const read = answer && new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('ol');
    if (read && read.textContent !== part().textContent) part().replaceWith(read);
  }
  later();
}
later();
