// A session in a studio of stand-ins: what its tests share.
import { Session } from "../../www/page/session/session.js";

export const blob = (content = "picture") => new Blob([content]);
export const turn = () => new Promise((resolve) => setImmediate(resolve));
export const deferred = () => {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};

/** A job as the engine's: it does what the test says. */
class FakeJob extends EventTarget {
  calls = [];
  updates = [];
  /** What `update` waits for. */
  taking = Promise.resolve();
  constructor(options) {
    super();
    this.options = options;
    this.finished = new Promise((resolve, reject) => Object.assign(this, { end: (picture) => resolve({ blob: picture }), fail: reject }));
    this.finished.catch(() => {});
  }
  say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
  step(iteration, more = {}) {
    this.say("progress", { iteration, iterations: 20, ...more });
  }
  pause() {
    this.calls.push("pause");
  }
  resume() {
    this.calls.push("resume");
  }
  cancel() {
    this.calls.push("cancel");
    this.fail(new DOMException("The job was cancelled.", "AbortError"));
  }
  /** Answers with a checkpoint, as after the step under way; null where there is none to be had. */
  async checkpoint() {
    this.calls.push("checkpoint");
    const detail = await this.standing;
    if (detail) this.say("checkpoint", detail);
    return detail ?? null;
  }
  async update(changes) {
    this.updates.push(changes);
    await this.taking;
  }
}

/** A session among fakes: `jobs` are those started, `said` what it fired, `done` what it did to page and storage. */
export function studio({ photo = true, stored = true } = {}) {
  const at = { jobs: [], said: [], done: [], opening: Promise.resolve(), restoring: Promise.resolve(), snapshot: blob("so far") };
  at.settings = { config: { preset: "classic", size: 32, iterations: 20 }, strength: 0 };
  at.live = { styleWeight: 1 };
  at.paintings = [{ blob: blob("painting"), name: "mine.jpg", weight: 1, mask: null }];
  const stylizer = { start: (options) => at.jobs[at.jobs.push(new FakeJob(options)) - 1] };
  const note = (...what) => at.done.push(what.join(" "));
  const ports = {
    open: () => at.opening.then(() => stylizer),
    panel: {
      read() {
        if (at.unreadable) throw new Error(at.unreadable);
        return { recipe: at.settings, live: at.live, paintings: at.paintings };
      },
      async restore(inputs, how) {
        const restored = at.restored?.(inputs, how); // what it draws it draws at once
        restored?.catch?.(() => {});
        await how?.after;
        note("restore", inputs.recipe.config.size);
        await at.restoring;
        return (await restored) ?? at.live;
      },
    },
    view: {
      begin: async (run, { fresh }) => note("begin", fresh ? "fresh" : "on"),
      picture: async () => ({ blob: await at.snapshot, enlarged: at.enlarged }),
      async painted({ iteration }, { stopped }) {
        if (at.unshowable) throw new Error(at.unshowable);
        note("painted", iteration, stopped ? "stopped" : "whole");
      },
      show: async ({ name, reading }, wanted) => {
        await reading;
        if (wanted()) note("show", name);
      },
    },
  };
  at.session = new Session(ports);
  for (const type of ["state", "photo", "begun", "progress", "recovered", "continuing", "left", "startedOver", "stopped", "failed", "unkept", "notNow"]) {
    at.session.addEventListener(type, ({ detail }) => at.said.push({ type, detail }));
  }
  at.kept = [];
  at.unfinished = {
    record: null,
    outcome: "kept",
    room: true,
    async begin(record, { fresh }) {
      this.record = record;
      note("unfinished begins", fresh ? "fresh" : "on");
      return this.outcome;
    },
    async change(recipe) {
      this.record = { ...this.record, recipe };
    },
    async checkpoint(_blob, _iteration, { now } = { now: false }) {
      note("checkpoint", now ? "now" : "by and by");
      return this.room;
    },
    async flush() {
      note("flush");
    },
    async end() {
      this.record = null;
      note("unfinished ends");
    },
  };
  const keep = async (result) => {
    at.kept.push(result);
    await at.keeping;
  };
  if (stored) at.session.keepIn({ unfinished: at.unfinished, keep });
  if (photo) at.session.takePhoto({ blob: blob("photo"), name: "cat.jpg", width: 3, height: 2 }, at.session.choosePhoto());
  at.types = () => at.said.map(({ type }) => type);
  at.last = (type) => at.said.findLast((event) => event.type === type)?.detail;
  at.states = () => at.said.filter(({ type }) => type === "state").map(({ detail }) => detail.state);
  /** A run that has done some steps. */
  at.begin = async (iteration = 3) => {
    at.run = at.session.paint();
    await turn();
    at.job = at.jobs.at(-1);
    if (iteration > 0) at.job.step(iteration);
  };
  return at;
}

export const left = (more = {}) => ({
  photo: { blob: blob("left photo"), name: "left.jpg" },
  paintings: [{ blob: blob("painting"), name: "mine.jpg", weight: 1 }],
  recipe: { config: { preset: "classic", size: 64, iterations: 20 }, strength: 0.5 },
  checkpoint: blob("checkpoint"),
  resumed: 0,
  ...more,
});
