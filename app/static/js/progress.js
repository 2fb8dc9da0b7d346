// A page that waits for a worker asks again every second. While it still waits, the new part takes the old one's place;
// once the answer is there, the page is loaded again as a whole.
(() => {
  'use strict';
  const PAUSE = 1000;
  const again = async () => {
    const here = document.querySelector('[data-waiting]');
    if (!here) return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const next = page.querySelector('[data-waiting]');
      if (answer.ok && !next) { location.reload(); return; }
      if (next) here.innerHTML = next.innerHTML;
    } catch { /* the server is away for a moment: asked again below */ }
    setTimeout(again, PAUSE);
  };
  setTimeout(again, PAUSE);
})();
