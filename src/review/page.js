'use strict';

const $ = (id) => document.getElementById(id);
const VIEWS = ['both', 'depth', 'colour'], VIEW_NAMES = { both: 'depth and colour', depth: 'depth', colour: 'colour' };
const ORDER_NAMES = { worst: 'worst first', time: 'by time' };
const PAGES_KEPT = 8, IDLE_SECONDS = 30;

let state;                 // what the server says of the folder
let order = 'worst', view = 'both', outline = true, stages = false, columns = 0; // columns 0: fits the window
let place = 0, anchor = -1; // of the cursor, and of the other end of a range
let cards = [], shown = -1; // of the page that is shown
const sheets = new Map();   // 'order/page/view' -> promise of a decoded picture, oldest first

// ---- asking the server ----

async function ask(path, parameters, method = 'GET') {
  const reply = await fetch(path + '?' + new URLSearchParams(parameters), { method });
  const body = await reply.json();
  if (!reply.ok)
    throw Object.assign(new Error(body.error + (body.hint ? ' (' + body.hint + ')' : '')), { status: reply.status });
  return body;
}

async function picture(path, parameters) {
  const reply = await fetch(path + '?' + new URLSearchParams(parameters));
  if (!reply.ok)
    throw new Error((await reply.json()).error);
  const image = new Image();
  image.src = URL.createObjectURL(await reply.blob());
  await image.decode();
  return image;
}

function trouble(text) {
  $('trouble').hidden = !text;
  $('trouble').textContent = text || '';
}

// ---- verdicts: written down here, sent one after the other until the server has them on its disk ----

const queue = [];
let sequence = 0, sending = false;

const storage = (session) => 'handseg-queue-' + session;

function remember(session) {
  const mine = queue.filter((entry) => entry.session === session);
  if (mine.length)
    localStorage.setItem(storage(session), JSON.stringify(mine));
  else
    localStorage.removeItem(storage(session));
}

function showSaved() {
  $('saved').className = 'chip ' + (queue.length ? 'waiting' : 'ok');
  $('saved').textContent = queue.length ? 'saving ' + queue.length : 'saved';
}

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Sends an entry until it is taken: the server's answer, or null where it never can be.
async function deliver(entry) {
  for (let pause = 250; ; pause = Math.min(2 * pause, 4000)) {
    try {
      const { done, ...parameters } = entry;
      const body = await ask('/verdict', parameters, 'POST');
      trouble('');
      return body;
    } catch (error) {
      if (error.status === 400 || error.status === 409) {
        trouble('a key was not taken: ' + error.message);
        return null;
      }
      trouble(error.status ? 'not saved, trying again: ' + error.message
                           : 'the server does not answer: ' + queue.length + ' not saved, trying again. Was it ended? Start it again and open its link.');
      await wait(pause);
    }
  }
}

async function send() {
  if (sending)
    return;
  sending = true;
  while (queue.length) {
    const entry = queue[0];
    const body = await deliver(entry);
    queue.shift();
    remember(entry.session);
    if (body)
      showCounts(body.counts);
    if (entry.done)
      entry.done(body);
  }
  sending = false;
  showSaved();
}

// Resolves when the server has it.
function judge(action, more) {
  return new Promise((done) => {
    queue.push({ session: state.session, sequence: ++sequence, order, digest: state.digests[order], action, ...more, done });
    remember(state.session);
    showSaved();
    send();
  });
}

// What an earlier page could not send any more.
function takeOver() {
  for (let i = localStorage.length - 1; i >= 0; i--) {
    const key = localStorage.key(i);
    if (key.startsWith(storage('')))
      queue.push(...JSON.parse(localStorage.getItem(key)));
  }
  send();
}

// ---- progress ----

let worked = 0, judged = 0, last = 0, before = 0;

function tick(counts) {
  const now = performance.now() / 1000;
  if (last && before > counts.unjudged) {
    worked += Math.min(now - last, IDLE_SECONDS);
    judged += before - counts.unjudged;
  }
  last = now;
  before = counts.unjudged;
}

function duration(seconds) {
  if (seconds < 90)
    return Math.ceil(seconds) + ' s';
  if (seconds < 5400)
    return Math.round(seconds / 60) + ' min';
  return (seconds / 3600).toFixed(1) + ' h';
}

function showCounts(counts) {
  tick(counts);
  const part = (n) => (100 * n / state.frames) + '%';
  document.querySelector('#progress .kept').style.width = part(counts.kept);
  document.querySelector('#progress .rejected').style.width = part(counts.rejected);
  const bold = (n, name) => Object.assign(document.createElement('b'), { className: name, textContent: n.toLocaleString('en') });
  $('counts').replaceChildren(bold(counts.kept, 'kept'), ' kept, ', bold(counts.rejected, 'rejected'), ' rejected, ', bold(counts.unjudged, ''), ' left');
  $('left').textContent = counts.unjudged === 0 ? 'done' : judged > 4 ? 'about ' + duration(counts.unjudged * worked / judged) : '';
}

// ---- the grid ----

const pageOf = (at) => Math.floor(at / state.page);
const pages = () => Math.ceil(state.items / state.page);
const viewsOf = () => state.colour ? (view === 'both' ? ['depth', 'colour'] : [view]) : ['depth'];

function sheet(ofOrder, page, ofView) {
  const key = ofOrder + '/' + page + '/' + ofView;
  let promise = sheets.get(key);
  sheets.delete(key);
  if (!promise) {
    promise = picture('/sheet', { order: ofOrder, page, view: ofView });
    promise.catch(() => sheets.delete(key));
  }
  sheets.set(key, promise); // now the youngest
  while (sheets.size > 2 * PAGES_KEPT) {
    const [oldest, old] = sheets.entries().next().value;
    sheets.delete(oldest);
    old.then((image) => URL.revokeObjectURL(image.src), () => {});
  }
  return promise;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined)
    made.textContent = text;
  return made;
}

function makeCards() {
  const grid = $('grid');
  const rows = Math.ceil(state.page / state.columns);
  grid.style.setProperty('--aspect', state.width + ' / ' + state.height);
  grid.style.setProperty('--sheet-columns', state.columns);
  for (let i = 0; i < state.page; i++) {
    const card = element('div', 'card'), pictures = element('div', 'pictures'), caption = element('div', 'caption');
    for (const name of state.colour ? ['depth', 'colour'] : ['depth'])
      pictures.append(element('div', 'picture ' + name));
    caption.append(element('span', 'name'), element('span', 'score'), element('span', 'why'));
    card.append(pictures, caption);
    card.dataset.index = i;
    grid.append(card);
  }
  grid.style.setProperty('--sheet-rows', rows);
}

// The largest cards of which a whole page fits the window.
function fit() {
  const grid = $('grid'), n = viewsOf().length;
  let best = columns;
  for (let c = 3; !best && c < 24; c++) {
    const width = (grid.clientWidth - 24 + 6) / c - 6;
    const height = (width - 4) / n * state.height / state.width + 24;
    if (c === 23 || Math.ceil(state.page / c) * (height + 6) <= grid.clientHeight - 10)
      best = c;
  }
  grid.style.setProperty('--columns', best);
  grid.dataset.columns = best;
  grid.className = view === 'both' ? '' : 'only-' + view;
}

function paint() {
  const first = shown * state.page, all = $('grid').children;
  const low = anchor < 0 ? place : Math.min(anchor, place), high = Math.max(anchor, place);
  for (let i = 0; i < all.length; i++) {
    const card = all[i], data = cards[i], at = first + i;
    card.hidden = !data;
    if (!data)
      continue;
    card.className = 'card ' + data.verdict + (data.automatic ? ' automatic-' + data.automatic : '') +
      (at === place ? ' cursor' : '') + (anchor >= 0 && at >= low && at <= high ? ' range' : '');
    const digit = state.reasons.findIndex((reason) => reason.code === data.reason);
    card.dataset.digit = digit < 0 ? '' : digit + 1;
    const [name, score, why] = card.querySelector('.caption').children;
    name.textContent = data.name.replace(/^user-/, '');
    score.textContent = data.score === undefined ? '' : data.score.toFixed(2);
    why.textContent = (data.reasons || '').replaceAll('_', ' ').replaceAll(';', ', ');
    why.title = why.textContent;
  }
  all[place - first]?.scrollIntoView({ block: 'nearest' });
  document.body.dataset.place = place;
}

function place_pictures(count) {
  const rows = Math.ceil(count / state.columns), all = $('grid').children;
  $('grid').style.setProperty('--sheet-rows', rows);
  for (let i = 0; i < count; i++) {
    const x = i % state.columns / (state.columns - 1), y = rows > 1 ? Math.floor(i / state.columns) / (rows - 1) : 0;
    for (const part of all[i].querySelectorAll('.picture'))
      part.style.backgroundPosition = 100 * x + '% ' + 100 * y + '%';
  }
}

// Shows the page on which the cursor is, its verdicts as the server has them.
async function show() {
  const began = performance.now(), page = pageOf(place), names = viewsOf();
  try {
    const [body, ...images] = await Promise.all([ask('/cards', { order, page }), ...names.map((name) => sheet(order, page, name))]);
    cards = body.cards;
    shown = page;
    names.forEach((name, i) => $('grid').style.setProperty('--' + name, 'url(' + images[i].src + ')'));
    place_pictures(cards.length);
    showCounts(body.counts);
    $('page').value = page + 1;
    $('pages').textContent = pages().toLocaleString('en');
    fit();
    paint();
    requestAnimationFrame(() => requestAnimationFrame(() => {
      document.body.dataset.milliseconds = (performance.now() - began).toFixed(1);
      document.body.dataset.page = page;
    }));
    for (const next of [page + 1, page + 2, page - 1])
      if (next >= 0 && next < pages())
        names.forEach((name) => sheet(order, next, name).catch(() => {}));
  } catch (error) {
    trouble('cannot show page ' + (page + 1) + ': ' + error.message);
  }
}

function showSettings() {
  $('order').textContent = ORDER_NAMES[order];
  $('view').textContent = VIEW_NAMES[view];
  $('view').hidden = !state.colour;
  $('order').hidden = !state.scores;
}

// ---- moving ----

async function go(to) {
  place = Math.max(0, Math.min(state.items - 1, to));
  if (pageOf(place) !== shown)
    await show();
  else
    paint();
  if (!$('full').hidden)
    await showFull();
}

async function goUnjudged(back) {
  const from = place + (back ? -1 : 1);
  if (from < 0 || from >= state.items)
    return;
  const found = (await ask('/next', { order, from, back: back ? 1 : 0 })).place;
  if (found >= 0)
    await go(found);
}

function move(step, extend) {
  if (extend && anchor < 0)
    anchor = place;
  return go(place + step);
}

// ---- judging ----

async function verdict(action, reason = '') {
  const first = anchor < 0 ? place : Math.min(anchor, place), last = Math.max(anchor, place);
  const sent = judge(action, { first, last, reason });
  for (let at = first; at <= last; at++)
    if (pageOf(at) === shown)
      Object.assign(cards[at - shown * state.page], { verdict: action === 'clear' ? 'none' : action, reason });
  if (anchor >= 0)
    await sent; // other pages have changed too
  anchor = -1;
  paint();
  await go(last + 1);
}

async function keepRest() {
  const first = shown * state.page, last = first + cards.length - 1;
  anchor = -1;
  await judge('keep', { first, last, unjudged: 1 });
  if (last + 1 < state.items) {
    await go(last + 1);
  } else {
    shown = -1;
    await go(last);
  }
}

async function takeBack(action) {
  const body = await judge(action);
  anchor = -1;
  if (body && body.place >= 0) {
    shown = -1;
    await go(body.place);
  }
}

// ---- full size ----

async function showFull() {
  const at = place, card = cards[at - shown * state.page];
  const wanted = stages ? [['/stages', {}]]
    : (state.colour ? ['depth', 'colour'] : ['depth']).map((name) => ['/picture', { view: name, outline: outline ? 1 : 0 }]);
  const images = await Promise.all(wanted.map(([path, more]) =>
    picture(path, { order, place: at, ...more }).catch((error) => element('p', 'error', error.message))));
  $('full-pictures').querySelectorAll('img').forEach((image) => URL.revokeObjectURL(image.src));
  $('full-pictures').replaceChildren(...images);
  $('full-name').textContent = card.name;
  $('full-info').textContent = [card.score === undefined ? '' : 'score ' + card.score.toFixed(3),
    (card.reasons || '').replaceAll('_', ' ').replaceAll(';', ', '),
    card.verdict === 'none' ? 'unjudged' : card.verdict === 'keep' ? 'kept' : 'rejected',
    card.reason.replaceAll('_', ' ')].filter((text) => text).join('  \u00b7  ');
  $('full').className = card.verdict;
  $('full').hidden = false;
}
