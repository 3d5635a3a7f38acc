// The picture's side of the page: what is drawn, what is kept of a run that is stopped, the film of one that goes on; what is said, and the buttons.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeCanvas, FakeElement, bitmap, fakePage, parts } from "./fake-page.js";
import { blob, deferred, turn } from "./session-studio.js";

fakePage();
globalThis.ResizeObserver = /** @type {any} */ (class {
  observe() {}
});
globalThis.ImageData = /** @type {any} */ (class {});
Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
const { Actions } = await import("../../www/page/stage/actions.js");
const { copyWords } = await import("../../www/page/stage/clipboard.js");
const { Finished } = await import("../../www/page/stage/finished.js");
const { pairOf } = await import("../../www/page/stage/pair.js");
const { Stage } = await import("../../www/page/stage/stage.js");
const { standing } = await import("../../www/page/stage/standing.js");
const { Status } = await import("../../www/page/stage/status.js");
const { text } = await import("../../www/page/text/index.js");
const { Viewer } = await import("../../www/page/stage/viewer.js");

/** What is done to a part of the page that nothing else is asked of. */
const silent = () => new Proxy({}, { get: () => () => {} });

/** A canvas of a size. */
const canvas = (width, height) => Object.assign(new FakeCanvas(), { width, height });

// ---- photos with transparency

/** A viewer, with its elements by name. */
function viewing() {
  const rectangle = () => ({ left: 0, top: 0, width: 30, height: 20 });
  const element = () => Object.assign(new FakeElement(), { style: { setProperty() {} }, classList: { toggle() {} }, getBoundingClientRect: rectangle });
  const names = ["box", "first", "divider", "slider", "zoomIn", "zoomOut", "zoomFit"];
  const [before, after] = [canvas(3, 2), canvas(3, 2)];
  const places = /** @type {any} */ ({ ...Object.fromEntries(names.map((name) => [name, element()])), before, after });
  return { viewer: new Viewer(places), ...places };
}

test("through a photo that is in part transparent white is seen, whatever was shown before", () => {
  const { viewer, before } = viewing();
  viewer.showPhoto(/** @type {any} */ (bitmap({ name: "first" })), blob());
  viewer.showPhoto(/** @type {any} */ (bitmap({ name: "second" })), blob());
  assert.deepEqual(before.drawn, ["white 0 0 3 2", "first 0 0 3 2", "white 0 0 3 2", "second 0 0 3 2"]);
});

test("so it is beside its painting", async () => {
  globalThis.createImageBitmap = /** @type {any} */ (async (name) => bitmap({ name, width: 100, height: 50 }));
  const pair = /** @type {any} */ (await pairOf(/** @type {any} */ ("photo"), /** @type {any} */ ("painting"), "image/png"));
  const { drawn } = pair.canvas;
  assert.deepEqual(drawn.slice(-3), ["white 0 0 100 50", "photo 0 0 100 50", "painting 102 0 100 50"]);
});

test("and so it guides what is enlarged", async () => {
  globalThis.createImageBitmap = /** @type {any} */ (async () => bitmap({ name: "photo", width: 30, height: 20 }));
  const { blob: picture, enlarged } = /** @type {any} */ (await standing(/** @type {any} */ (canvas(6, 4)), blob(), { size: 12, painted: 6 }));
  assert.deepEqual([picture.canvas.drawn, enlarged], [["white 0 0 12 8", "photo 0 0 12 8", "pixels"], 6]);
});

// ---- runs

/** A stage whose runs are filmed; `films` are the timelapses it hands over. */
function stage({ sketched = false, films = true } = {}) {
  globalThis.createImageBitmap = /** @type {any} */ (async () => bitmap());
  const at = /** @type {any} */ ({ films: [], shown: [], wanted: films, canvas: canvas(12, 8) });
  const viewer = (at.viewer = { canvas: at.canvas, sketched, photo: null, look() {}, showPhoto: () => at.shown.push("photo"), showPainting: (picture) => at.shown.push(picture) });
  const finished = { hide() {}, show: ({ timelapse }) => at.films.push(timelapse) };
  const wantsTimelapse = () => at.wanted;
  at.stage = new Stage(/** @type {any} */ ({ viewer, status: silent(), notice: silent(), finished, further: silent(), storage: {}, wantsTimelapse, colourOf: () => "style" }));
  return at;
}

const run = (more = {}) => ({ photo: { blob: blob(), name: "cat.jpg", width: 12, height: 8 }, recipe: { config: { size: 12 } }, checkpoint: null, cancelled: false, ...more });

/** A run's beginning, a step, and its end. */
async function perform(at, run, fresh) {
  await at.stage.begin(run, { fresh });
  at.stage.progress({ preview: bitmap(), scale: { width: 3, height: 2 }, iteration: 1 }, { paused: false });
  await at.stage.painted({ ...run, picture: blob(), seconds: 1 }, { stopped: true });
  return at.films.at(-1);
}

test("a run that goes on goes on in its film", async () => {
  const at = stage();
  const first = run();
  const film = await perform(at, first, true);
  assert.equal(film.frames, 2);
  assert.equal(await perform(at, { ...first, checkpoint: blob() }, false), film);
  assert.equal(film.frames, 4);
});

test("any other run has a film of its own, also one that starts over", async () => {
  const at = stage();
  const first = run();
  const film = await perform(at, first, true);
  for (const [other, fresh] of /** @type {[object, boolean][]} */ ([[first, false], [run({ checkpoint: blob() }), false], [first, true]])) {
    assert.notEqual(await perform(at, other, fresh), film);
    assert.equal(at.films.at(-1).frames, 2);
  }
  at.wanted = false;
  assert.equal(await perform(at, { ...first, checkpoint: blob() }, false), null);
});

test("a sketch of another photo is not what a run begins with", async () => {
  const at = stage({ sketched: true, films: false });
  at.viewer.photo = blob();
  await at.stage.begin(run(), { fresh: true });
  assert.deepEqual(at.shown, ["photo"]);
});

test("a seamless picture takes nothing from sketch or photo, whose edges do not meet", async () => {
  globalThis.OffscreenCanvas = /** @type {any} */ (
    class extends FakeCanvas {
      getContext() {
        return { ...super.getContext(), canvas: this };
      }
    }
  );
  for (const [tile, shown] of /** @type {[string | undefined, string[]][]} */ ([["both", ["photo"]], ["x", ["photo"]], ["none", []], [undefined, []]])) {
    const at = stage({ sketched: true, films: false });
    const seamless = shown.length > 0;
    const seen = run({ recipe: { config: { size: 12, ...(tile && { tile }) } } });
    at.viewer.photo = seen.photo.blob;
    await at.stage.begin(seen, { fresh: true });
    assert.deepEqual(at.shown, shown, tile);
    if (!seamless) continue; // the sketch stays, and its detail is laid over
    const preview = bitmap();
    at.stage.progress({ preview, scale: { width: 3, height: 2 }, iteration: 1 }, { paused: false });
    assert.equal(at.shown.at(-1), preview);
  }
});

test("a seamless picture that is stopped is as painted, and not said to be enlarged", async () => {
  for (const [tile, size, enlarged] of /** @type {[string, number, number | undefined][]} */ ([["both", 3, undefined], ["none", 12, 3]])) {
    const at = stage({ films: false });
    const stopped = run({ recipe: { config: { size: 12, tile } } });
    await at.stage.begin(stopped, { fresh: true });
    at.stage.progress({ preview: bitmap(), scale: { width: 3, height: 2 }, iteration: 1 }, { paused: false });
    Object.assign(at.canvas, { width: 3, height: 2 }); // as the viewer does it
    const picture = await at.stage.picture(stopped);
    assert.deepEqual([picture.blob.canvas.width, picture.enlarged], [size, enlarged], tile);
  }
});

test("a picture that is stopped and cannot be had says why, for its run to be kept", async (t) => {
  const at = stage({ films: false });
  const stopped = run();
  await at.stage.begin(stopped, { fresh: true });
  t.mock.method(FakeCanvas.prototype, "toBlob", (callback) => callback(null));
  await assert.rejects(at.stage.picture(stopped), { message: text.noRoom });
});

// ---- what is said

test("while the network is fetched the ear is told by quarters, and the bar of every piece", () => {
  const places = Object.assign(parts("sentence", "progress", "run", "figures", "chart", "error"), { chart: new FakeElement("svg") });
  const said = [];
  Object.defineProperty(places.sentence, "textContent", { get: () => said.at(-1) ?? "", set(sentence) { said.push(sentence); } });
  const status = new Status(places);
  const seen = /** @type {any} */ (stage({ films: false }));
  const told = new Stage(/** @type {any} */ ({ viewer: { canvas: seen.canvas }, status, notice: silent(), finished: silent(), further: silent(), storage: {} }));
  const device = (detail) => told.device(detail, "preparing");
  const fetch = (loadedBytes) => device({ stage: "weights", loadedBytes, totalBytes: 13e6 });
  told.state({ state: "preparing", before: "idle" });
  for (let loaded = 0; loaded <= 13e6; loaded += 65e3) fetch(loaded);
  assert.equal(places.progress.value, 1);
  for (const step of ["kernels", "kernels", "ready"]) device({ stage: step });
  const quarters = [0, 3.25e6, 6.5e6, 9.75e6, 13e6].map((loaded) => text.weights(loaded, 13e6));
  assert.deepEqual(said, [text.preparing, ...quarters, text.kernels, text.firstStep]);
  // What was said of something else in between is followed by where it stands.
  said.length = 0;
  fetch(1e6);
  device({ stage: "recovering" });
  fetch(1.1e6);
  assert.deepEqual(said, [text.weights(1e6, 13e6), text.recovering, text.weights(1.1e6, 13e6)]);
});

/** What can be done with a finished picture: `said` what was, `failed` what went wrong, `saved` the files. */
function takingAway(tools) {
  const places = /** @type {any} */ (parts("row", "save", "format", "share", "copy", "pair", "film", "colours"));
  const switches = Object.fromEntries(["style", "luminance"].map((colour) => [colour, { checked: false }]));
  places.colours.querySelector = (what) => switches[what.match(/"(.*)"/)[1]];
  places.format.value = "image/png";
  const at = { places, said: /** @type {string[]} */ ([]), failed: /** @type {string[]} */ ([]), saved: /** @type {string[]} */ ([]) };
  const sentence = { get textContent() { return at.said.at(-1); }, set textContent(text) { at.said.push(text); } };
  const status = new Status(Object.assign(parts("progress", "run", "figures", "error"), { sentence, chart: new FakeElement("svg") }));
  const attempt = (action) => action().catch(({ message }) => at.failed.push(message));
  const finished = new Finished(places, /** @type {any} */ ({ tools: async () => tools, status: { say: (text) => status.say(text), unsay: (text) => status.unsay(text), attempt } }));
  const show = (name) => finished.show({ picture: new Blob([name], { type: "image/png" }), photo: { blob: blob() }, name, recipe: { config: {} }, colour: "style" });
  const recolour = (value) => places.colours.dispatchEvent(Object.defineProperty(new Event("change"), "target", { value: { value } }));
  return Object.assign(at, { finished, show, recolour });
}
const settle = async () => {
  for (let i = 0; i < 10; i++) await turn();
};

test("a picture is saved once while the program is late, which is said; another one beside it", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  context.mock.method(URL, "createObjectURL", () => "blob:");
  const late = deferred();
  const at = takingAway({ embed: (blob) => late.promise.then(() => blob) });
  const { createElement } = document;
  context.after(() => (document.createElement = createElement));
  document.createElement = /** @type {any} */ ((tag) => Object.assign(createElement(tag), { click() { at.saved.push(this.download); } }));
  const wait = deferred();
  const coming = takingAway(wait.promise);
  coming.show("slow.jpg");
  coming.places.save.onclick();
  await settle();
  assert.deepEqual(coming.said, [], "it may be here at once");
  context.mock.timers.tick(1000);
  assert.deepEqual(coming.said, [text.loading]);

  at.show("one.jpg");
  for (let i = 0; i < 3; i++) at.places.save.onclick();
  assert.deepEqual([at.places.save.getAttribute("aria-busy"), Boolean(at.places.save.disabled)], ["true", false]);
  at.show("two.jpg");
  at.places.save.onclick();
  await settle();
  context.mock.timers.tick(1000);
  late.resolve();
  await settle();
  assert.deepEqual([at.saved, at.said, at.places.save.getAttribute("aria-busy")], [["one-painted.png", "two-painted.png"], [text.saved, text.saved], null]);
});

test("a picture is shared once while the program is late, which is said and then no more", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const handed = deferred();
  const given = [];
  Object.defineProperty(navigator, "share", { configurable: true, value: async ({ files }) => (given.push(files[0].name), handed.promise) });
  context.after(() => Reflect.deleteProperty(navigator, "share"));
  const late = deferred();
  const at = takingAway(late.promise);
  at.show("one.jpg");
  for (let i = 0; i < 2; i++) at.places.share.onclick();
  context.mock.timers.tick(1000);
  assert.deepEqual([at.said.at(-1), at.places.share.getAttribute("aria-busy")], [text.loading, "true"]);
  late.resolve({ embed: async (blob) => blob });
  await settle();
  assert.deepEqual([at.said.at(-1), given], ["", ["one-painted.png"]]);
  handed.reject(Object.assign(new Error("No."), { name: "AbortError" }));
  await settle();
  assert.deepEqual([at.said.at(-1), at.failed, at.places.share.getAttribute("aria-busy")], ["", [], null]);
});

test("sharing that is refused, since the press was too long ago, and copying that is, are said in the page's own words", async (context) => {
  const refused = () => Promise.reject(new DOMException("Must be handling a user gesture to perform a share request.", "NotAllowedError"));
  context.after(() => ["share", "clipboard"].forEach((name) => Reflect.deleteProperty(navigator, name)));
  Object.assign(navigator, { share: refused, clipboard: { write: refused, writeText: refused } });
  globalThis.ClipboardItem = /** @type {any} */ (class {});
  const at = takingAway({ embed: async (blob) => blob });
  at.show("one.jpg");
  for (const button of ["share", "copy"]) {
    at.places[button].onclick();
    await settle();
  }
  assert.deepEqual([at.failed, at.said], [[text.notShared, text.notCopied], []]);
  assert.equal(at.places.share.getAttribute("aria-busy"), null, "it can be pressed once more");
  await assert.rejects(copyWords("https://example.org/"), { message: text.notCopied });
});

test("a file that was made is at hand when the press is repeated, unless its settings are missing, the picture is another or its format", async (context) => {
  context.after(() => Reflect.deleteProperty(navigator, "share"));
  const given = [];
  const share = ({ files: [file] }) => {
    given.push(file.name);
    return Promise.reject(new DOMException("Must be handling a user gesture to perform a share request.", "NotAllowedError"));
  };
  Object.assign(navigator, { share });
  let embedded = 0;
  const embed = async (blob) => {
    embedded += 1;
    if (embedded === 1) throw new Error("Lost.");
    return blob;
  };
  const at = takingAway({ embed });
  const press = async () => {
    at.places.share.onclick();
    await settle();
    return embedded;
  };
  at.show("one.jpg");
  const counts = [await press(), await press(), await press()];
  at.show("two.jpg");
  counts.push(await press(), await press());
  globalThis.createImageBitmap = /** @type {any} */ (async () => bitmap());
  at.places.format.value = "image/jpeg";
  counts.push(await press());
  assert.deepEqual(counts, [1, 2, 2, 3, 3, 4]);
  assert.deepEqual(given, ["one.png", "one.png", "one.png", "two.png", "two.png", "two.jpg"].map((name) => name.replace(".", "-painted.")));
});

test("of colours that are changing no more nothing is said, neither that they are nor that they could not be", async () => {
  globalThis.createImageBitmap = /** @type {any} */ (async () => bitmap());
  for (const [leave, said] of /** @type {[(at: ReturnType<typeof takingAway>) => void, string][]} */ ([
    [(at) => at.finished.hide(), ""],
    [(at) => at.show("two.jpg"), ""],
    [(at) => at.recolour("style"), text.recoloured.style],
  ])) {
    const late = deferred();
    const at = takingAway({ recolour: () => late.promise });
    at.show("one.jpg");
    at.recolour("luminance");
    await settle();
    assert.equal(at.said.at(-1), text.recolouring);
    leave(at);
    await settle();
    assert.equal(at.said.at(-1), said);
    late.reject(new Error("Lost."));
    await settle();
    assert.deepEqual([at.said.at(-1), at.failed], [said, []]);
  }
});

test("where a picture is there no more the photo at hand is seen; one that is seen already keeps its sketch", async () => {
  globalThis.createImageBitmap = /** @type {any} */ (async () => bitmap());
  const [mine, other] = [blob("mine"), blob("other")];
  for (const [photo, beneath, sketched, wanted, done] of /** @type {[Blob | null, Blob, boolean, boolean, string[]][]} */ ([
    [mine, other, false, true, ["photo"]],
    [mine, other, false, false, []],
    [mine, mine, true, true, []],
    [mine, mine, false, true, ["clear"]],
    [null, other, false, true, ["clear"]], // the sample is not there yet
  ])) {
    const seen = [];
    const viewer = { photo: beneath, sketched, clear: () => seen.push("clear"), showPhoto: () => seen.push("photo") };
    const shown = new Stage(/** @type {any} */ ({ viewer, status: silent(), finished: silent(), further: silent(), storage: {} }));
    await shown.replace(/** @type {any} */ (photo && { blob: photo, name: "mine.jpg" }), () => wanted);
    assert.deepEqual(seen, done);
  }
});

test("that a run's state is not kept is taken back, and nothing else that is not", () => {
  const storage = /** @type {any} */ ({});
  const stage = new Stage(/** @type {any} */ ({ storage }));
  for (const [what, sentence] of /** @type {[any, string][]} */ ([["state", text.checkpointFull], [null, ""], ["full", text.storageFull], [null, text.storageFull], ["picture", text.notKept]])) {
    stage.unkept(what);
    assert.equal(storage.textContent, sentence);
  }
});

test("that a picture is not kept is not said beneath another", async () => {
  globalThis.createImageBitmap = /** @type {any} */ (async () => bitmap());
  const other = /** @type {any} */ ({ picture: blob(), photo: {}, recipe: { config: {} }, paintings: [] });
  for (const part of /** @type {((stage: any) => any)[]} */ ([(stage) => stage.leave(), (stage) => stage.show(other, () => true)])) {
    const storage = /** @type {any} */ ({});
    const stage = new Stage(/** @type {any} */ ({ storage, viewer: silent(), status: silent(), finished: silent(), further: silent(), colourOf: () => "style" }));
    stage.unkept("full");
    await part(stage);
    assert.equal(storage.textContent, "");
  }
});

test("an alert stays until the visitor does something, whatever comes by itself", async () => {
  const places = Object.assign(parts("sentence", "progress", "run", "figures", "chart", "error"), { chart: new FakeElement("svg") });
  const status = new Status(places);
  const { error } = places;
  await status.attempt(async () => Promise.reject(new Error("No photo.")));
  await status.heed(async () => {});
  assert.deepEqual([error.hidden, error.textContent], [false, "No photo."]);
  await status.heed(async () => Promise.reject(new Error("Refused.")));
  assert.equal(error.textContent, "Refused.");
  await status.attempt(async () => {});
  assert.deepEqual([error.hidden, error.textContent], [true, ""]);
});

// ---- buttons

/** The three buttons; `press` clicks one, `done` is what that led to. */
function buttons() {
  const { form, paint, pause, stop } = parts("form", "paint", "pause", "stop");
  const actions = new Actions(/** @type {any} */ ({ form, paint, pause, stop }));
  const at = { actions, paint, pause, stop, done: /** @type {string[]} */ ([]) };
  for (const type of ["paint", "pause", "stop"]) actions.addEventListener(type, () => at.done.push(type));
  actions.show({ ready: true, running: false, paused: false });
  /** @param {any} button */
  const press = (button, { time = 0, x = 100, y = 20, detail = 1 } = {}) => {
    let sent = button === paint;
    button.onclick({ detail, clientX: x, clientY: y, timeStamp: time, preventDefault: () => (sent = false) });
    if (sent) form.dispatchEvent(new Event("submit", { cancelable: true }));
  };
  return Object.assign(at, { press });
}

test("a double click on Paint does not stop or pause what it has begun, nor one on Stop begin it again", () => {
  for (const other of /** @type {const} */ (["stop", "pause"])) {
    const at = buttons();
    at.press(at.paint, { time: 1000 });
    at.press(at[other], { time: 1150, x: 102, detail: 2 });
    at.press(at[other], { time: 1300, x: 102, detail: 1 }); // Firefox counts by element
    assert.deepEqual(at.done, ["paint"]);
    at.press(at[other], { time: 1600, x: 102 });
    assert.deepEqual(at.done, ["paint", other]);
    at.press(at.paint, { time: 1700, x: 102 });
    assert.deepEqual(at.done, ["paint", other]);
  }
});

test("what is aimed at is done, however soon", () => {
  const at = buttons();
  at.press(at.paint, { time: 1000 });
  at.press(at.pause, { time: 1010, x: 30 }); // at another place
  at.press(at.pause, { time: 1020, x: 30, detail: 2 }); // and on
  at.press(at.stop, { time: 1030, x: 170 });
  at.press(at.paint, { time: 1040, detail: 0, x: 0, y: 0 }); // by the keyboard
  at.press(at.stop, { time: 1050, detail: 0, x: 0, y: 0 });
  assert.deepEqual(at.done, ["paint", "pause", "pause", "stop", "paint", "stop"]);
});

test("the focus goes from Fit, which rests once all is seen, to the picture", () => {
  const { box, zoomIn, zoomFit } = viewing();
  const elsewhere = new FakeElement();
  for (const [from, to] of [[zoomFit, box], [elsewhere, elsewhere]]) {
    zoomIn.onclick();
    from.focus();
    zoomFit.onclick();
    assert.equal(zoomFit.disabled, true);
    assert.equal(document.activeElement, to);
  }
});

test("while the film is made its button keeps the focus, and makes no second one", async () => {
  const places = /** @type {any} */ (parts("row", "save", "format", "share", "copy", "pair", "film", "colours"));
  places.colours.querySelector = () => ({});
  const failed = [];
  const finished = new Finished(places, /** @type {any} */ ({ status: { say() {}, unsay() {}, attempt: (action) => action().catch((error) => failed.push(error.message)) } }));
  let fail;
  const made = [];
  const film = () => made.push("film") && new Promise((_, reject) => (fail = reject));
  finished.show({ picture: blob(), name: "cat.jpg", recipe: {}, colour: "style", timelapse: { frames: 2, film } });
  places.film.onclick();
  assert.deepEqual([places.film.getAttribute("aria-busy"), Boolean(places.film.disabled)], ["true", false]);
  places.film.onclick();
  assert.equal(made.length, 1);
  fail(new Error("No film."));
  await new Promise(setImmediate);
  assert.deepEqual([places.film.getAttribute("aria-busy"), failed], [null, ["No film."]]);
});

test("Enter that is held on Paint does not press the button the focus comes to", () => {
  const at = buttons();
  for (const button of [at.stop, at.pause]) {
    for (const [key, repeat, prevented] of /** @type {[string, boolean, boolean][]} */ ([["Enter", true, true], ["Enter", false, false], ["Tab", true, false]])) {
      let was = false;
      /** @type {any} */ (button).onkeydown({ key, repeat, preventDefault: () => (was = true) });
      assert.equal(was, prevented, `${key} ${repeat}`);
    }
  }
});
