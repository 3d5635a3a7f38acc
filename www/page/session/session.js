// The page's one owner of its state: what is chosen, what is being painted, and what can be done about it.
//
// It knows no element of the page. What it has to wait for it is given (`Ports`); what it only says it fires as an
// event. So its whole behaviour is tested in milliseconds without a browser, see tests/unit/session.test.js.

import { Arrivals } from "./arrivals.js";
import { Choice } from "./choice.js";
import { inputsOf, ownOf } from "./inputs.js";
import { Looking } from "./looking.js";
import { Machine, RUNNING } from "./machine.js";
import { passOn } from "./reports.js";
import { Run } from "./run.js";

/** A run that got nowhere this often after a reload is not taken up again without asking. */
const MOST_RESUMES = 2;

/** @import { Inputs, Left, Photo, Ports, Result, Storage } from "./ports.js" */

/**
 * Fires, each with the object named here as `detail`:
 * - `state` `{ state, before, event }`; `photo`, the chosen photo;
 * - `begun`: a run has all it needs, and what was painted before is no longer what is seen; `progress`, `recovered`: what the job says;
 * - `continuing`: a run a page before left behind goes on; `startedOver`: its state was of no use;
 * - `left` `{ often, stopped }`: a run goes on if asked to, as it got nowhere too `often`, or was `stopped` and its picture is not seen any more;
 * - `stopped` `{ discarded, begun }`: the run ended with nothing to show; unless it had begun, what is seen is what was;
 * - `failed` `{ error, left }`: it ended with an error; `left`, if anything, can go on;
 * - `unkept` `"picture" | "full" | "state" | "other tab" | null`: what could not be kept (`full`: a picture, for want of room;
 *   null: the state is again); `notNow`: a setting was changed that counts from the next run on.
 */
export class Session extends EventTarget {
  #machine = new Machine((change) => this.#fire("state", change));
  /** @type {Choice<Photo>} */
  #photo = new Choice();
  #arrivals = new Arrivals();
  #looking = new Looking();
  #opened = 0; // the ticket of the kept picture asked for last
  /** @type {Run | null} */
  #run = null;
  #current = Promise.resolve(); // settled when there is no run, or the one under way is over
  /** @type {Left | null} */
  #left = null;
  /** @type {import("./machine.js").State} Where a run that never begins leads back to. */
  #rest = "idle";
  #ports;
  /** @type {Storage | null} */
  #storage = null;

  /** @param {Ports} ports */
  constructor(ports) {
    super();
    this.#ports = ports;
  }

  /** Where to keep things, once that is known. @param {Storage} storage */
  keepIn(storage) {
    this.#storage = storage;
  }

  get state() {
    return this.#machine.state;
  }

  /** Whether a run is under way, from the press of Paint until its picture is kept. */
  get running() {
    return RUNNING.includes(this.state);
  }

  /** Resolves when there is no run, or the one under way is over and what it came to is kept. */
  get over() {
    return this.#current;
  }

  /** Whether something may happen now, by the names of `TRANSITIONS`. */
  can(event) {
    return this.#machine.can(event);
  }

  get photo() {
    return this.#photo.value;
  }

  /** The photo of the run under way; null when there is none, or it is to be of whatever is chosen until it begins. */
  get subject() {
    return this.#run?.photo ?? null;
  }

  /** Whether what is seen, or about to be, is no chosen photo: a run, or a picture. */
  get occupied() {
    return this.subject !== null || this.state === "finished" || this.#looking.coming;
  }

  /** Whether a run is under way that does not know this painting. */
  lacks(blob) {
    return Boolean(this.#run?.paintings) && !this.#run.paintings.some((painting) => painting.blob === blob);
  }

  // ---- what is chosen

  /** A ticket for a photo chosen now: `takePhoto` goes by it. */
  choosePhoto() {
    return this.#photo.draw();
  }

  /**
   * Takes a photo that was read, unless one chosen later is there.
   * @param {Photo} photo
   * @param {number} [ticket] none for one that yields to whatever the visitor chooses or looks at; one chosen before a kept picture was opened is
   *   put in place beside that
   * @returns {boolean} whether it was taken
   */
  takePhoto(photo, ticket = Choice.DEFAULT) {
    if (!this.#photo.take(ticket, photo)) return false;
    if (ticket > this.#opened || !this.occupied || !this.#machine.resting) {
      this.#looking.away();
      if (!this.subject) this.#forget({ other: true });
      this.leave();
    }
    this.#fire("photo", photo);
    return true;
  }

  /** Whether a photo chosen with this ticket would be taken. */
  awaits = (ticket) => this.#photo.stands(ticket);

  /** Something is on its way in, and never rejects: a run that is started meanwhile begins afterwards, as long as it is wanted. */
  expect = (coming, wanted = () => true) => this.#arrivals.add(coming, wanted);

  /** A point in time, as `leave` takes it. */
  get now() {
    return this.#photo.drawn;
  }

  /**
   * What was painted is no longer what is seen.
   * @param {number} [at] when what takes its place was chosen: before a kept picture was opened, then it is put in place beside that
   */
  leave(at = Infinity) {
    if (at >= this.#opened && this.#machine.send("leave")) this.#forget();
  }

  /** Nor shall be seen what is about to be. @param {number} [at] as of `leave` */
  lookAway(at = Infinity) {
    if (at >= this.#opened) this.#looking.away();
  }

  /**
   * Shows a picture that was kept; the last one asked for, whichever is read first.
   * @param {Result | Promise<Result | null>} result null where it is not wanted any more
   * @returns as of `Looking.at`
   */
  show(result) {
    const may = () => this.can("show");
    if (may()) this.#opened = this.#photo.draw();
    const seen = () => this.#machine.send("show") && this.#forget();
    return this.#looking.at(result, (known, wanted) => this.#ports.view.show(known, wanted), { may, seen });
  }

  // ---- a run

  /** Paints what is chosen. Throws a sentence when that cannot be. */
  paint() {
    return this.#prepare("paint", {});
  }

  /** Paints a kept picture again. @param {Result} result */
  again(result) {
    return this.#prepare("paint", { inputs: result });
  }

  /**
   * Goes on with a finished picture at a larger size, where the scales before it are done.
   * @param {Result} result
   * @param {number} size long side, in pixels
   */
  larger(result, size) {
    const recipe = { ...result.recipe, config: { ...result.recipe.config, size } };
    return this.#prepare("paint", { underpainting: result.picture, inputs: { ...result, recipe } });
  }

  /** Ends the run under way with what it has come to, and paints what is chosen now. */
  paintInstead() {
    this.stop();
    return this.paint();
  }

  /** Goes on with the run that did not get to its end. */
  async goOn() {
    if (this.#left) await this.#prepare("paint", { left: this.#left, inputs: this.#left });
  }

  /**
   * Goes on with the run a page before left behind, or has that offered when it got nowhere too often. What else was about to be painted
   * when it was found gives way to it; a run that has begun does not, and what was found is left alone.
   * @param {Left} found
   * @returns {Promise<boolean>} whether it went on
   */
  async takeUp(found) {
    if (this.#run?.recipe) return false;
    if (this.running) {
      this.stop();
      await this.#current;
    }
    if (!this.#machine.send("takeUp")) return this.#offer(found);
    let live;
    try {
      await this.#ports.open(); // which settings there are is known only then
      live = await this.#ports.panel.restore(found, { yields: true });
    } catch (error) {
      if (error.code !== "useless") this.#offer(found, { error }); // another time it may do
      else await this.#storage?.unfinished.end();
      this.#machine.send("fail");
      throw error;
    }
    const left = { ...found, resumed: found.resumed + 1 };
    if (found.resumed >= MOST_RESUMES) return this.#offer(left, { often: true });
    const performance = this.#prepare("goOn", { left, live });
    this.#fire("continuing");
    return performance.then(() => true);
  }

  pause() {
    if (this.#machine.send("pause")) this.#run.pause();
  }

  resume() {
    if (this.#machine.send("resume", this.#run?.iteration > 0 ? "painting" : "preparing")) this.#run.resume();
  }

  /** Ends the run with what it has come to; it can go on from there. */
  stop() {
    if (this.#machine.send("stop")) this.#run.cancel({ keep: !this.#run.discarded });
  }

  /** Keeps nothing of the run under way, or of the one that could go on. */
  async discard() {
    if (this.can("stop")) {
      this.#run.discarded = true;
      this.stop();
    } else if (this.#left && !this.#left.stopped && !this.running) {
      this.#left = null;
      await this.#storage?.unfinished.end();
      this.#fire("stopped", { discarded: true, begun: true });
    }
  }

  /**
   * Lets the run take over what was changed on the page, as far as it can. Throws a sentence when it cannot be.
   * @param {{ quiet?: boolean }} [how] whether nobody need hear that there is nothing it can take over
   */
  async change({ quiet = false } = {}) {
    const run = this.#run;
    if (!run?.recipe || !this.can("stop")) return;
    const { recipe, live, paintings } = this.#ports.panel.read();
    const changes = run.changes(recipe, live, paintings);
    if (!changes && !quiet) this.#fire("notNow");
    if (!changes || !run.job) return; // one that is about to start is told then
    try {
      await run.change(changes, recipe.strength);
    } catch (error) {
      if (run === this.#run && this.can("stop")) throw error; // one that is over need not be changed
    } finally {
      // Of several changes one may be refused, and others made.
      if (run === this.#run) await this.#storage?.unfinished.change(run.recipe);
    }
  }

  // ---- how a run goes

  /**
   * Waits for the device and for what is on its way in, and lets the run begin; after the picture that is being kept, if one is.
   * @param {"paint" | "goOn"} event
   * @param {{ left?: Left | null, inputs?: Inputs | null, underpainting?: Blob | null, live?: Record<string, any> }} how what to go on with, or to
   *   make larger; `inputs` are those of an earlier run, which it has whatever is chosen from here on; `live` are its settings that can change
   *   on the way, where they are in place
   */
  #prepare(event, how, waited = false) {
    if (this.state === "concluding" && !waited) return this.#current.then(() => this.#prepare(event, how, true));
    const rest = this.#machine.resting ? this.state : "idle";
    if (!this.#machine.send(event)) return Promise.resolve();
    this.#rest = rest;
    const run = (this.#run = Object.assign(new Run(), ownOf(how.inputs ?? how.left)));
    const performance = this.#begin(run, how);
    this.#current = performance.catch(() => {}); // whoever pressed the button hears of it
    return performance;
  }

  async #begin(run, { left = null, inputs = null, underpainting = left?.underpainting ?? null, live = null }) {
    let stylizer;
    try {
      const ready = run.ready(this.#ports.open(), left?.checkpoint); // which settings there are is known only then
      const restoring = inputs && this.#ports.panel.restore(inputs, { after: ready, wanted: () => !run.cancelled });
      restoring?.catch(() => {}); // it is heard of below, unless the run is stopped before
      stylizer = await ready;
      live = (await run.until(restoring)) ?? live;
      await run.until(this.#arrivals.over());
      run.take({ ...inputsOf({ left, again: inputs, live, photo: this.photo, panel: this.#ports.panel }), underpainting, spent: left?.stopped?.seconds });
    } catch (error) {
      this.#run = null;
      this.#left = left ?? this.#left; // to be tried again
      if (!this.#machine.send("refuse", this.#rest)) this.#machine.send("drop", this.#rest);
      if (left && run.discarded) return this.discard();
      if (run.cancelled) this.#fire("stopped", { discarded: run.discarded, begun: false });
      if (left) this.#offer(left, { error });
      if (run.cancelled) return;
      throw error;
    }
    await this.#perform(run, stylizer, left);
  }

  /** @param {Left | null} left what is gone on with: what was kept of it stays until there is something newer */
  async #perform(run, stylizer, left) {
    this.#run = run;
    this.#left = null;
    try {
      const picture = await this.#outcome(run, stylizer, left);
      if (picture) await this.#conclude(run, picture);
      else await this.#drop(run, left);
    } catch (error) {
      const useless = left?.checkpoint && run.iteration === 0 && error.code === "checkpoint"; // else it may do the next time
      if (useless && this.#machine.send("startOver")) await this.#startOver(run, stylizer, left);
      else await this.#fail(run, error, left);
    } finally {
      if (this.#run === run) this.#run = null;
    }
  }

  /** The picture a run comes to, or came to when it was stopped; null when that is none. */
  async #outcome(run, stylizer, left) {
    try {
      this.#fire("begun");
      await run.until(this.#ports.view.begin(run, { fresh: left === null }));
      const job = run.start(stylizer);
      passOn(job, { run, left, unfinished: this.#storage?.unfinished, machine: this.#machine, say: (type, detail) => this.#fire(type, detail) });
      this.change({ quiet: true }).catch(() => {}); // what was moved while it was prepared; what cannot be stays as it is
      const { blob } = await run.until(job.finished);
      this.#machine.send("end");
      return { blob };
    } catch (error) {
      if (!run.cancelled) throw error;
      return run.discarded || run.iteration === 0 ? null : this.#ports.view.picture(run);
    }
  }

  /** The run is over: its picture can be taken away, and is kept. One that was stopped can go on. */
  async #conclude(run, picture) {
    const result = run.result(picture);
    if (run.cancelled) this.#left = run.stoppedAt;
    await this.#ports.view.painted(result, { stopped: run.cancelled });
    await this.#storage?.keep(result).catch(({ name }) => this.#fire("unkept", name === "QuotaExceededError" ? "full" : "picture"));
    await this.#storage?.unfinished.end();
    this.#machine.send("keep");
  }

  /** There is no picture. What the run went on from is kept, unless nothing of it shall be. */
  async #drop(run, left) {
    const remains = run.discarded || !left ? null : run.remains(left);
    if (!remains) await this.#storage?.unfinished.end();
    this.#machine.send("drop", remains ? "failed" : "idle");
    this.#fire("stopped", { discarded: run.discarded, begun: true });
    if (remains) this.#offer(remains);
  }

  /** Has the visitor asked whether to go on; what was found good enough is offered beside its picture. Always false: it has not gone on. */
  #offer(left, { often = false, error = null } = {}) {
    this.#left = left;
    this.#machine.send("offer");
    const beside = left.stopped && !left.apart;
    if (!beside && error?.code !== "version") this.#fire("left", { often, stopped: Boolean(left.stopped) }); // or the page loaded again takes it up
    return false;
  }

  /** The saved state was of no use. */
  async #startOver(run, stylizer, left) {
    this.#fire("startedOver");
    const again = new Run();
    again.take(run);
    await this.#perform(again, stylizer, { ...left, checkpoint: null });
  }

  /** What there is of a picture is not lost: where the run can go on it may. */
  async #fail(run, error, left) {
    this.#left = run.remains(left);
    if (run.iteration > 0) await this.#storage?.unfinished.flush();
    else if (!left) await this.#storage?.unfinished.end();
    this.#machine.send("fail");
    this.#fire("failed", { error, left: this.#left });
  }

  /** What was seen is not seen any more. What was found good enough is offered apart from it; another photo, and nobody asks for it. */
  #forget({ other = false } = {}) {
    this.#rest = "idle";
    if (!this.#left?.stopped || this.#left.apart) return;
    if (other) this.#left = null;
    else this.#offer({ ...this.#left, apart: true });
  }

  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
