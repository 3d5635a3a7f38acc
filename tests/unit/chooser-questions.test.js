// What is asked about a photo that the visitor brings while a run is prepared, and how long.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Notice } from "../../www/page/stage/notice.js";
import { text } from "../../www/page/text/index.js";
import { file, page } from "./chooser-page.js";
import { FakeElement, fakePage } from "./fake-page.js";
import { deferred, left } from "./session-studio.js";

fakePage();

/** A page with its notice, whose sentence is `asks()`; `press` presses one of its buttons. */
function asking() {
  const at = page();
  const place = new FakeElement();
  const notice = new Notice(/** @type {any} */ (place), /** @type {any} */ (new FakeElement()));
  at.notice.show = (...what) => notice.show(.../** @type {[any, any]} */ (what));
  at.notice.hide = (sentence) => notice.hide(sentence);
  // As page and stage do it.
  at.session.addEventListener("state", ({ detail: { event } }) => {
    if (["paint", "goOn"].includes(event)) notice.prepare();
    if (["refuse", "drop"].includes(event)) notice.refuse();
  });
  at.session.addEventListener("begun", () => notice.begin());
  at.asks = () => place.children[0]?.textContent ?? "";
  at.press = (label) => place.querySelectorAll("button").find(({ textContent }) => textContent === label).onclick();
  at.prepared = deferred();
  at.opening = at.prepared.promise;
  return at;
}

test("what is asked while a picture that is painted again is prepared is asked still once it is begun, but not once it was answered", async () => {
  for (const answered of [false, true]) {
    const at = asking();
    at.session.again(left());
    await at.chooser.takeFiles([file("mine.jpg")], "photo");
    assert.equal(at.asks(), text.photoMeanwhile("mine.jpg"));
    if (answered) at.press(text.keepPainting);
    at.prepared.resolve();
    await at.settle();
    assert.deepEqual([at.asks(), at.jobs.length], [answered ? "" : text.photoMeanwhile("mine.jpg"), 1]);
  }
});

test("it goes with a picture that is not painted again after all", async () => {
  for (const end of /** @type {((at: any) => void)[]} */ ([(at) => at.session.stop(), (at) => at.prepared.reject(new Error("No device."))])) {
    const at = asking();
    const result = left();
    await at.session.show(result);
    at.session.again(result).catch(() => {});
    await at.chooser.takeFiles([file("mine.jpg")], "photo");
    end(at);
    await at.settle();
    assert.deepEqual([at.session.state, at.asks()], ["finished", ""]);
  }
});

test("a photo that was chosen before Go on, and gives way to the run's own, is not asked about any more", async () => {
  const at = asking();
  at.prepared.resolve();
  await at.begin();
  at.session.stop();
  await at.run;
  const [own, mine, theirs] = [file("own.jpg"), deferred(), deferred()];
  at.reading.set(own, mine.promise);
  at.reading.set(at.session.photo.blob, theirs.promise);
  at.chooser.takeFiles([own], "photo");
  at.session.goOn();
  await at.settle();
  mine.resolve();
  await at.settle();
  theirs.resolve();
  await at.settle();
  assert.deepEqual([at.session.photo.name, at.asks()], ["cat.jpg", ""]);
});
