// Small helps on top of pages that work without them.
(() => {
  'use strict';
  const typing = (event) => event.target.closest('input, textarea, select, [contenteditable]');

  // "/" reaches the search from anywhere except a field
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
    const field = [...document.querySelectorAll('.z-find input')].find((input) => input.offsetParent);
    if (field) { event.preventDefault(); field.focus(); }
  });

  // an error summary takes the focus; its links put the focus into the field
  document.querySelector('[data-focus]')?.focus();
  document.querySelectorAll('[role="alert"] a[href^="#"]').forEach((link) => link.addEventListener('click', (event) => {
    const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (field) { event.preventDefault(); field.focus(); field.scrollIntoView({ block: 'center' }); }
  }));

  // menus: one open at a time, closed by Escape or a click beside them
  const menus = [...document.querySelectorAll('details.z-menu')];
  const close = (but) => menus.filter((menu) => menu !== but).forEach((menu) => { menu.open = false; });
  menus.forEach((menu) => menu.addEventListener('toggle', () => { if (menu.open) close(menu); }));
  document.addEventListener('click', (event) => { if (!event.target.closest('details.z-menu')) close(null); });
  document.addEventListener('keydown', (event) => {
    const open = menus.find((menu) => menu.open);
    if (event.key !== 'Escape' || !open) return;
    open.open = false;
    open.querySelector('summary').focus();
  });

  // filters apply as soon as a choice is made; the button stays for those without JavaScript
  document.querySelectorAll('form[data-auto] select').forEach((select) => select.addEventListener('change', () => select.form.requestSubmit()));

  // long code lists become searchable
  if (window.TomSelect) {
    document.querySelectorAll('select[data-search]').forEach((select) => new TomSelect(select, {
      maxOptions: 60, controlInput: '<input autocomplete="off">', onInitialize() { this.control_input.setAttribute('aria-label', select.labels[0]?.textContent ?? ''); },
    }));
  }
})();
