// The page's parts by themselves: what they show when answers come late, or not at all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeElement, bitmap, fakePage, parts } from "./fake-page.js";
import { blob, deferred, studio, turn } from "./session-studio.js";

fakePage();
delete globalThis.BroadcastChannel; // Node would wait for it
const { Stylizer } = await import("../../www/engine/stylizer.js");
const { Results } = await import("../../www/page/gallery/results.js");
const { onLaunch } = await import("../../www/page/offline/launch.js");
const { MaskEditor } = await import("../../www/page/pictures/mask.js");
const { Paintings } = await import("../../www/page/pictures/paintings.js");
const { Device } = await import("../../www/page/session/device.js");
const { Notice } = await import("../../www/page/stage/notice.js");
const { Stage } = await import("../../www/page/stage/stage.js");
const { text } = await import("../../www/page/text/index.js");
const { hashes } = await import("../../www/page/pictures/hashes.js");
const { Copies } = await import("../../www/page/wall/copies.js");
const { Manners } = await import("../../www/page/wall/manners.js");
const { Showroom } = await import("../../www/page/wall/showroom.js");
const { Suggestions } = await import("../../www/page/wall/suggestions.js");
const { Tile } = await import("../../www/page/wall/tile.js");

/** What is done to a part of the page that nothing else is asked of. */
const silent = () => new Proxy({}, { get: () => () => {} });
const settle = async () => {
  for (let i = 0; i < 10; i++) await turn();
};

// ---- the photo beneath

/** A showroom beside a session; `done` is what it showed. */
function showroom(context, { open = async () => ({ instant: async () => bitmap() }) } = {}) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.createImageBitmap = /** @type {any} */ (async () => bitmap());
  const at = studio({ photo: false });
  const settings = Object.assign(new EventTarget(), { known: true, sketchStrength: 1, colour: "style", frames: "crop", size: 256 });
  const paintings = Object.assign(new EventTarget(), { all: [{ blob: blob(), name: "mine", weight: 1, mask: null }] });
  const viewer = { photo: null, showSketch: () => at.done.push("sketch") };
  const showPhoto = async (photo, wanted) => {
    await turn();
    if (!wanted()) return;
    viewer.photo = photo.blob;
    at.done.push(`photo ${photo.name}`);
  };
  const attempt = (action) => action().catch(({ message }) => at.done.push(message));
  const places = parts("wall", "suggest", "suggestions", "sheet", "note");
  const room = new Showroom(/** @type {any} */ ({ open, session: at.session, paintings, settings, viewer, showPhoto, attempt, places }));
  /** As the chooser does it. */
  const choose = (name) => {
    const photo = { blob: blob(name), name };
    at.session.takePhoto(photo, at.session.choosePhoto());
    if (!at.session.subject) viewer.photo = photo.blob;
  };
  const change = (type = "strength", when = undefined) => {
    settings.sketchStrength += 1;
    settings.dispatchEvent(new CustomEvent(type, { detail: { at: when } }));
  };
  const hang = (blob, name, when = undefined) => {
    paintings.all = [{ blob, name, weight: 1, mask: null }];
    paintings.dispatchEvent(new CustomEvent("change", { detail: { at: when } }));
  };
  return Object.assign(at, { room, viewer, places, choose, change, hang });
}

test("a sketch lies over the photo that it is of, also after a kept picture of another was seen", async (context) => {
  const at = showroom(context);
  at.choose("B");
  at.change();
  await settle();
  assert.ok(!at.done.some((what) => what.startsWith("photo")), "the chooser has shown it");
  await at.session.show({ name: "A" });
  at.viewer.photo = blob("A");
  at.done.length = 0;
  at.change();
  await settle();
  assert.equal(at.session.state, "idle");
  assert.deepEqual(at.done, ["photo B", "sketch"]);
});

test("so it does when the run before went on with another photo, well or ill", async (context) => {
  for (const end of ["end", "fail"]) {
    const at = showroom(context);
    at.choose("A");
    at.change();
    await at.begin();
    at.choose("B"); // and the run is let go on
    at.job[end](Object.assign(blob(), { message: "Lost." }));
    await at.run;
    at.done.length = 0;
    at.change();
    await settle();
    assert.deepEqual(at.done, ["photo B", "sketch"], end);
    context.mock.timers.reset();
  }
});

test("a picture painted before anything was set makes room at the first touch", async (context) => {
  const at = showroom(context);
  at.choose("B");
  await at.begin();
  at.job.end(blob());
  await at.run;
  at.done.length = 0;
  at.change();
  await settle();
  assert.deepEqual([at.session.state, at.done], ["idle", ["sketch"]]);
});

test("of two own paintings of one name each has its sketch: a picture painted with the one makes room for it", async (context) => {
  const at = showroom(context);
  at.choose("B");
  const [one, other] = [blob("one"), blob("another")];
  at.hang(one, "image.jpg");
  await at.begin();
  at.job.end(blob());
  await at.run;
  at.done.length = 0;
  at.hang(one, "image.jpg");
  await settle();
  assert.deepEqual([at.session.state, at.done], ["finished", []], "it is the same");
  at.hang(other, "image.jpg");
  await settle();
  assert.deepEqual([at.session.state, at.done], ["idle", ["sketch"]]);
});

test("a painting chosen while a kept picture is read, and here before it, is seen and not that; one that was chosen before is beside it", async (context) => {
  for (const [isLater, state] of /** @type {[boolean, string][]} */ ([[true, "idle"], [false, "finished"]])) {
    const at = showroom(context);
    at.choose("B");
    at.change();
    const before = at.session.now;
    const files = deferred();
    const showing = at.session.show(files.promise);
    at.hang(blob("own"), "own", isLater ? at.session.now : before);
    files.resolve({ name: "kept" });
    assert.equal(await showing, !isLater);
    assert.deepEqual([at.session.state, at.done.includes("show kept")], [state, !isLater]);
    context.mock.timers.reset();
  }
});

test("a painting or settings chosen before a kept picture was opened, but here after it, leave that where it is", async (context) => {
  const at = showroom(context);
  at.choose("B");
  at.change();
  const when = at.session.now;
  await at.session.show({ name: "kept" });
  at.hang(blob("own"), "own", when);
  at.change("change", when);
  assert.equal(at.session.state, "finished");
  at.change("change", at.session.now);
  assert.equal(at.session.state, "idle");
});

test("a contact sheet that comes to nothing is not said to be made any more", async (context) => {
  const at = showroom(context, { open: () => Promise.reject(new Error("No device.")) });
  at.choose("B");
  await settle();
  at.done.length = 0;
  at.places.note.textContent = "";
  for (let i = 0; i < 2; i++) at.places.sheet.onclick(); // once is enough
  assert.equal(at.places.note.textContent, text.makingSheet);
  assert.equal(at.places.sheet.getAttribute("aria-busy"), "true");
  await settle();
  assert.deepEqual([at.done, at.places.note.textContent, at.places.sheet.getAttribute("aria-busy")], [["No device."], "", null]);
});

test("a sketch that fails is said, but not beneath a run that has begun since", async (context) => {
  for (const runs of [false, true]) {
    const failing = deferred();
    const at = showroom(context, { open: async () => ({ instant: () => failing.promise }) });
    at.choose("B");
    at.change();
    await settle();
    if (runs) await at.begin();
    failing.reject(new Error("Lost."));
    await settle();
    assert.equal(at.places.note.textContent, runs ? "" : text.noSketch("Lost."));
    context.mock.timers.reset();
  }
});

/** A showroom with tiles; its device paints where `works(photo, isTile)`. `tried` counts the tiles that were asked for, `seen` those with a picture. */
function tiles(context, works) {
  context.mock.method(globalThis, "fetch", async (address) => (String(address).endsWith("vectors.json") ? Response.json({}) : new Response("picture")));
  const tried = { count: 0 };
  const instant = async ({ lane }) => {
    const isTile = lane === null;
    if (isTile) tried.count += 1;
    if (!works(at.session.photo.name, isTile)) throw new Error("Lost.");
    return bitmap();
  };
  const at = showroom(context, { open: async () => ({ instant }) });
  at.room.stylizer = /** @type {any} */ ({ device: { backend: "webgpu" } });
  const seen = () => at.places.wall.querySelectorAll("canvas").filter(({ hidden }) => !hidden).length;
  const rest = async () => {
    for (let i = 0; i < 20; i++) await settle();
  };
  return Object.assign(at, { tried, seen, rest });
}

test("a tile whose picture of another photo fails shows the painting, not the photo before", async (context) => {
  const at = tiles(context, (photo) => photo === "A");
  at.choose("A");
  at.change();
  await at.rest();
  assert.deepEqual([at.seen(), at.tried.count], [10, 10]);
  at.choose("B");
  await at.rest();
  assert.deepEqual([at.seen(), at.tried.count], [0, 20]);
});

test("tiles that failed are tried once more when a sketch shows that pictures can be painted, and not for ever", async (context) => {
  let isLost = true;
  const at = tiles(context, () => !isLost);
  at.choose("A");
  at.change();
  await at.rest();
  assert.deepEqual([at.seen(), at.tried.count], [0, 10]);
  at.change();
  await at.rest();
  assert.equal(at.tried.count, 10, "nothing has changed");
  isLost = false;
  at.change();
  await at.rest();
  assert.deepEqual([at.seen(), at.tried.count], [10, 20]);
});

test("a tile that fails while sketches come is given up, until there is another photo", async (context) => {
  const at = tiles(context, (_, isTile) => !isTile);
  for (const [photo, count] of /** @type {[string, number][]} */ ([["A", 20], ["B", 40]])) {
    at.choose(photo);
    for (let i = 0; i < 3; i++) {
      at.change();
      await at.rest();
    }
    assert.deepEqual([at.seen(), at.tried.count], [0, count]);
  }
});

test("that a picture is a sketch is said once, however many are shown", async (context) => {
  const at = showroom(context);
  const said = [];
  Object.defineProperty(at.places.note, "textContent", { get: () => said.at(-1) ?? "", set(sentence) { said.push(sentence); } });
  at.choose("B");
  for (let i = 0; i < 3; i++) {
    at.change();
    context.mock.timers.tick(1000);
    await settle();
  }
  assert.ok(at.done.filter((what) => what === "sketch").length > 1, String(at.done));
  assert.deepEqual(said.filter(Boolean), [text.sketch]);
});

test("the samples' numbers are asked for again where something else was answered for them", async (context) => {
  const file = "style-poppies.jpg";
  const login = () => new Response("<html>Log in to go on</html>");
  let list = login;
  context.mock.method(globalThis, "fetch", async (address) => (String(address).endsWith("engine/vectors.json") ? list() : new Response("picture")));
  const manners = new Manners();
  for (const answer of [login, () => new Response("", { status: 503 }), () => Promise.reject(new TypeError("Failed to fetch"))]) {
    list = answer;
    assert.equal(await /** @type {any} */ (await manners.ofSample(file)).image.text(), "picture");
  }
  list = () => Response.json({ [hashes[file]]: [1, 2] });
  assert.deepEqual(await manners.ofSample(file), { vector: [1, 2] });
  list = login;
  assert.deepEqual(await manners.ofSample(file), { vector: [1, 2] });
});

test("a device that is lost before it can be used is let go of, and opened anew the next time", async (context) => {
  const error = Object.assign(new Error("The painter stopped."), { code: "version" }); // then nothing else is asked for the settings
  const opened = [false, true].map((whole) => Object.assign(new EventTarget(), { disposed: false, settings: async () => (whole ? {} : Promise.reject(error)), dispose() { this.disposed = true; } }));
  const create = context.mock.method(Stylizer, "create", async () => opened[create.mock.callCount()]);
  const device = new Device();
  await assert.rejects(device.open(), error);
  assert.equal(await device.open(), opened[1]);
  assert.deepEqual(opened.map(({ disposed }) => disposed), [true, false]);
});

test("a photo is decoded once for each size, also where one before could not be, and that late", async (context) => {
  const [old, photo] = [blob("old"), blob("new")];
  const late = deferred();
  let decoded = 0;
  context.mock.method(globalThis, "createImageBitmap", async (source) => {
    if (source === old) return late.promise;
    if (source === photo) decoded += 1;
    return bitmap();
  });
  const copies = new Copies();
  const failing = assert.rejects(copies.square(old, 160));
  await copies.square(photo, 160);
  late.reject(new Error("damaged"));
  await failing;
  await copies.square(photo, 160);
  assert.equal(decoded, 1);
});

// ---- notices

test("that a run goes on is no news once it was found good enough; what is asked besides can still be answered, of the run until it is done", async () => {
  globalThis.createImageBitmap = /** @type {any} */ (async () => bitmap());
  const place = new FakeElement();
  const notice = new Notice(/** @type {any} */ (place), /** @type {any} */ (new FakeElement()));
  const stage = new Stage(/** @type {any} */ ({ viewer: silent(), status: silent(), notice, finished: silent(), further: silent(), colourOf: () => "style" }));
  const actions = { [text.discard]: () => {} };
  const goesOn = (linkLater) => () => stage.continuing(actions, { linkLater });
  const asked = (sentence, how) => () => notice.show(sentence, actions, how);
  for (const [say, stopped, stays] of /** @type {[() => void, boolean, boolean][]} */ ([
    [goesOn(false), true, false],
    [goesOn(false), false, false],
    [goesOn(true), true, false],
    [goesOn(true), false, false],
    [asked(text.photoMeanwhile("mine.jpg"), { ofRun: true }), true, true],
    [asked(text.photoMeanwhile("mine.jpg"), { ofRun: true }), false, false],
    [asked(text.removed("Poppies")), true, true],
    [asked(text.removed("Poppies")), false, true],
  ])) {
    say();
    const sentence = place.textContent;
    assert.notEqual(sentence, "");
    await stage.painted(/** @type {any} */ ({ recipe: {}, picture: blob(), seconds: 1 }), { stopped });
    assert.equal(place.children.length > 0, stays, sentence);
  }
});

test("a worker that is replaced takes nothing away that is asked: it is said beside it, until the next quarter", () => {
  const place = new FakeElement();
  const notice = new Notice(/** @type {any} */ (place), /** @type {any} */ (new FakeElement()));
  const said = [];
  const status = { say: (sentence) => said.push(sentence), repeat: () => said.push("as before") };
  const stage = new Stage(/** @type {any} */ ({ viewer: silent(), status, notice }));
  const lost = { reason: "The painter stopped.", iteration: 3, shortened: false };
  const question = text.photoMeanwhile("mine.jpg");
  notice.show(question, { [text.paintInstead]: () => {} }, { ofRun: true });
  for (const state of ["painting", "paused"]) stage.recovered(lost, state);
  assert.ok(place.textContent.startsWith(question));
  assert.deepEqual(said, [text.recovered(lost), `${text.recovered(lost)} ${text.paused}`]);
  notice.hide();
  said.length = 0;
  for (let i = 0; i < 2; i++) stage.recovered({ ...lost, iteration: i }, "painting");
  assert.ok(place.textContent.startsWith(text.recovered({ ...lost, iteration: 1 })));
  assert.deepEqual(said, ["as before", "as before"]);
});

test("what was asked about a run goes with one that is stopped before its first stroke, but not what is offered of the one before", () => {
  const place = new FakeElement();
  const notice = new Notice(/** @type {any} */ (place), /** @type {any} */ (new FakeElement()));
  const stage = new Stage(/** @type {any} */ ({ viewer: silent(), status: silent(), notice }));
  for (const [sentence, begun] of /** @type {[string, boolean][]} */ ([[text.photoMeanwhile("mine.jpg"), true], [text.failedHalfway, false]])) {
    notice.show(sentence, { [text.goOn]: () => {} }, { ofRun: true });
    stage.stopped({ discarded: false, begun });
    assert.equal(place.children.length > 0, !begun, sentence);
  }
});

test("what is asked of a run is asked again once other news is dismissed, unless it is settled by then", () => {
  const place = new FakeElement();
  const notice = new Notice(/** @type {any} */ (place), /** @type {any} */ (new FakeElement()));
  const shown = () => place.children[0]?.textContent ?? "";
  const press = (label) => place.querySelectorAll("button").find(({ textContent }) => textContent === label).onclick();
  let wentOn = 0;
  for (const [settle, after] of /** @type {[() => void, string][]} */ ([
    [() => {}, text.failedHalfway],
    [() => notice.hide(text.failedHalfway), ""],
    [() => notice.hideOfRun(), ""],
    [() => (notice.prepare(), notice.refuse()), text.failedHalfway], // what is missing is said, and all is as before
    [() => (notice.prepare(), notice.begin()), ""],
    [() => notice.refuse(), ""],
    [() => notice.show(text.startedOver, {}, { ofRun: true }), ""],
  ])) {
    notice.show(text.failedHalfway, { [text.goOn]: () => (wentOn += 1) }, { ofRun: true });
    for (const name of ["Poppies", "The Night Café"]) notice.show(text.removed(name), { [text.undo]: () => {} });
    assert.deepEqual([shown(), notice.asks], [text.removed("The Night Café"), true]);
    settle();
    if (shown() === text.removed("The Night Café")) press(text.undo);
    if (shown() === text.startedOver) notice.hide();
    assert.equal(shown(), after, String(settle));
    if (after) press(text.goOn);
    assert.equal(shown(), "");
  }
  assert.equal(wentOn, 2);
  notice.show(text.failedHalfway, { [text.goOn]: () => {} }, { ofRun: true });
  notice.show(text.linkLater, {});
  assert.equal(notice.asks, true, "what lies beneath is asked, too");
});

test("an offer of a run before outlives what is asked about one that does not begin", () => {
  const place = new FakeElement();
  const notice = new Notice(/** @type {any} */ (place), /** @type {any} */ (new FakeElement()));
  const stage = new Stage(/** @type {any} */ ({ viewer: silent(), status: silent(), notice }));
  const actions = { [text.goOn]: () => {} };
  const question = text.photoMeanwhile("mine.jpg");
  /** What is shown, and what each time it is dismissed. */
  const all = () => {
    const shown = [];
    for (; place.children.length > 0; notice.hide()) shown.push(place.children[0].textContent);
    return shown;
  };
  for (const [settle, after] of /** @type {[() => void, string[]][]} */ ([
    [() => notice.refuse(), [text.failedHalfway]],
    [() => notice.begin(), [question]],
    [() => (notice.begin(), notice.hideOfRun()), []],
    [() => notice.hide(), [text.failedHalfway]],
    [() => notice.show(text.photoMeanwhile("another.jpg"), actions, { ofRun: true }), [text.photoMeanwhile("another.jpg"), text.failedHalfway]],
    [() => (notice.show(text.removed("Poppies"), {}), notice.refuse()), [text.removed("Poppies"), text.failedHalfway]],
    [() => stage.failed(/** @type {any} */ ({ error: new Error("Lost."), left: {} }), actions), [text.failedHalfway]],
  ])) {
    notice.show(text.failedHalfway, actions, { ofRun: true });
    notice.prepare();
    notice.show(question, actions, { ofRun: true });
    settle();
    assert.deepEqual(all(), after, String(settle));
  }
});

// ---- what comes late

/** A gallery with two pictures in it: `opened` are those it had opened, `told` of how many, `unseen` what to say of each that is not shown, `deleted` what it said of those that went. */
async function gallery(more = {}) {
  const kept = (name) => ({ id: name, name, date: 1, picture: blob(), thumb: blob(), recipe: { config: {} }, width: 3, height: 2, iteration: 1, seconds: 1, photo: { name, key: name }, paintings: [] });
  const now = { all: async () => [], keys: async () => [], put: async () => {}, delete: async () => {} };
  const store = { lasts: false, all: async () => [kept("A"), kept("B")], get: async (_, key) => blob(key), change: async (_, action) => action(now), ...more };
  const places = parts("section", "list", "details", "actions", "again", "remove");
  const results = new Results(/** @type {any} */ (store), places);
  const at = { store, remove: /** @type {any} */ (places.remove), again: /** @type {any} */ (places.again), opened: /** @type {string[]} */ ([]), told: 0, unseen: /** @type {(() => void)[]} */ ([]), deleted: /** @type {any[]} */ ([]) };
  results.addEventListener("open", ({ detail }) => {
    at.told += 1;
    at.unseen.push(detail.unseen);
    detail.whole.then((whole) => whole && at.opened.push(whole.name));
  });
  results.addEventListener("deleted", ({ detail }) => at.deleted.push(detail));
  await results.load();
  const buttons = () => places.list.querySelectorAll("button");
  const pressed = () => buttons().map((button) => button.getAttribute("aria-pressed"));
  return Object.assign(at, { buttons, pressed, leave: () => results.leave() });
}

test("a kept picture that is not shown after all is not marked; one that was asked for since is", async () => {
  const at = await gallery();
  at.buttons()[0].onclick();
  assert.deepEqual(at.pressed(), ["true", "false"]);
  at.unseen[0]();
  assert.deepEqual(at.pressed(), ["false", "false"]);
  for (const button of at.buttons()) button.onclick();
  at.unseen[1]();
  assert.deepEqual(at.pressed(), ["false", "true"]);
});

test("of two kept pictures asked for the last is opened, whichever has its files first", async () => {
  const slow = deferred();
  const at = await gallery({ get: async (_, key) => (key === "A" ? slow.promise : blob(key)) });
  for (const button of at.buttons()) button.onclick();
  await settle();
  slow.resolve(blob("A"));
  await settle();
  assert.deepEqual(at.opened, ["B"]);
  assert.deepEqual(at.pressed(), ["false", "true"]);
});

test("a picture that comes back is opened again, unless another was opened since", async () => {
  for (const other of [false, true]) {
    const at = await gallery();
    at.buttons()[0].onclick();
    await settle();
    at.remove.onclick();
    await settle();
    if (other) at.buttons()[0].onclick();
    await settle();
    await at.deleted[0].undo();
    await settle();
    assert.deepEqual(at.opened, other ? ["A", "B"] : ["A", "A"]);
    // Those of one date have no order: what came back is last.
    assert.deepEqual(at.pressed(), other ? ["true", "false"] : ["false", "true"]);
  }
});

test("it is not where something else was chosen while it came back", async () => {
  const at = await gallery();
  at.buttons()[0].onclick();
  await settle();
  at.remove.onclick();
  await settle();
  const coming = deferred();
  const { change } = at.store;
  at.store.change = async (...how) => (await coming.promise, change(...how));
  const undoing = at.deleted[0].undo();
  at.leave(); // as the page does it when there is another photo
  coming.resolve();
  await undoing;
  await settle();
  assert.deepEqual([at.opened, at.pressed()], [["A"], ["false", "false"]]);
});

test("that a kept picture is to be opened is told before its files are read", async () => {
  const slow = deferred();
  const at = await gallery({ get: () => slow.promise });
  at.buttons()[0].onclick();
  assert.equal(at.told, 1);
  at.leave();
  slow.resolve(blob());
  await settle();
  assert.deepEqual(at.opened, []);
});

test("what is opened while another is being deleted stays open, with the focus", async () => {
  const removing = deferred();
  const at = await gallery({ change: () => removing.promise });
  at.buttons()[0].onclick();
  await settle();
  at.remove.onclick();
  at.buttons()[1].onclick();
  removing.resolve();
  await settle();
  assert.deepEqual([at.opened, at.pressed(), at.deleted[0].left], [["A", "B"], ["true"], false]);
  assert.equal(document.activeElement, at.buttons()[0]);
});

test("a picture that is being deleted is neither opened nor painted again, until it is put back", async () => {
  const removing = deferred();
  const at = await gallery({ change: () => removing.promise });
  at.buttons()[0].onclick();
  await settle();
  at.remove.onclick();
  at.again.onclick();
  at.buttons()[0].onclick();
  await settle();
  assert.deepEqual(at.opened, ["A"]);
  removing.resolve();
  await settle();
  assert.equal(at.deleted[0].left, true);
  await at.deleted[0].undo();
  await settle();
  at.buttons()[1].onclick();
  await settle();
  assert.deepEqual(at.opened, ["A", "A", "A"]);
});

test("where there is no room to keep what comes back, it is open to be saved, and that is said", async () => {
  for (const [error, message] of /** @type {[Error, string][]} */ ([[new Error("damaged"), text.notKept], [new DOMException("full", "QuotaExceededError"), text.storageFull]])) {
    const at = await gallery();
    at.buttons()[0].onclick();
    await settle();
    at.remove.onclick();
    await settle();
    at.store.change = () => Promise.reject(error);
    await assert.rejects(at.deleted[0].undo(), { message });
    await settle();
    assert.deepEqual([at.opened, at.pressed(), at.deleted.length], [["A", "A"], ["false", "true"], 1]);
  }
});

test("suggestions for a photo that is gone are not waited for, nor made; neither are those that were asked for anew", async () => {
  const { button, list } = parts("button", "list");
  const asked = [];
  const ask = (count, signal) => (asked.push(signal), new Promise(() => {}));
  const suggestions = new Suggestions(/** @type {any} */ ({ button, list }), ask, (action) => action());
  const givenUp = () => asked.map(({ aborted }) => aborted);
  button.onclick();
  button.onclick();
  assert.deepEqual([button.getAttribute("aria-busy"), givenUp()], ["true", [true, false]]);
  suggestions.clear();
  assert.deepEqual([button.getAttribute("aria-busy"), givenUp()], [null, [true, true]]);
});

test("suggestions that fail are said, unless others were asked for or the photo is gone", async () => {
  const { button, list } = parts("button", "list");
  const [asked, failed] = [[], []];
  const ask = () => new Promise((_, reject) => asked.push(reject));
  const suggestions = new Suggestions(/** @type {any} */ ({ button, list }), ask, (action) => action().catch(({ message }) => failed.push(message)));
  for (let i = 0; i < 3; i++) button.onclick();
  for (const i of [0, 2]) asked[i](new Error(`No ${i}.`));
  await settle();
  assert.deepEqual([failed, button.getAttribute("aria-busy")], [["No 2."], null]);
  button.onclick();
  suggestions.clear();
  asked[3](new Error("No 3."));
  await settle();
  assert.deepEqual(failed, ["No 2."]);
});

test("a removed painting that comes back has its mask only on a photo of the shape it was made for", () => {
  for (const [photo, keeps] of /** @type {[{ width: number, height: number }, boolean][]} */ ([
    [{ width: 6, height: 4 }, true],
    [{ width: 4, height: 6 }, false],
  ])) {
    const { list, note, home } = parts("list", "note", "home");
    const paintings = new Paintings(/** @type {any} */ (list), note, home);
    paintings.fit({ width: 3, height: 2 });
    paintings.set([{ blob: blob("one"), name: "one", weight: 1, mask: blob("mask") }, { blob: blob("other"), name: "other", weight: 1, mask: null }]);
    let undo;
    paintings.addEventListener("removed", ({ detail }) => (undo = detail.undo));
    list.querySelector(".remove").onclick();
    paintings.fit(photo);
    undo();
    assert.deepEqual(paintings.all.map(({ name }) => name), ["one", "other"]);
    assert.equal(paintings.all[0].mask !== null, keeps);
    assert.equal(note.textContent, keeps ? "" : text.masksCleared);
  }
});

test("paintings that are set are told once, when all of them hang", () => {
  const { list, note, home } = parts("list", "note", "home");
  const paintings = new Paintings(/** @type {any} */ (list), note, home);
  const mix = ["A", "B", "C"].map((name) => ({ blob: blob(name), name, weight: 0.5, mask: null }));
  paintings.set(mix);
  const told = [];
  paintings.addEventListener("change", ({ detail }) => told.push([paintings.all.map(({ name }) => name).join(), detail.at]));
  paintings.set(mix.slice(0, 2), 7);
  paintings.set([...mix, mix[0]], 8);
  paintings.add(mix[0].blob, "A", { at: 9 }); // it is there
  paintings.add(blob("D"), "D", { at: 10 });
  assert.deepEqual(told, [["A,B", 7], ["A,B,C", 8], ["A,B,C,D", 10]]);
  assert.deepEqual(paintings.all.map(({ weight }) => weight), [0.5, 0.5, 0.5, 1]);
});

test("the focus goes from the last painting that is removed to what adds paintings", () => {
  const { list, note, home } = parts("list", "note", "home");
  const paintings = new Paintings(/** @type {any} */ (list), note, home);
  paintings.set(["one", "other"].map((name) => ({ blob: blob(name), name, weight: 1, mask: null })));
  const [first, second] = list.querySelectorAll(".remove");
  first.onclick();
  assert.equal(document.activeElement, second);
  second.onclick();
  assert.equal(document.activeElement, home);
});

test("the focus goes from a tile's + that hides, since there is no other painting, to the tile", () => {
  for (const [alone, where] of /** @type {[boolean, "choose" | "mix"][]} */ ([[true, "choose"], [false, "mix"]])) {
    const tile = new Tile({ name: "Poppies", file: "style-poppies.jpg" });
    tile.mix.focus();
    tile.mark(true, alone);
    assert.equal(document.activeElement, tile[where]);
  }
});

/** A dialog for masks, over a page with one painting that has one; `inside` of the two pixels that are drawn upon are marked. */
function masking({ decode = async () => bitmap(), inside = 0 } = {}) {
  globalThis.createImageBitmap = /** @type {any} */ (async () => bitmap());
  const context = new Proxy({}, { get: (_, name) => () => (name === "getImageData" ? { data: new Uint8ClampedArray(8).fill(255, 0, 4 * inside) } : undefined), set: () => true });
  const found = new Map();
  const part = (selector) => {
    const surroundings = { value: "16", style: { setProperty() {} }, getContext: () => context };
    if (!found.has(selector)) found.set(selector, Object.assign(new FakeElement(), surroundings));
    return found.get(selector);
  };
  const at = { opened: 0 };
  const showModal = () => {
    at.opened += 1;
    dialog.open = true;
  };
  const dialog = Object.assign(new FakeElement("dialog"), { open: false, querySelector: part, showModal, close: () => (dialog.open = false) });
  const masks = new MaskEditor(/** @type {any} */ (dialog), /** @type {any} */ (decode));
  return Object.assign(at, { dialog, masks });
}

test("a mask is not asked for any more where its pictures come too late: there is another photo, or a run, or no such painting", async () => {
  const [mask, cleared] = [blob("mask"), blob("another")];
  for (const [change, fails] of /** @type {[(masks: MaskEditor) => boolean, boolean][]} */ ([[(masks) => (masks.cancel(), true), false], [(masks) => (masks.giveUp(), true), false], [() => false, false], [() => false, true]])) {
    const reading = deferred();
    const at = masking({ decode: () => reading.promise });
    const painting = { blob: blob("one"), name: "one", mask };
    let wanted = true;
    const asking = at.masks.edit(blob("photo"), painting, () => wanted);
    await settle();
    wanted = change(at.masks);
    painting.mask = cleared;
    if (fails) reading.reject(new Error("damaged"));
    else reading.resolve(bitmap());
    assert.deepEqual([await asking, at.opened], [cleared, 0]);
  }
});

test("of two paintings' masks asked for while the pictures are read the last is; while one is drawn no other is", async () => {
  const slow = deferred();
  const [one, two, three] = ["one", "two", "three"].map((name) => ({ blob: blob(name), name, mask: null }));
  const at = masking({ decode: async (picture) => (picture === one.blob ? slow.promise : bitmap()) });
  const first = at.masks.edit(blob("photo"), one);
  const second = at.masks.edit(blob("photo"), two);
  await settle();
  assert.deepEqual([at.opened, at.dialog.querySelector('[data-mask="title"]').textContent], [1, text.maskTitle("two")]);
  slow.resolve(bitmap());
  assert.equal(await first, null);
  assert.equal(await at.masks.edit(blob("photo"), three), null);
  assert.deepEqual([at.opened, at.dialog.open], [1, true]);
  at.masks.cancel();
  assert.equal(await second, null);
  assert.equal(at.dialog.open, false);
});

test("a mask that there is no room to write is said, and stays to be tried again; it is not everywhere", async () => {
  const { masks, dialog } = masking({ inside: 1 });
  const { createElement } = document;
  const written = [null, blob("mask")];
  document.createElement = /** @type {any} */ ((tag) => Object.assign(createElement(tag), { getContext: dialog.querySelector("any").getContext, toBlob: (done) => done(written.shift()) }));
  const mask = blob("before");
  const asking = masks.edit(blob("photo"), { blob: blob("one"), name: "one", mask });
  await settle();
  document.createElement = createElement;
  const part = (name) => dialog.querySelector(`[data-mask="${name}"]`);
  part("done").onclick();
  await settle();
  assert.deepEqual([dialog.open, part("complaint").textContent], [true, text.noRoom]);
  part("done").onclick();
  assert.equal(await (await asking)?.text(), "mask");
});

test("a mask that was being drawn for the photo before is not laid on another", async () => {
  const { masks, dialog } = masking();
  const { list, note, home } = parts("list", "note", "home");
  const paintings = new Paintings(/** @type {any} */ (list), note, home);
  for (const [photo, stays] of /** @type {[{ width: number, height: number }, boolean][]} */ ([[{ width: 6, height: 4 }, true], [{ width: 4, height: 6 }, false]])) {
    const mask = blob("mask");
    paintings.fit({ width: 3, height: 2 });
    paintings.set([{ blob: blob("one"), name: "one", weight: 1, mask }]);
    paintings.addEventListener("where", async ({ detail }) => paintings.confine(detail, await masks.edit(blob("photo"), detail)), { once: true });
    list.querySelector(".where").onclick();
    await settle();
    masks.giveUp(); // it is seen
    assert.ok(dialog.open);
    masks.cancel(); // as the page does it when there is another photo
    paintings.fit(photo);
    await settle();
    assert.equal(dialog.open, false);
    assert.deepEqual([paintings.all[0].mask, note.textContent], stays ? [mask, ""] : [null, text.masksCleared]);
  }
});

test("a mask that was drawn while the mix was set anew is its painting's still; one that was not drawn changes nothing", () => {
  const { list, note, home } = parts("list", "note", "home");
  const paintings = new Paintings(/** @type {any} */ (list), note, home);
  const one = { blob: blob("one"), name: "one", weight: 1, mask: null };
  const named = [];
  paintings.addEventListener("where", ({ detail }) => named.push(detail));
  for (const before of [null, blob("mask")]) {
    paintings.set([{ ...one, mask: before }]);
    list.querySelector(".where").onclick();
    paintings.set([{ blob: blob("other"), name: "other", weight: 1, mask: null }, one]);
    paintings.confine(named.at(-1), before);
    assert.deepEqual(paintings.all.map(({ mask }) => mask), [null, null]);
    const drawn = blob("drawn");
    paintings.confine(named.at(-1), drawn);
    assert.deepEqual(paintings.all.map(({ mask }) => mask), [null, drawn]);
  }
});

test("pictures that come with the start, or are opened with the page later, are chosen then, however late they are read", async (context) => {
  const before = Object.fromEntries(["window", "location", "history"].map((name) => [name, globalThis[name]]));
  context.after(() => Object.assign(globalThis, before));
  const [reading, opening] = [deferred(), deferred()];
  let launch;
  const response = { blob: async () => new Blob(), headers: { get: () => "shared.jpg" } };
  const cache = { keys: () => reading.promise, match: async () => response, delete: async () => {} };
  const caches = { open: async () => cache };
  const window = { caches, launchQueue: { setConsumer: (consumer) => (launch = consumer) } };
  const history = { state: null, replaceState: () => {} };
  Object.assign(globalThis, { window, location: { href: "https://example.org/?shared=1", pathname: "/" }, history, caches });
  let chosen = 0;
  const taken = [];
  onLaunch(() => ++chosen, ([{ name }], when) => taken.push(`${name} ${when}`), () => {});
  launch({ files: [{ getFile: () => opening.promise }] });
  launch({});
  assert.equal(chosen, 2);
  opening.resolve({ name: "opened.jpg" });
  await settle();
  reading.resolve(["shared"]);
  await settle();
  assert.deepEqual(taken, ["opened.jpg 2", "shared.jpg 1"]);
});
