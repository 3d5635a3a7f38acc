// What becomes of a photo the visitor brings while a run is prepared, painted or taken up again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chooser } from "../../www/page/pictures/chooser.js";
import { text } from "../../www/page/text/index.js";
import { bitmap } from "./fake-page.js";
import { blob, deferred, left, studio, turn } from "./session-studio.js";

const file = (name) => new File(["photo"], name);

/** A session's studio with a chooser: `reading` is what a photo waits for, `seen` are those shown, `asked` the notices with what can be answered. */
function page(options) {
  const at = /** @type {any} */ (studio(options));
  Object.assign(at, { seen: [], asked: [], mixes: [], reading: new Map() });
  const tools = { readSettings: async () => null, decode: (photo) => Promise.resolve(at.reading.get(photo)).then(() => bitmap()) };
  at.chooser = new Chooser(
    /** @type {any} */ ({
      session: at.session,
      tools: async () => tools,
      settings: {
        write() {
          if (at.unknown) throw at.unknown;
        },
      },
      paintings: { all: [], set: (mix) => at.mixes.push(mix) },
      viewer: { showPhoto: (_, photo) => at.seen.push(photo) },
      status: { say() {}, attempt: (action) => action() },
      notice: { show: (sentence, actions) => at.asked.push({ sentence, actions }) },
    }),
  );
  at.restored = (inputs, how) => at.chooser.restore(inputs, how);
  at.session.addEventListener("continuing", () => at.chooser.askWhatNext());
  at.settle = async () => {
    for (let i = 0; i < 5; i++) await turn();
  };
  return at;
}

test("while a run is only prepared another photo is shown and painted, and nobody is asked", async () => {
  const at = page();
  const opening = deferred();
  at.opening = opening.promise;
  at.session.paint();
  const mine = file("mine.jpg");
  await at.chooser.takeFiles([mine], "photo");
  assert.deepEqual([at.session.state, at.seen, at.asked], ["preparing", [mine], []]);
  opening.resolve();
  await at.settle();
  assert.equal(at.jobs[0].options.content, mine);
  const other = file("other.jpg");
  await at.chooser.takeFiles([other], "photo");
  assert.deepEqual(at.seen, [mine]);
  assert.equal(at.asked[0].sentence, text.photoMeanwhile("other.jpg"));
});

test("a finished picture that makes room for another photo is not come back to when the run is refused", async () => {
  const at = page();
  await at.session.show({ name: "kept" });
  const opening = deferred();
  at.opening = opening.promise;
  const run = at.session.paint();
  await at.chooser.takeFiles([file("mine.jpg")], "photo");
  opening.reject(new Error("No device."));
  await assert.rejects(run, /No device/);
  assert.equal(at.session.state, "idle");
});

for (const when of ["before the run is found", "before the device is open", "while the run is prepared"]) {
  test(`a photo that comes with the start, read ${when}, stays when an unfinished run goes on, and it is asked`, async () => {
    const at = page({ photo: false });
    const [reading, opening] = [deferred(), deferred()];
    const read = async (now) => {
      if (now === when) reading.resolve();
      await at.settle();
    };
    const shared = file("shared.jpg");
    at.reading.set(shared, reading.promise);
    at.opening = opening.promise;
    at.chooser.takeFiles([shared], "photo");
    await read("before the run is found");
    at.session.takeUp(left());
    await read("before the device is open");
    opening.resolve();
    await at.settle();
    await read("while the run is prepared");
    assert.equal(at.session.photo.blob, shared);
    assert.equal(await at.jobs[0].options.content.text(), "left photo");
    assert.equal(at.asked.at(-1).sentence, text.photoMeanwhile("shared.jpg"));
    at.jobs[0].step(5);
    at.asked.at(-1).actions[text.paintInstead]();
    await at.settle();
    assert.equal(at.jobs[1].options.content, shared);
    assert.deepEqual(at.kept.map(({ name }) => name), ["left.jpg"]);
  });
}

test("a kept picture whose look is unknown here stays in view when it is to be painted again", async () => {
  const at = page();
  at.unknown = new Error("There is no look of that name.");
  await assert.rejects(at.chooser.restore(left()), /no look/);
  assert.deepEqual([at.seen, at.mixes], [[], []]);
});

test("the masks of a run that goes on are not laid on a photo that came with the start", async () => {
  const at = page({ photo: false });
  await at.chooser.takeFiles([file("shared.jpg")], "photo");
  const found = left();
  found.paintings[0].mask = blob("mask");
  at.session.takeUp(found);
  await at.settle();
  assert.equal(at.mixes[0][0].mask, null);
  assert.equal(at.jobs[0].options.styles[0].mask, found.paintings[0].mask);
});

test("without another photo a run that goes on asks nothing, and has its own photo in place", async () => {
  const at = page({ photo: false });
  const found = left();
  at.session.takeUp(found);
  await at.settle();
  assert.deepEqual([at.session.photo.blob, at.asked, at.jobs.length], [found.photo.blob, [], 1]);
});

test("a kept picture painted again, and a run gone on with, are their own: nobody is asked", async () => {
  const at = page();
  const again = at.session.again(left());
  await at.settle();
  assert.equal(at.asked.length, 0);
  at.jobs[0].step(3);
  at.session.stop();
  await again;
  at.session.goOn();
  await at.settle();
  assert.deepEqual([at.jobs.length, at.asked], [2, []]);
});
