// One run: a job, what it was started with, what was changed on the way, and how far it is.

import { fitToTravel } from "../pictures/recipe.js";

/**
 * @typedef {{ blob: Blob, name: string, width?: number, height?: number }} Photo width and height where it was read anew
 * @typedef {{ blob: Blob, name: string, weight: number, mask?: Blob | null }} Painting
 * @typedef {{ config: any, strength: number, weights?: number[], changed?: boolean, [more: string]: any }} Recipe
 * @typedef {{ photo: Photo, paintings: Painting[], recipe: Recipe, live: Record<string, any>, underpainting?: Blob | null,
 *   spent?: number }} Inputs what it takes to start a run; `live` are the settings that can be changed on the way, as they are now;
 *   `underpainting` is a finished picture that it is to make larger; `spent` are the seconds it took before
 */

/**
 * A job under way, from the press of Paint on: at first what it shall paint is still on its way.
 *
 * `photo`, `paintings` and `recipe` are what it takes to start it again. `recipe` follows the changes made during the
 * run and says so (`changed`).
 */
export class Run {
  #stopping = new AbortController();
  #begun = performance.now();
  #paused = false;
  /** What it was told to change and has not taken over yet, and what waits to be told: none of it can be relied on. */
  #told = {};
  #untold = null;
  #telling = null;
  /** @type {Photo} */
  photo;
  /** @type {Painting[]} */
  paintings;
  /** @type {Recipe} */
  recipe;
  live;
  /** @type {import("../../engine/stylizer.js").Job | null} */
  job = null;
  iteration = 0;
  /** How many there will be, over all scales; known after the first. */
  iterations = null;
  /** @type {Blob | null} A finished picture that it makes larger. */
  underpainting = null;
  /** @type {Blob | null} The newest state it could go on from. */
  checkpoint;
  /** Whether nothing of it shall be kept. */
  discarded = false;
  /** @type {Promise<Blob | null>} After it was ended to be kept: the state it stood at. */
  standing = Promise.resolve(null);

  /** @param {Blob | null} [checkpoint] what to go on from */
  constructor(checkpoint = null) {
    this.checkpoint = checkpoint;
  }

  /**
   * The device to paint on, once it is open and what to go on from is there.
   * @param {Promise<import("../../engine/stylizer.js").Stylizer>} opening
   * @param {Blob | null | Promise<Blob | null>} [checkpoint]
   */
  async ready(opening, checkpoint = null) {
    const stylizer = await this.until(opening);
    this.checkpoint = (await this.until(checkpoint)) ?? null;
    return stylizer;
  }

  /**
   * Says what to paint.
   * @param {Inputs} inputs
   */
  take({ photo, paintings, recipe, live, underpainting = null, spent = 0 }) {
    const weights = paintings.map(({ weight }) => weight);
    this.photo = photo;
    this.paintings = paintings;
    this.recipe = { ...recipe, weights };
    this.live = { ...live, weights };
    this.underpainting = underpainting;
    this.#begun = performance.now() - 1000 * spent;
  }

  /**
   * What a promise comes to, unless the run is cancelled before: then an AbortError.
   * @template T
   * @param {T | Promise<T>} promise
   * @returns {Promise<T>}
   */
  until(promise) {
    const { signal } = this.#stopping;
    return new Promise((resolve, reject) => {
      const stop = () => reject(new DOMException("The run was stopped.", "AbortError"));
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      Promise.resolve(promise).then(resolve, reject);
    });
  }

  /**
   * Starts the job on a device.
   * @param {import("../../engine/stylizer.js").Stylizer} stylizer
   */
  start(stylizer) {
    const styles = this.paintings.map(({ blob, weight, mask }) => ({ image: blob, weight, ...(mask && { mask }) }));
    const config = { ...this.recipe.config, previewEvery: 1 };
    // One scale more: those before it are done.
    if (this.underpainting) Object.assign(config, { init: this.underpainting, minSize: config.size });
    const resume = this.checkpoint ? { resume: this.checkpoint } : {};
    // A run taken up again goes on as it was when it ended, not as it was at its last checkpoint.
    if (this.checkpoint && this.recipe.changed) this.#untold = { changes: this.live, strength: this.recipe.strength };
    this.job = stylizer.start({ content: this.photo.blob, styles, config, ...resume });
    this.job.addEventListener("progress", ({ detail }) => ({ iteration: this.iteration, iterations: this.iterations } = detail));
    this.job.addEventListener("checkpoint", ({ detail }) => (this.checkpoint = detail.blob));
    if (this.#paused) this.job.pause();
    this.#tell().catch(() => {}); // whoever made the change waits for it
    return this.job;
  }

  pause() {
    this.#paused = true;
    this.job?.pause();
  }

  resume() {
    this.#paused = false;
    this.job?.resume();
  }

  /**
   * Ends it, for whoever waits at once.
   * @param {{ keep?: boolean }} [how] whether to have the state first that it stands at, once the step under way is done
   */
  cancel({ keep = false } = {}) {
    this.#stopping.abort();
    const { job } = this;
    if (!job) return;
    if (!keep || this.iteration === 0) {
      job.cancel();
      return;
    }
    const newest = () => this.checkpoint;
    this.standing = job.checkpoint().then(newest, newest);
    this.standing.then(() => job.cancel());
  }

  /** What it takes to start it again, for whoever keeps that. */
  get inputs() {
    const { photo, paintings, recipe, underpainting } = this;
    return { photo, paintings, recipe, underpainting };
  }

  /**
   * A picture it has come to, with all it takes to paint it again.
   * @param {{ blob: Blob, enlarged?: number }} picture `enlarged`: the long side it was painted at, if that was less than its own
   * @returns {import("./ports.js").Result}
   */
  result({ blob: picture, enlarged = 0 }) {
    const { photo, paintings, iteration, iterations, seconds } = this;
    const recipe = { ...fitToTravel(this.recipe, paintings), ...(enlarged && { enlarged }) };
    return { picture, photo, paintings, recipe, name: photo.name, seconds, iteration, iterations };
  }

  /** What can be gone on with where it was found good enough. @returns {import("./ports.js").Left} */
  get stoppedAt() {
    const { iteration, seconds } = this;
    return { ...this.inputs, checkpoint: this.standing, resumed: 0, stopped: { seconds, iteration } };
  }

  /**
   * What can be gone on with when it has come to no picture, if anything can: before its first step, what it went on from.
   * @param {import("./ports.js").Left | null} left
   * @returns {import("./ports.js").Left | null}
   */
  remains(left) {
    const checkpoint = this.cancelled ? this.standing : this.checkpoint;
    if (this.iteration > 0) return { ...this.inputs, checkpoint, resumed: 0 };
    return left && { ...left, stopped: undefined };
  }

  get cancelled() {
    return this.#stopping.signal.aborted;
  }

  get seconds() {
    return (performance.now() - this.#begun) / 1000;
  }

  /**
   * What this run can take over from the page, being other than it has it; null when there is nothing, or
   * when the page is set for another kind of run.
   * @param {Recipe} recipe the page's settings
   * @param {Record<string, any>} live those of them that can change
   * @param {Painting[]} paintings the page's; one of this run's that is gone weighs nothing
   */
  changes({ config }, live, paintings) {
    if (["preset", "size", "iterations"].some((name) => config[name] !== this.recipe.config[name])) return null;
    const same = ({ blob }) => paintings.find((painting) => painting.blob === blob);
    if (!this.paintings.some(same)) return null; // others were chosen: they wait for their own run
    const weights = this.paintings.map((painting) => same(painting)?.weight ?? 0);
    const expected = { ...this.live, ...this.#told, ...this.#untold?.changes };
    const other = ([name, value]) => JSON.stringify(value) !== JSON.stringify(expected[name]);
    const changed = Object.entries({ ...live, weights }).filter(other);
    return changed.length > 0 ? Object.fromEntries(changed) : null;
  }

  /**
   * Changes settings from the next step on. The first change is told at once; those made while the run has not taken it
   * over are told together then, so that a slider can be moved as fast as anyone likes. To be called once the job is there.
   * @param {Record<string, any>} changes live settings, and `weights` with one number per painting
   * @param {number} strength where the slider stands
   * @returns {Promise<void>} resolves when the run has taken it over; rejects with a sentence when it cannot
   */
  change(changes, strength) {
    this.#untold = { changes: { ...this.#untold?.changes, ...changes }, strength };
    return this.#tell();
  }

  #tell() {
    if (!this.#telling && !this.#untold) return Promise.resolve();
    this.#telling ??= this.#tellAll();
    return this.#telling;
  }

  async #tellAll() {
    let refused = null;
    while (this.#untold) {
      const { changes, strength } = this.#untold;
      this.#untold = null;
      this.#told = changes;
      try {
        await this.job.update(changes);
        const { weights, ...config } = changes;
        this.live = { ...this.live, ...changes };
        this.recipe = { ...this.recipe, config: { ...this.recipe.config, ...config }, strength, weights: weights ?? this.recipe.weights, changed: true };
      } catch (error) {
        const isOutdated = Object.keys(changes).every((name) => Object.hasOwn(this.#untold?.changes ?? {}, name));
        if (!isOutdated) refused = error; // and those that wait are told all the same
      }
      this.#told = {};
    }
    this.#telling = null; // in the same breath: a change that comes now is told anew
    if (refused) throw refused;
  }
}
