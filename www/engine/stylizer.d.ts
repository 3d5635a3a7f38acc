// The types of stylizer.js, Easel's JavaScript API. `make check` compares them with the module and with a use of every name.
import type {
  StyleConfig,
  Device,
  Progress,
  Checkpoint,
  Result,
  Estimate,
  CreateOptions,
  Giving,
  Places,
  StartOptions,
  InstantOptions, SuggestOptions, Suggestion,
  Changes,
  JobEventMap,
  StylizerEventMap,
  ListenerOptions,
  Sentences,
} from "./types.js";

export type * from "./types.js";

/**
 * What can be done with pictures and settings where nothing can be painted: no device, `stopped`, or not yet. Its worker opens no
 * device, and fetches no network but for `preload()`. A `Stylizer` has all of it; it goes on when the device was given up.
 */
export class Tools extends EventTarget {
  constructor(places?: Places);
  /** Every setting with its range, unit and help, the presets, and the defaults. */
  settings(options?: Giving): Promise<{ knobs: Record<string, unknown>[]; presets: Record<string, unknown>[]; defaults: StyleConfig }>;
  /** Fetches program and networks into the browser's cache, and opens no device: what is painted later begins sooner. */
  preload(options?: Giving): Promise<void>;
  /** Checks a picture file and decodes it upright, for showing it. */
  decode(blob: Blob, options?: { name?: string; maxSide?: number } & Giving): Promise<ImageBitmap>;
  /** The picture file with settings inside. */
  embed(blob: Blob, settings: object, options?: Giving): Promise<Blob>;
  /** The settings inside a picture file, if any. */
  readSettings(blob: Blob, options?: Giving): Promise<Record<string, unknown> | null>;
  /** The painted picture with the photo's colours, or its own again; a PNG. `tile` is the setting it was painted with. */
  recolour(
    options: { picture: Blob; content: Blob; colour: "style" | "luminance"; tile?: StyleConfig["tile"] } & Giving,
  ): Promise<Blob>;
  /** Frees what it holds; `using` does so by itself. */
  dispose(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A device that paints. Jobs run one after another, in the order they were started, also while the tab is
 * hidden. A worker that dies, hangs or loses its device is replaced, and the jobs go on from their last checkpoints.
 */
export class Stylizer extends Tools {
  static create(options?: CreateOptions): Promise<Stylizer>;
  private constructor(...args: never[]);
  device: Device;
  /** What `probe()` measured, or jobs at the largest of their scales; null before. */
  millisPerMegapixel: number | null;
  /** Fetches the weights and compiles the GPU's programs now instead of with the first job. */
  prepare(options?: Giving): Promise<void>;
  start(options: StartOptions): Job;
  /**
   * Paints in one pass of a small network, in a second or less, also while jobs are under way. The bitmap is yours to close; rejects
   * with an AbortError when given up or superseded.
   */
  instant(options: InstantOptions): Promise<ImageBitmap>;
  /** Ranks paintings, and mixtures of two, for a photo, by pictures in one pass; the best first. */
  suggest(options: SuggestOptions): Promise<Suggestion[]>;
  /** Measures a step on this device; pass the figure to `create` next time. */
  probe(options?: Giving): Promise<{ millisPerMegapixel: number }>;
  /** What a run would take: of a photo of this size in pixels, with so many paintings, 1 unless said, of which so many have a mask, 0 unless said. */
  estimate(options: { width: number; height: number; config?: StyleConfig; paintings?: number; masked?: number } & Giving): Promise<Estimate>;
  /** Stops everything and frees the device. Jobs under way reject with an AbortError. */
  dispose(): void;
  addEventListener<K extends keyof StylizerEventMap>(type: K, listener: (event: StylizerEventMap[K]) => void, options?: ListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: ListenerOptions): void;
}

/** One picture being painted. */
export class Job extends EventTarget {
  private constructor(...args: never[]);
  /** Rejects with an Error, after `cancel()` with an AbortError. */
  finished: Promise<Result>;
  pause(): void;
  resume(): void;
  cancel(): void;
  /** Makes a checkpoint after the step under way, when the page is about to be left, say; null when there is nothing to go on from. */
  checkpoint(options?: Giving): Promise<Checkpoint | null>;
  /** Changes the run under way, from its next step on. */
  update(changes: Changes, options?: Giving): Promise<void>;
  /** At the end of a `using` block: a job that is not finished then is given up. */
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
  /** Every progress record until the end; throws what `finished` rejects with. Whoever is slower than the painter misses previews only. */
  [Symbol.asyncIterator](): AsyncGenerator<Progress, void, void>;
  addEventListener<K extends keyof JobEventMap>(type: K, listener: (event: JobEventMap[K]) => void, options?: ListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: ListenerOptions): void;
}

/** Fetches worker, program and networks into the browser's cache, and keeps nothing else: what is painted later begins sooner. */
export function preload(options?: Places & Giving): Promise<void>;

/** Puts sentences of another language in place of the English ones; before the first `Stylizer`. Those left out stay. */
export function translate(sentences: Sentences): void;
