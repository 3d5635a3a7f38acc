// One run: a job, what it was started with, what was changed on the way, and what it has shown so far.

import { Timelapse } from "../stage/timelapse.js";

/** Sliders fire many times a second; the run is told this often at most. */
const CHANGE_MILLIS = 150;

/**
 * A job under way. `photo`, `paintings` and `recipe` are what it takes to start it again.
 * `recipe` follows the changes made during the run and says so (`changed`).
 */
export class Run {
  #changes = {};
  #timer = null;
  #cancelled = false;
  #begun = performance.now();
  job = null;
  iteration = 0;
  timelapse = null;
  /** Whether nothing of it shall be kept. */
  discarded = false;

  /**
   * @param {{ photo, paintings, recipe, live: object, checkpoint?: Blob | null, timelapse?: boolean }} inputs
   *   `live`: the settings that can be changed, as they are now
   */
  constructor({ photo, paintings, recipe, live, checkpoint = null, timelapse = false }) {
    const weights = paintings.map(({ weight }) => weight);
    this.photo = photo;
    this.paintings = paintings;
    this.recipe = { ...recipe, weights };
    this.live = { ...live, weights };
    this.checkpoint = checkpoint;
    if (timelapse) this.timelapse = new Timelapse();
  }

  /** Starts the job on a device. */
  start(stylizer) {
    if (this.#cancelled) throw new DOMException("Stopped before it began.", "AbortError");
    const styles = this.paintings.map(({ blob, weight, mask }) => ({ image: blob, weight, ...(mask && { mask }) }));
    const config = { ...this.recipe.config, previewEvery: 1 };
    const resume = this.checkpoint ? { resume: this.checkpoint } : {};
    this.job = stylizer.start({ content: this.photo.blob, styles, config, ...resume });
    this.job.addEventListener("progress", ({ detail }) => (this.iteration = detail.iteration));
    this.job.addEventListener("checkpoint", ({ detail }) => (this.checkpoint = detail.blob));
    return this.job;
  }

  cancel() {
    this.#cancelled = true;
    this.job?.cancel();
  }

  get seconds() {
    return (performance.now() - this.#begun) / 1000;
  }

  /**
   * What this run can take over from the page, being other than it has it; null when there is nothing, or
   * when the page is set for another kind of run.
   * @param {{ config: object }} recipe the page's settings
   * @param {object} live those of them that can change
   * @param {{ blob: Blob, weight: number }[]} paintings the page's; one of this run's that is gone weighs nothing
   */
  changes({ config }, live, paintings) {
    if (["preset", "size", "iterations"].some((name) => config[name] !== this.recipe.config[name])) return null;
    const weights = this.paintings.map(({ blob }) => paintings.find((painting) => painting.blob === blob)?.weight ?? 0);
    const other = ([name, value]) => JSON.stringify(value) !== JSON.stringify(this.live[name]);
    const changed = Object.entries({ ...live, weights }).filter(other);
    return changed.length > 0 ? Object.fromEntries(changed) : null;
  }

  /**
   * Changes settings from the next step on.
   * @param {object} changes live settings, and `weights` with one number per painting
   * @param {number} strength where the slider stands
   * @param {(error: Error | null) => void} done
   */
  change(changes, strength, done) {
    const { weights = this.live.weights, ...config } = changes;
    this.live = { ...this.live, ...changes };
    this.recipe = { ...this.recipe, config: { ...this.recipe.config, ...config }, strength, weights, changed: true };
    Object.assign(this.#changes, changes);
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const told = this.#changes;
      this.#changes = {};
      this.job.update(told).then(
        () => done(null),
        (error) => done(error),
      );
    }, CHANGE_MILLIS);
  }
}
