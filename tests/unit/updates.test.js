// When a new version is asked for, and offered again after it was put off.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeElement, fakePage } from "./fake-page.js";
import { turn } from "./session-studio.js";

const HOUR = 3_600_000;

test("a clock that is set back holds up neither the question for a new version nor one that was put off", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 1000 * HOUR;
  t.mock.method(Date, "now", () => now);
  fakePage();
  const page = Object.assign(new EventTarget(), globalThis.document, { visibilityState: "visible", readyState: "complete", body: new FakeElement() });
  let asked = 0;
  const registration = Object.assign(new EventTarget(), { active: { postMessage() {} }, waiting: {}, installing: null, update: async () => void (asked += 1) });
  const serviceWorker = Object.assign(new EventTarget(), { controller: {}, register: async () => registration, ready: Promise.resolve(registration) });
  Object.assign(globalThis, { document: page });
  Object.defineProperty(globalThis, "navigator", { value: { serviceWorker }, configurable: true });
  await import("../../www/page/offline/updates.js");
  await turn();
  const look = () => page.dispatchEvent(new Event("visibilitychange"));
  const offers = () => page.body.children.length;
  assert.equal(offers(), 1);
  page.body.children[0].querySelectorAll("button")[1].dispatchEvent(new Event("click"));
  look();
  assert.deepEqual([asked, offers()], [0, 0]);
  now -= 48 * HOUR;
  look();
  assert.deepEqual([asked, offers()], [1, 1]);
});
