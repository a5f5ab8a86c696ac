// What keys and clicks do, and the page's start: after page.js.
'use strict';

async function resize(step) {
  const now = Number($('grid').dataset.columns);
  columns = step ? Math.max(1, Math.min(24, now + step)) : 0;
  fit();
  paint();
}

async function change(setting) {
  if (setting === 'order' && state.scores) {
    order = order === 'worst' ? 'time' : 'worst';
    place = 0;
  } else if (setting === 'view' && state.colour) {
    view = VIEWS[(VIEWS.indexOf(view) + 1) % VIEWS.length];
  }
  anchor = -1;
  shown = -1;
  showSettings();
  await go(place);
}

async function leave() {
  if (!$('full').hidden) {
    $('full').hidden = true;
    return;
  }
  anchor = -1;
  paint();
}

async function toggleFull() {
  if ($('full').hidden)
    await showFull();
  else
    $('full').hidden = true;
}

const KEYS = {
  k: () => verdict('keep'),
  ' ': () => verdict('keep'),
  x: () => verdict('reject'),
  c: () => verdict('clear'),
  K: keepRest,
  u: () => takeBack('undo'),
  U: () => takeBack('redo'),
  m: async () => { anchor = anchor < 0 ? place : -1; paint(); },
  n: () => goUnjudged(false),
  p: () => goUnjudged(true),
  o: () => change('order'),
  v: () => change('view'),
  g: async () => { $('page').focus(); $('page').select(); },
  i: async () => { outline = !outline; if (!$('full').hidden) await showFull(); },
  s: async () => { stages = state.stages && !stages; if (!$('full').hidden || stages) await showFull(); },
  '+': () => resize(-1),
  '-': () => resize(1),
  0: () => resize(0),
  '?': async () => { $('help').hidden = false; },
  Enter: toggleFull,
  Escape: leave,
  PageDown: () => go(Math.min((pageOf(place) + 1) * state.page, state.items - 1)),
  PageUp: () => go(Math.max(0, pageOf(place) - 1) * state.page),
};

const MOVES = {
  ArrowRight: () => 1,
  ArrowLeft: () => -1,
  ArrowDown: () => Number($('grid').dataset.columns),
  ArrowUp: () => -Number($('grid').dataset.columns),
  Home: () => -place,
  End: () => state.items - 1 - place,
};

// What a key does, or nothing.
function actionOf(event) {
  if (event.ctrlKey && event.key === 'z')
    return KEYS.u;
  if (event.ctrlKey || event.altKey || event.metaKey)
    return undefined;
  if (MOVES[event.key])
    return () => move(MOVES[event.key](), event.shiftKey);
  const reason = state.reasons[Number(event.key) - 1];
  return reason && event.key !== ' ' ? () => verdict('reject', reason.code) : KEYS[event.key];
}

// One after the other, however fast they are pressed.
let keys = Promise.resolve();

function press(event) {
  if (event.target === $('page'))
    return;
  if (!$('help').hidden) {
    $('help').hidden = true;
    event.preventDefault();
    return;
  }
  const action = actionOf(event);
  if (!action)
    return;
  event.preventDefault();
  keys = keys.then(action).catch((error) => trouble(error.message));
}

function pressInPage(event) {
  if (event.key === 'Enter') {
    const to = Number($('page').value.replace(/\D/g, ''));
    if (to)
      go((Math.min(to, pages()) - 1) * state.page);
  }
  if (event.key === 'Enter' || event.key === 'Escape') {
    $('page').value = shown + 1;
    $('page').blur();
  }
}

function click(event) {
  const card = event.target.closest('.card');
  if (!card)
    return;
  const at = shown * state.page + Number(card.dataset.index);
  keys = keys.then(() => move(at - place, event.shiftKey));
}

function showLegend() {
  const key = (name, text) => {
    const span = element('span', '');
    span.append(element('kbd', '', name), ' ' + text);
    return span;
  };
  const reasons = state.reasons.map((reason, i) => key(i + 1, reason.text));
  $('legend').append(key('k', 'keep'), key('x', 'reject'), ...reasons, key('u', 'undo'), key('m', 'range'), key('n', 'next unjudged'), key('Enter', 'full size'), key('?', 'all keys'));
  $('help-reasons').append(...state.reasons.map((reason, i) => {
    const row = element('tr', ''), cell = element('td', '');
    cell.append(element('kbd', '', i + 1));
    row.append(cell, element('td', '', 'reject: ' + reason.text));
    return row;
  }));
}

async function start() {
  history.replaceState(null, '', '/'); // the token is in a cookie now
  state = await ask('/state');
  $('folder').textContent = '\u2066' + state.folder + '\u2069';
  $('folder').title = state.folder + ', judged by ' + state.reviewer;
  order = state.scores ? 'worst' : 'time';
  view = state.colour ? 'both' : 'depth';
  makeCards();
  showSettings();
  showLegend();
  takeOver();
  showSaved();
  const found = (await ask('/next', { order, from: 0, back: 0 })).place;
  await go(Math.max(0, found));
  document.addEventListener('keydown', press);
  $('page').addEventListener('keydown', pressInPage);
  $('grid').addEventListener('click', click);
  $('grid').addEventListener('dblclick', () => { keys = keys.then(showFull); });
  $('help-button').addEventListener('click', () => { $('help').hidden = !$('help').hidden; $('help-button').blur(); });
  $('help').addEventListener('click', () => { $('help').hidden = true; });
  window.addEventListener('resize', () => { fit(); paint(); });
  window.addEventListener('beforeunload', (event) => { if (queue.length) event.preventDefault(); });
  document.body.dataset.ready = '1';
}

start().catch((error) => trouble(error.message));
