// Keys of the officers' desk and the count of ticked rows. Everything here can be done by mouse and without JavaScript.
(() => {
  'use strict';
  const NAME = 'desk-keys';
  const rows = [...document.querySelectorAll('[data-row]')];
  const form = document.getElementById('rows');
  const on = () => localStorage.getItem(NAME) !== 'off';

  // the switch: keys can be turned off, and stay off on this device
  const button = document.querySelector('[data-keys-switch]');
  if (button) {
    button.hidden = false;
    const show = () => button.setAttribute('aria-pressed', String(on()));
    button.addEventListener('click', () => { localStorage.setItem(NAME, on() ? 'off' : 'on'); show(); });
    show();
  }

  // what is ticked, said in the bar
  const count = document.querySelector('[data-count]');
  const bar = form?.querySelector('.z-bulk');
  const tell = () => {
    const ticked = form.querySelectorAll('[name="id"]:checked').length;
    bar.hidden = !ticked;
    if (ticked) count.textContent = count.dataset.one.replace('#', ticked);
  };
  if (form && count) {
    form.addEventListener('change', tell);
    form.addEventListener('reset', () => setTimeout(tell));
    tell();
  }

  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const reach = (index) => rows[Math.max(0, Math.min(rows.length - 1, index))]?.querySelector('[data-open]')?.focus();
  const press = (selector) => document.querySelector(selector)?.click();
  const does = {
    j: () => reach(here() + 1),
    k: () => reach(here() - 1),
    x: () => rows[here()]?.querySelector('[name="id"]')?.click(),
    c: () => press('[data-claim]'),
    r: () => press('[data-release]'),
    n: () => document.getElementById('next')?.requestSubmit(),
  };
  document.addEventListener('keydown', (event) => {
    if (!on() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable], details[open]')) return;
    const deed = does[event.key.toLowerCase()];
    if (deed) { event.preventDefault(); deed(); }
  });
})();
