// What becomes of a photo the visitor brings while a run is prepared, painted or taken up again; and of paintings that come late, or not at all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sample } from "../../www/page/pictures/samples.js";
import { sampleName, text } from "../../www/page/text/index.js";
import { file, page } from "./chooser-page.js";
import { bitmap } from "./fake-page.js";
import { blob, deferred, left } from "./session-studio.js";

test("while a run is only prepared another photo is shown and painted, and nobody is asked", async () => {
  const at = page();
  const opening = deferred();
  at.opening = opening.promise;
  at.session.paint();
  const mine = file("mine.jpg");
  await at.chooser.takeFiles([mine], "photo");
  const seen = () => at.seen.map(({ name }) => name);
  assert.deepEqual([at.session.state, seen(), at.asked], ["preparing", ["mine.jpg"], []]);
  opening.resolve();
  await at.settle();
  assert.equal(at.jobs[0].options.content.name, "mine.jpg");
  const other = file("other.jpg");
  await at.chooser.takeFiles([other], "photo");
  assert.deepEqual(seen(), ["mine.jpg"]);
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
    assert.equal(at.session.photo.name, "shared.jpg");
    assert.equal(await at.jobs[0].options.content.text(), "left photo");
    assert.equal(at.asked.at(-1).sentence, text.photoMeanwhile("shared.jpg"));
    at.jobs[0].step(5);
    at.asked.at(-1).actions[text.paintInstead]();
    await at.settle();
    assert.equal(at.jobs[1].options.content.name, "shared.jpg");
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

/** Ways to paint once more what was painted, each with what is late then. */
const again = {
  "painted again": (at, result) => at.session.again(result),
  "made larger": (at, result) => at.session.larger(result, 90),
  "gone on with": (at) => at.session.goOn(),
};

for (const [how, press] of Object.entries(again)) {
  test(`what is chosen while a picture that is ${how} waits for the device stays chosen, and the run has its own: it is asked`, async () => {
    const at = page();
    Object.defineProperty(at, "paintings", { get: () => at.hung.all });
    at.hung.add(blob("own"), "own.jpg");
    await at.begin();
    at.session.stop();
    await at.run;
    const [result] = at.kept;
    at.hung.all = [];
    const opening = deferred();
    at.opening = opening.promise;
    press(at, result);
    const [mine, other] = [file("mine.jpg"), { name: "other.jpg", blob: blob("other") }];
    await at.chooser.takeFiles([mine], "photo");
    await at.chooser.takeMix([{ painting: other, weight: 1 }]);
    const question = text.photoMeanwhile("mine.jpg");
    assert.deepEqual(at.asked.map(({ sentence }) => sentence), [question]);
    assert.deepEqual(at.told, [text.nextRun("other.jpg")]);
    opening.resolve();
    await at.settle();
    assert.deepEqual([at.session.photo.blob, at.names(), at.seen], [mine, ["other.jpg"], []]);
    assert.deepEqual([at.jobs[1].options.content, at.jobs[1].options.styles.map(({ image }) => image)], [result.photo.blob, [result.paintings[0].blob]]);
    at.asked.at(-1).actions[text.paintInstead]();
    await at.settle();
    assert.equal(at.jobs[2].options.content.name, "mine.jpg");
  });
}

test("the only painting is not taken away, and an own one takes its place all the same", async () => {
  const at = page();
  const only = { name: sampleName("style-poppies.jpg"), blob: blob(), weight: 1, mask: null };
  at.hung.all = [only];
  await at.chooser.toggle(only);
  assert.deepEqual(at.names(), [only.name]);
  await at.chooser.takeFiles([file("mine.jpg")], "painting");
  assert.deepEqual(at.names(), ["mine.jpg"]);
});

test("a sketch of another photo is not what a picture that is painted again begins with", async () => {
  const at = page();
  at.viewer.sketched = true;
  const result = left();
  at.session.again(result);
  await at.settle();
  assert.deepEqual([at.seen, at.jobs.length], [[result.photo.blob], 1]);
});

test("the first sample neither takes the place of a picture that is about to be painted again nor is it asked about", async (context) => {
  serve(context);
  const at = page({ photo: false });
  const result = left();
  await at.session.show(result);
  const opening = deferred();
  at.opening = opening.promise;
  at.session.again(result);
  await at.chooser.takeFirstSamples();
  assert.deepEqual([at.session.photo.name, at.seen, at.asked], [sampleName("photo-chelsea.jpg"), [], []]);
  at.session.stop();
  await at.settle();
  assert.equal(at.session.state, "finished");
});

test("a picture that was to be painted again stays when that is stopped while its photo is read", async () => {
  const at = page();
  const result = left();
  await at.session.show(result);
  const reading = deferred();
  at.reading.set(result.photo.blob, reading.promise);
  const run = at.session.again(result);
  await at.settle();
  at.session.stop();
  await run;
  reading.resolve();
  await at.settle();
  assert.deepEqual([at.session.state, at.session.photo.name, at.names(), at.seen], ["finished", "cat.jpg", [], []]);
});

test("Paint waits for what a picture's settings bring, and for the picture as the photo", async (context) => {
  const gates = { [CAFE]: deferred() };
  serve(context, { gates });
  for (const answer of [text.restore, text.useAsPhoto]) {
    const at = page();
    Object.defineProperty(at, "paintings", { get: () => at.hung.all });
    at.hung.add(blob(), "own.jpg");
    const carrying = file("painted.png");
    at.carried.set(carrying, { config: { preset: "bold" }, paintings: [sampleName(CAFE)] });
    await at.chooser.takeFiles([carrying], "photo");
    const reading = deferred();
    at.reading.set(carrying, reading.promise);
    at.asked[0].actions[answer]();
    at.session.paint();
    await at.settle();
    assert.equal(at.jobs.length, 0);
    for (const gate of [gates[CAFE], reading]) gate.resolve();
    await at.settle();
    assert.equal(at.jobs.length, 1);
    assert.deepEqual([at.names(), at.session.photo.name], answer === text.restore ? [[sampleName(CAFE)], "cat.jpg"] : [["own.jpg"], "painted.png"]);
  }
});

test("Paint does not wait for what will not count any more", async (context) => {
  const gates = Object.fromEntries([SNOW, "style-cafe-terrace.jpg"].map((name) => [name, deferred()]));
  const never = deferred();
  const slow = file("slow.jpg");
  for (const [before, after] of /** @type {[(at: any) => any, (at: any) => any][]} */ ([
    [(at) => at.chooser.takeFiles([slow], "photo"), (at) => at.chooser.takeFiles([file("other.jpg")], "photo")],
    [(at) => at.chooser.takeSamplePhoto(() => never.promise, "slow"), (at) => at.chooser.takeFiles([file("other.jpg")], "photo")],
    [(at) => tile(at, SNOW), (at) => tile(at, POPPIES)],
    [(at) => at.chooser.toggle({ name: sampleName(SNOW), file: SNOW }), (at) => tile(at, POPPIES)],
    [(at) => (at.hung.set([]), at.chooser.takeFirstSamples()), (at) => tile(at, POPPIES)],
  ])) {
    serve(context, { gates });
    const at = page();
    Object.defineProperty(at, "paintings", { get: () => at.hung.all });
    at.hung.add(blob(), "own.jpg");
    at.reading.set(slow, never.promise);
    before(at);
    at.session.paint();
    await at.settle();
    assert.equal(at.jobs.length, 0);
    await after(at);
    await at.settle();
    assert.equal(at.jobs.length, 1, String(before));
    context.mock.restoreAll();
  }
});

// ---- paintings

/** Samples are served, each once its gate is open; those named by `missing` are not there. */
function serve(context, { gates = {}, missing = [] } = {}) {
  globalThis.createImageBitmap = /** @type {any} */ (async () => bitmap());
  context.mock.method(globalThis, "fetch", async (address) => {
    const name = address.replace("samples/", "");
    await gates[name]?.promise;
    return missing.includes(name) ? new Response("", { status: 404 }) : new Response(name);
  });
}

/** What has failed, though nobody has looked yet. */
function failed(error) {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}

const [POPPIES, SUMMERTIME, CAFE, SNOW] = ["style-poppies.jpg", "style-summertime.jpg", "style-night-cafe.jpg", "style-inokashira-snow.jpg"];
const tile = (at, file) => at.chooser.takeMix([{ painting: { name: sampleName(file), file }, weight: 1 }]);

/** The settings there are, for a link: at once. */
const known = async () => {};

/** Ways to choose a painting: each is waited for. */
const ways = {
  "a tile": { name: sampleName(POPPIES), waits: POPPIES, choose: (at) => tile(at, POPPIES) },
  "another tile": { name: sampleName(SNOW), waits: SNOW, choose: (at) => tile(at, SNOW) },
  "a link": { name: sampleName(SUMMERTIME), waits: SUMMERTIME, choose: (at) => at.chooser.openLink(`#easel=1&painting=${SUMMERTIME}`, known) },
  "a picture's settings": { name: sampleName(CAFE), waits: CAFE, choose: (at) => at.asked[0].actions[text.restore]() },
  "a kept picture": { name: "mine.jpg", waits: "kept", choose: (at) => at.chooser.restore(left({ photo: { blob: at.kept, name: "left.jpg" } })) },
};

test("of paintings on their way those chosen last are hung, whichever are here first", async (context) => {
  for (const [first, one] of Object.entries(ways)) {
    for (const [last, other] of Object.entries(ways).filter(([name]) => name !== first)) {
      for (const order of [[one, other], [other, one]]) {
        const gates = Object.fromEntries(Object.values(ways).map(({ waits }) => [waits, deferred()]));
        serve(context, { gates });
        const at = page();
        at.kept = blob();
        at.reading.set(at.kept, gates.kept.promise);
        const carrying = file("painted.png");
        at.carried.set(carrying, { config: { preset: "bold" }, paintings: [sampleName(CAFE)] });
        await at.chooser.takeFiles([carrying], "photo");
        one.choose(at);
        other.choose(at);
        for (const { waits } of order) {
          gates[waits].resolve();
          await at.settle();
          await at.settle();
        }
        assert.deepEqual(at.names(), [other.name], `${first}, then ${last}; ${order[0] === one ? "in their order" : "the other way round"}`);
        context.mock.restoreAll();
      }
    }
  }
});

test("a painting chosen again has its mask, unless a new photo has cleared it until its file is here", async (context) => {
  for (const cleared of [false, true]) {
    const gates = { [POPPIES]: deferred() };
    serve(context, { gates });
    const at = page();
    const mask = blob("mask");
    at.hung.all = [{ name: sampleName(POPPIES), blob: blob(), weight: 1, mask }];
    const taking = tile(at, POPPIES);
    if (cleared) at.hung.all = at.hung.all.map((painting) => ({ ...painting, mask: null }));
    gates[POPPIES].resolve();
    await taking;
    assert.equal(at.hung.all[0].mask, cleared ? null : mask);
    context.mock.restoreAll();
  }
});

test("of two own paintings of one name each is itself: taken out and chosen alone, with its own mask", async () => {
  const at = page();
  const hang = (size, mask = null) => ({ name: "image.jpg", blob: blob("x".repeat(size)), weight: 1, mask });
  const [one, other, third] = [hang(1, blob("mask")), hang(2), { ...hang(3), name: "third.jpg" }];
  at.hung.all = [one, other, third];
  await at.chooser.toggle(one);
  assert.deepEqual(at.hung.all, [other, third]);
  at.hung.all = [one, other];
  await at.chooser.toggle(other);
  assert.deepEqual(at.hung.all, [one]);
  await at.chooser.takeMix([{ painting: other, weight: 1 }]);
  assert.deepEqual(at.hung.all, [other]);
});

test("of several pictures brought as the photo the first is taken, and that is said", async () => {
  const at = page();
  const [first, ...others] = ["1.jpg", "2.jpg", "3.jpg"].map(file);
  await at.chooser.takeFiles([first, ...others], "photo");
  assert.deepEqual([at.session.photo.name, at.told.at(-1)], ["1.jpg", text.onePhoto("1.jpg")]);
  await at.chooser.takeFiles([first], "photo");
  assert.equal(at.told.at(-1), text.ready);
});

test("of several pictures the first is not said to be the photo while that is only asked, nor where one chosen later is", async () => {
  const at = page();
  const [painted, slow, late, other] = ["painted.png", "slow.jpg", "late.jpg", "other.jpg"].map(file);
  at.carried.set(painted, { config: { preset: "bold", size: 64, iterations: 3 } });
  await at.chooser.takeFiles([painted, other], "photo");
  assert.equal(at.asked.length, 1);
  const reading = deferred();
  at.reading.set(slow, reading.promise);
  const taking = at.chooser.takeFiles([slow, other], "photo");
  await at.chooser.takeFiles([late], "photo");
  reading.resolve();
  await taking;
  assert.equal(at.session.photo.name, "late.jpg");
  assert.ok(!at.told.some((said) => [text.onePhoto("painted.png"), text.onePhoto("slow.jpg")].includes(said)), String(at.told));
});

test("the first sample is not hung beside a painting that was brought until it is here", async (context) => {
  const gates = { "style-cafe-terrace.jpg": deferred() };
  serve(context, { gates });
  const at = page();
  const samples = at.chooser.takeFirstSamples();
  await at.chooser.takeFiles([file("mine.jpg")], "painting");
  gates["style-cafe-terrace.jpg"].resolve();
  await samples;
  assert.deepEqual(at.names(), ["mine.jpg"]);
});

test("Paint that is pressed before anything is hung waits for the first samples, also where a link came with the start", async (context) => {
  const first = ["style-cafe-terrace.jpg"].map(sampleName);
  for (const begin of [(at) => at.chooser.takeFirstSamples(), (at) => at.chooser.openLink(`#easel=1&painting=${SUMMERTIME}`, known)]) {
    const gates = { "style-cafe-terrace.jpg": deferred() };
    serve(context, { gates });
    const at = page({ photo: false });
    Object.defineProperty(at, "paintings", { get: () => at.hung.all });
    const finding = deferred();
    at.session.expect(finding.promise).then(() => begin(at)); // as the page does it
    const mine = file("mine.jpg");
    await at.chooser.takeFiles([mine], "photo");
    const run = at.session.paint();
    await at.settle();
    finding.resolve();
    await at.settle();
    assert.equal(at.jobs.length, 0, "they are waited for");
    gates["style-cafe-terrace.jpg"].resolve();
    await at.settle();
    assert.deepEqual([at.jobs[0]?.options.content, at.names()], [mine, first]);
    at.jobs[0].step(1);
    at.jobs[0].end(blob());
    await run;
    context.mock.restoreAll();
  }
});

test("beside a run a link is for later, and nothing of it is put in place", async () => {
  const at = page();
  await at.begin();
  await at.chooser.openLink(`#easel=1&painting=${SUMMERTIME}`, known);
  assert.deepEqual([at.asked.map(({ sentence }) => sentence), at.names()], [[text.linkLater], []]);
});

test("an own painting makes the page's own give way, but not one that was chosen later", async (context) => {
  serve(context);
  for (const later of [false, true]) {
    const at = page();
    at.hung.all = [{ name: sampleName(CAFE), blob: blob(), weight: 1, mask: null }];
    const [mine, reading] = [file("mine.jpg"), deferred()];
    at.reading.set(mine, reading.promise);
    const taking = at.chooser.takeFiles([mine], "painting");
    if (later) await tile(at, POPPIES);
    reading.resolve();
    await taking;
    assert.deepEqual(at.names(), later ? [sampleName(POPPIES), "mine.jpg"] : ["mine.jpg"]);
  }
});

test("a file that is no picture takes none of the others along, and is said", async () => {
  const at = page();
  const [one, broken, worse, two] = ["1.jpg", "broken.jpg", "worse.jpg", "2.jpg"].map(file);
  for (const bad of [broken, worse]) at.reading.set(bad, failed(new Error(`${bad.name} is no picture.`)));
  await at.chooser.takeFiles([one, broken, worse, two], "painting");
  assert.deepEqual([at.names(), at.failed], [["1.jpg", "2.jpg"], ["broken.jpg is no picture."]]);
});

test("what cannot even be read, a folder say, is said in the page's own words", async () => {
  const at = page();
  const reading = failed(new DOMException("A requested file could not be found.", "NotFoundError"));
  const folder = Object.assign(file("holidays"), { arrayBuffer: () => reading });
  at.reading.set(folder, reading);
  for (const role of ["photo", "painting"]) await at.chooser.takeFiles([folder], role);
  assert.deepEqual(at.failed, [text.unreadable("holidays"), text.unreadable("holidays")]);
});

test("a file that changes or goes once it was chosen is painted from, and kept, as it was chosen", async () => {
  const at = page();
  const mine = file("mine.jpg");
  const content = await mine.arrayBuffer();
  mine.arrayBuffer = async () => content;
  for (const role of ["photo", "painting"]) await at.chooser.takeFiles([mine], role);
  const painted = Object.assign(file("painted.png"), { arrayBuffer: mine.arrayBuffer });
  at.carried.set(painted, { config: { preset: "bold" } });
  await at.chooser.takeFiles([painted], "painting"); // and asked about
  for (const gone of [mine, painted]) gone.arrayBuffer = () => failed(new DOMException("The file changed.", "NotReadableError"));
  await at.asked.at(-1).actions[text.useAsPainting]();
  assert.deepEqual([at.names(), at.failed], [["mine.jpg", "painted.png"], []]);
  for (const { blob } of [at.session.photo, ...at.hung.all]) assert.equal(await new Response(await blob.arrayBuffer()).text(), "photo");
  const long = Object.assign(file("long.jpg"), { arrayBuffer: () => failed(new Error("read")) });
  Object.defineProperty(long, "size", { value: 2 ** 30 });
  await at.chooser.takeFiles([long], "photo"); // such a one is refused by its length
  assert.equal(at.session.photo.blob, long);
});

test("a file that is refused by its length is not read whole afterwards either, and that is what is said", async () => {
  const at = page();
  let reads = 0;
  const arrayBuffer = () => failed(new DOMException("The file could not be read.", `NotReadableError ${++reads}`)); // browsers do not read 3 GB at once
  const film = Object.assign(file("film.mov"), { arrayBuffer });
  Object.defineProperty(film, "size", { value: 3e9 });
  at.reading.set(film, failed(new Error("“film.mov” is larger than 50 MB.")));
  for (const role of ["photo", "painting"]) await at.chooser.takeFiles([film], role);
  assert.deepEqual([at.failed, reads], [["“film.mov” is larger than 50 MB.", "“film.mov” is larger than 50 MB."], 0]);
});

test("of several paintings none is asked about; one alone with settings inside is", async () => {
  const at = page();
  const files = ["1.png", "2.png"].map(file);
  for (const one of files) at.carried.set(one, { config: { preset: "bold", size: 64, iterations: 3 } });
  await at.chooser.takeFiles(files, "painting");
  assert.deepEqual([at.names(), at.asked.length], [["1.png", "2.png"], 0]);
  await at.chooser.takeFiles(files.slice(0, 1), "painting");
  assert.equal(at.asked.length, 1);
});

test("a first sample that cannot be had is offered to be tried again, in place of nothing else that is asked", async (context) => {
  serve(context, { missing: ["photo-chelsea.jpg"] });
  for (const asks of [true, false]) {
    const at = page({ photo: false });
    at.notice.asks = asks;
    await at.chooser.takeFirstSamples();
    assert.deepEqual(at.asked.map(({ sentence }) => sentence), asks ? [] : [text.needPhoto]);
    assert.deepEqual(at.failed, [text.sampleMissing("photo-chelsea.jpg", 404)]);
  }
});

test("that a sample cannot be fetched without a connection is said in the page's own words, also where that breaks off", async (context) => {
  const late = () => new Response(new ReadableStream({ pull: (body) => body.error(new TypeError("network error")) }));
  for (const answer of [() => failed(new TypeError("Failed to fetch")), late]) {
    context.mock.method(globalThis, "fetch", async () => answer());
    const at = page();
    await tile(at, POPPIES);
    await at.chooser.takeSamplePhoto(() => sample("photo-coffee.jpg"), "a cup of coffee");
    const said = [POPPIES, "photo-coffee.jpg"].map((file) => text.sampleMissing(file, 0));
    assert.deepEqual([at.failed, at.names()], [said, []]);
    assert.ok(!said[0].includes("HTTP"));
    context.mock.restoreAll();
  }
});

test("a link that comes to nothing leaves no empty page behind", async (context) => {
  serve(context, { missing: [SUMMERTIME] });
  for (const [fragment, failed] of /** @type {[string, string[]][]} */ ([
    ["#easel=1&painting=a%0Ab", []],
    [`#easel=1&painting=${SUMMERTIME}`, [text.sampleMissing(SUMMERTIME, 404)]],
  ])) {
    const at = page();
    await at.chooser.openLink(fragment, known);
    assert.deepEqual([at.names(), at.failed], [[sampleName("style-cafe-terrace.jpg")], failed], fragment);
  }
});

test("what is chosen while a link waits for the program is not replaced by the link's", async (context) => {
  serve(context);
  const at = page();
  const program = deferred();
  const opening = at.chooser.openLink(`#easel=1&painting=${SUMMERTIME}`, () => program.promise);
  await tile(at, POPPIES);
  program.resolve();
  await opening;
  assert.deepEqual(at.names(), [sampleName(POPPIES)]);
});

test("a painting added while a link waits for the program joins the link's", async (context) => {
  serve(context);
  const at = page();
  const program = deferred();
  const opening = at.chooser.openLink(`#easel=1&painting=${SUMMERTIME}`, () => program.promise);
  const adding = at.chooser.toggle({ name: sampleName(SNOW), file: SNOW });
  await at.settle();
  program.resolve();
  await Promise.all([opening, adding]);
  assert.deepEqual(at.names(), [sampleName(SUMMERTIME), sampleName(SNOW)]);
});

test("a painting added and an own one join, whichever was chosen and whichever is here first", async (context) => {
  for (const first of ["own", "other"]) {
    for (const late of ["own", "other"]) {
      const gates = { own: deferred(), other: deferred() };
      serve(context, { gates: { [SNOW]: gates.other } });
      const at = page();
      at.hung.add(blob(), sampleName(CAFE));
      const own = file("mine.jpg");
      at.reading.set(own, gates.own.promise);
      const presses = [() => at.chooser.takeFiles([own], "painting"), () => at.chooser.toggle({ name: sampleName(SNOW), file: SNOW })];
      for (const press of first === "own" ? presses : presses.reverse()) press();
      for (const name of late === "own" ? ["other", "own"] : ["own", "other"]) {
        gates[name].resolve();
        await at.settle();
      }
      assert.deepEqual(at.names().sort(), [sampleName(CAFE), sampleName(SNOW), "mine.jpg"].sort(), `${first} first, ${late} late`);
      context.mock.restoreAll();
    }
  }
});

test("what is taken out of a mix while another is on its way is not added to that", async (context) => {
  const gates = { [SNOW]: deferred() };
  serve(context, { gates });
  const at = page();
  for (const name of [CAFE, POPPIES]) at.hung.add(blob(name), sampleName(name));
  tile(at, SNOW);
  const leaving = at.chooser.toggle({ name: sampleName(POPPIES), file: POPPIES });
  gates[SNOW].resolve();
  await leaving;
  assert.deepEqual(at.names(), [sampleName(SNOW)]);
});

test("a painting added while others are on their way joins them, and stays when a file comes later", async (context) => {
  const gates = { [POPPIES]: deferred() };
  serve(context, { gates });
  const at = page();
  tile(at, POPPIES);
  const adding = at.chooser.toggle({ name: sampleName(SNOW), file: SNOW });
  gates[POPPIES].resolve();
  await adding;
  assert.deepEqual(at.names(), [sampleName(POPPIES), sampleName(SNOW)]);

  const own = file("mine.jpg");
  const read = deferred();
  at.reading.set(own, read.promise);
  const taking = at.chooser.takeFiles([own], "painting");
  await at.chooser.toggle({ name: sampleName(CAFE), file: CAFE });
  read.resolve();
  await taking;
  assert.deepEqual(at.names(), [sampleName(POPPIES), sampleName(SNOW), sampleName(CAFE), "mine.jpg"]);
});
