// The picture's side of the page: what is drawn, what is kept of a run that is stopped, and the film of one that goes on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeCanvas, FakeElement, bitmap, fakePage } from "./fake-page.js";
import { blob } from "./session-studio.js";

fakePage();
globalThis.ResizeObserver = /** @type {any} */ (class {
  observe() {}
});
globalThis.ImageData = /** @type {any} */ (class {});
const { pairOf } = await import("../../www/page/stage/pair.js");
const { Stage } = await import("../../www/page/stage/stage.js");
const { standing } = await import("../../www/page/stage/standing.js");
const { Viewer } = await import("../../www/page/stage/viewer.js");

/** What is done to a part of the page that nothing else is asked of. */
const silent = () => new Proxy({}, { get: () => () => {} });

/** A canvas of a size. */
const canvas = (width, height) => Object.assign(new FakeCanvas(), { width, height });

// ---- photos with transparency

test("through a photo that is in part transparent white is seen, whatever was shown before", () => {
  const element = () => Object.assign(new FakeElement(), { style: { setProperty() {} }, classList: { toggle() {} } });
  const names = ["box", "first", "divider", "slider", "zoomIn", "zoomOut", "zoomFit"];
  const [before, after] = [canvas(3, 2), canvas(3, 2)];
  const viewer = new Viewer(/** @type {any} */ ({ ...Object.fromEntries(names.map((name) => [name, element()])), before, after }));
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
  const viewer = { canvas: at.canvas, sketched, look() {}, showPhoto: () => at.shown.push("photo"), showPainting: (picture) => at.shown.push(picture) };
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
