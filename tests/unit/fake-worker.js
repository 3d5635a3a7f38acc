// A worker for the tests: it says what the test has it say, and keeps what it is told.

import { VERSION } from "../../www/engine/version.js";

/** Every worker made, the newest last. */
export const workers = [];

/** Stands for `Worker`; speaks the language of www/engine/worker.js. */
export class FakeWorker {
  told = [];
  ended = false;
  /** Set to have a worker hear nothing any more, as in an endless loop. */
  hangs = false;
  /** What a new worker answers to requests, by type, and the version it is of. */
  static answers = {};
  static version = VERSION;

  constructor() {
    workers.push(this);
    queueMicrotask(() => this.say({ type: "alive", lock: null, version: FakeWorker.version }));
  }
  postMessage(message) {
    this.told.push(message);
    queueMicrotask(() => this.hear(message));
  }
  hear({ type, request, ...rest }) {
    if (this.hangs || this.ended) return;
    this.say({ type: "heard" });
    if (!request) return;
    try {
      this.say({ request, value: FakeWorker.answers[type]?.(rest) ?? null });
    } catch (error) {
      this.say({ request, error: error.message });
    }
  }
  /** Says something to the page, unless it cannot. */
  say(data) {
    if (!this.ended && !this.hangs) this.onmessage({ data });
  }
  terminate() {
    this.ended = true;
  }
  /** The messages of a type. */
  of(type) {
    return this.told.filter((message) => message.type === type);
  }
}

globalThis.Worker = FakeWorker;
globalThis.ImageBitmap ??= class ImageBitmap {};
globalThis.ImageData ??= class ImageData {};

/** Lets promises settle. */
export const settle = async () => {
  for (let i = 0; i < 50; i++) await null;
};
