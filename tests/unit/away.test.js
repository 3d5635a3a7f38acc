// What the page does for a visitor who looks elsewhere: title, icon, wake lock and notification.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Away } from "../../www/page/away/away.js";
import { Bell } from "../../www/page/away/bell.js";
import { Tab } from "../../www/page/away/tab.js";
import { Wakefulness } from "../../www/page/away/wakefulness.js";

/** A page that can be hidden. */
class FakePage extends EventTarget {
  title = "Easel – turn a photo into a painting";
  hidden = false;
  activeElement = null;
  look(away) {
    this.hidden = away;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function tabOf(page) {
  const icon = { href: "icon.svg" };
  const tab = new Tab(/** @type {any} */ (page), /** @type {any} */ (icon), (share) => `ring ${Math.round(100 * share)}`);
  return { tab, icon };
}

test("the tab tells how far it is while the page is hidden, and is as ever while it is looked at", () => {
  const page = new FakePage();
  const { title } = page;
  const { tab, icon } = tabOf(page);
  tab.show(0.2);
  assert.deepEqual([page.title, icon.href], [title, "icon.svg"]);
  page.look(true);
  assert.deepEqual([page.title, icon.href], ["20 % – Easel", "ring 20"]);
  tab.show(0.421);
  assert.deepEqual([page.title, icon.href], ["42 % – Easel", "ring 42"]);
  page.look(false);
  assert.deepEqual([page.title, icon.href], [title, "icon.svg"]);
  page.look(true);
  tab.show(1);
  assert.deepEqual([page.title, icon.href], ["Done – Easel", "ring 100"]);
  page.look(false);
  page.look(true);
  assert.deepEqual([page.title, icon.href], [title, "icon.svg"], "seen once, it is no news");
});

test("the icon is drawn once for each percent", () => {
  const page = new FakePage();
  page.hidden = true;
  let drawn = 0;
  const tab = new Tab(/** @type {any} */ (page), /** @type {any} */ ({ href: "" }), () => `${drawn++}`);
  for (let step = 0; step < 1000; step++) tab.show(0.3 + step / 60_000);
  assert.equal(drawn, 2);
});

/** Wake locks as a browser gives them: gone when the page is hidden. */
function fakeLocks() {
  const locks = { held: [], refuse: false };
  locks.request = async () => {
    if (locks.refuse) throw new DOMException("low battery", "NotAllowedError");
    const lock = { released: false, release: async () => void (lock.released = true) };
    locks.held.push(lock);
    return lock;
  };
  locks.active = () => locks.held.filter(({ released }) => !released).length;
  return locks;
}

test("the screen stays on while it is wanted, also after the page was hidden", async () => {
  const [page, locks] = [new FakePage(), fakeLocks()];
  const wakefulness = new Wakefulness(/** @type {any} */ (page), /** @type {any} */ (locks));
  await wakefulness.keep(true);
  await wakefulness.keep(true);
  assert.equal(locks.active(), 1);
  page.look(true);
  locks.held[0].released = true; // the browser takes it
  page.look(false);
  await turn();
  assert.equal(locks.active(), 1);
  await wakefulness.keep(false);
  assert.equal(locks.active(), 0);
  page.look(true);
  page.look(false);
  await turn();
  assert.equal(locks.active(), 0);
});

test("a lock that comes when it is no longer wanted is let go of; one that is refused harms nothing", async () => {
  const [page, locks] = [new FakePage(), fakeLocks()];
  const wakefulness = new Wakefulness(/** @type {any} */ (page), /** @type {any} */ (locks));
  const asking = wakefulness.keep(true);
  wakefulness.keep(false);
  await asking;
  assert.deepEqual([locks.held.length, locks.active()], [1, 0]);
  locks.refuse = true;
  await wakefulness.keep(true);
  assert.equal(locks.active(), 0);
  await new Wakefulness(/** @type {any} */ (page), undefined).keep(true);
});

/** A bell with its check box. */
function belfry({ permission = "default", answer = "granted" } = {}) {
  const at = { asked: 0, rung: [], said: [] };
  at.page = new FakePage();
  at.notifications = {
    permission,
    requestPermission: async () => {
      at.asked += 1;
      return (at.notifications.permission = answer);
    },
  };
  at.row = { hidden: true };
  at.home = { focus: () => (at.page.activeElement = at.home) };
  at.box = Object.assign(new EventTarget(), { checked: false });
  at.check = async () => {
    at.box.checked = true;
    at.box.dispatchEvent(new Event("change"));
    await turn();
  };
  const ring = async (_title, { body }) => void at.rung.push(body);
  at.bell = new Bell(/** @type {any} */ (at), /** @type {any} */ ({ ...at, ring, say: (sentence) => at.said.push(sentence) }));
  return at;
}

test("the bell is offered for long runs, asks when it is clicked, and rings for those who are elsewhere", async () => {
  const at = belfry();
  at.bell.offer(59);
  assert.equal(at.row.hidden, true);
  at.bell.offer(61);
  at.bell.offer(3);
  assert.deepEqual([at.row.hidden, at.asked], [false, 0]);
  await at.check();
  assert.equal(at.asked, 1);
  at.page.hidden = true;
  await at.bell.end("The picture is painted.");
  assert.deepEqual([at.rung, at.row.hidden], [["The picture is painted."], true]);
});

test("it does not ring for those who look, unasked, without permission, or when there is nothing to tell", async () => {
  for (const spoil of [(at) => (at.page.hidden = false), (at) => (at.box.checked = false), (at) => (at.notifications.permission = "denied"), () => null]) {
    const at = belfry({ permission: "granted" });
    at.bell.offer(100);
    await at.check();
    at.page.hidden = true;
    const spoilt = spoil(at);
    await at.bell.end(spoilt === null ? null : "Done.");
    assert.deepEqual([at.rung, at.asked], [[], 0]);
  }
});

test("refused, it says so and is not offered again", async () => {
  const at = belfry({ answer: "denied" });
  at.bell.offer(100);
  await at.check();
  assert.deepEqual([at.box.checked, at.row.hidden, at.said.length], [false, true, 1]);
  at.bell.offer(100);
  assert.equal(at.row.hidden, true);
});

test("the focus does not go with the bell, and stays where it is otherwise", async () => {
  for (const hide of [(at) => at.check(), (at) => at.bell.end(null)]) {
    const at = belfry({ answer: "denied" });
    for (const [from, to] of [[at.box, at.home], [at.row, at.row]]) {
      at.page.activeElement = from;
      at.bell.offer(100);
      await hide(at);
      assert.equal(at.page.activeElement, to);
      at.notifications.permission = "default";
    }
  }
});

test("a run from beginning to end", () => {
  const page = new FakePage();
  const { tab } = tabOf(page);
  page.hidden = true;
  const [kept, told, offered] = [[], [], []];
  const wakefulness = { keep: (wanted) => kept.push(wanted) };
  const bell = { end: (sentence) => told.push(sentence), offer: (seconds) => offered.push(seconds) };
  const away = new Away(tab, /** @type {any} */ (wakefulness), /** @type {any} */ (bell));
  const through = (...states) => states.map((state) => (away.state(state), page.title));
  assert.deepEqual(through("preparing", "painting"), ["0 % – Easel", "0 % – Easel"]);
  away.progress({ fraction: 1, etaSeconds: 0 });
  assert.equal(page.title, "99 % – Easel");
  assert.deepEqual(through("paused", "painting", "concluding", "finished"), ["99 % – Easel", "99 % – Easel", "99 % – Easel", "Done – Easel"]);
  assert.deepEqual(kept, [true, true, false, true, false, false]);
  through("preparing", "failed");
  through("preparing", "idle");
  assert.deepEqual(told.map((sentence) => sentence && sentence.length > 10), [true, true, null]);
  assert.match(page.title, /^Easel – /);
  assert.deepEqual(offered, [0]);
});
