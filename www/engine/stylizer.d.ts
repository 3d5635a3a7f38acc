// The types of stylizer.js, Easel's JavaScript API. `make check` compares them with the module and with a use of every name.

/** A picture: a file's bytes, or pixels. */
export type Picture = Blob | ImageBitmap | ImageData;

export type Backend = "webgpu" | "cpu";

/** relu1_1 … relu5_1: the activation after that convolution of VGG19. */
export type LayerName =
  | `relu1_${1 | 2}`
  | `relu2_${1 | 2}`
  | `relu3_${1 | 2 | 3 | 4}`
  | `relu4_${1 | 2 | 3 | 4}`
  | "relu5_1";

export interface LayerWeight {
  layer: LayerName;
  weight: number;
}

/** Every setting; what is left out takes the preset's value. `stylizer.settings()` tells ranges, units and help. */
export interface StyleConfig {
  preset?: "painterly" | "bold" | "gentle" | "sketch" | "photoreal" | "texture" | "classic";
  /** Long side of the picture, in pixels. */
  size?: number;
  minSize?: number;
  /** At the last scale. */
  iterations?: number;
  /** At the first of several scales; null: twice the iterations. */
  firstIterations?: number | null;
  contentWeight?: number;
  styleWeight?: number;
  tvWeight?: number;
  photorealWeight?: number;
  contentLayers?: LayerWeight[];
  styleLayers?: LayerWeight[];
  styleLoss?: "gram" | "wasserstein";
  pooling?: "max" | "average";
  optimizer?: "adam" | "lbfgs";
  learningRate?: number;
  /** Decay of the averaged picture; 0 turns averaging off. */
  averaging?: number;
  init?: "content" | "noise" | "style-colour" | Picture;
  colour?: "style" | "luminance" | "match";
  styleScale?: number;
  seed?: number;
  previewEvery?: number;
  reportEvery?: number;
}

export interface Style {
  image: Picture;
  /** Its share, 1 unless said. */
  weight?: number;
  /** Where in the picture this painting counts: white wholly, black not at all. */
  mask?: Picture;
}

export interface Device {
  backend: Backend;
  adapter: string;
  /** Whether the GPU is a program on the CPU; `auto` takes the CPU then. */
  software: boolean;
  limits: Record<string, number>;
}

export interface Losses {
  total: number;
  content: number;
  style: number;
  tv: number;
  [term: string]: number;
}

export interface Progress {
  iteration: number;
  iterations: number;
  scale: { index: number; count: number; width: number; height: number };
  losses: Losses;
  millisPerIteration: number;
  etaSeconds: number;
  /** Yours to draw and to close. */
  preview: ImageBitmap | null;
}

/** What a run can go on from; hand `blob` to `start({ resume })` with the same pictures and settings. */
export interface Checkpoint {
  blob: Blob;
  iteration: number;
  iterations: number;
}

/** The device failed and the run goes on from its last checkpoint. */
export interface Recovery {
  reason: string;
  iteration: number;
  backend: Backend;
  /** Whether the scales that did not fit the memory are left out: the picture ends smaller. */
  shortened: boolean;
}

export interface Result {
  /** A PNG. */
  blob: Blob;
  width: number;
  height: number;
  /** The settings used, losses per scale, timings, the device. */
  report: Report;
}

export interface Report {
  config: StyleConfig;
  device: Device;
  scales: { first: Losses; last: Losses; [key: string]: unknown }[];
  timings: { stepMillis: number; totalMillis: number };
}

export type Status =
  | { stage: "weights"; loadedBytes: number; totalBytes: number }
  | { stage: "kernels" }
  | { stage: "ready" }
  | { stage: "recovering"; reason: string };

export interface Estimate {
  /** Device memory at the largest scale. */
  bytes: number;
  /** null until a step has been measured on this device, see `probe()`. */
  seconds: number | null;
  fits: boolean;
  iterations: number;
}

export interface StartOptions {
  content: Picture;
  styles: Style[];
  config?: StyleConfig;
  /** A checkpoint's blob from an earlier run with the same pictures and settings. */
  resume?: Blob;
}

/** What can change while a run is under way. */
export interface Changes {
  styleWeight?: number;
  contentWeight?: number;
  tvWeight?: number;
  photorealWeight?: number;
  colour?: StyleConfig["colour"];
  /** One per painting. */
  weights?: number[];
}

/** Easel was updated while the page was open and its workers are of the new version: only loading the page again helps. */
export interface VersionError extends Error {
  code: "version";
}

export interface JobEventMap {
  progress: CustomEvent<Progress>;
  checkpoint: CustomEvent<Checkpoint>;
  recovered: CustomEvent<Recovery>;
}

export interface StylizerEventMap {
  status: CustomEvent<Status>;
  /** The painter died and could not be brought back: create another. */
  stopped: CustomEvent<Error | VersionError>;
}

export type ListenerOptions = boolean | AddEventListenerOptions;

/**
 * What can be done with pictures and settings where nothing can be painted: no device, `stopped`, or not yet. Its worker opens no
 * device and fetches no network. A `Stylizer` has all of it; it goes on when the device was given up.
 */
export class Tools extends EventTarget {
  /** Every setting with its range, unit and help, the presets, and the defaults. */
  settings(): Promise<{ knobs: Record<string, unknown>[]; presets: Record<string, unknown>[]; defaults: StyleConfig }>;
  /** Checks a picture file and decodes it upright, for showing it. */
  decode(blob: Blob, options?: { name?: string; maxSide?: number }): Promise<ImageBitmap>;
  /** The picture file with settings inside. */
  embed(blob: Blob, settings: object): Promise<Blob>;
  /** The settings inside a picture file, if any. */
  readSettings(blob: Blob): Promise<Record<string, unknown> | null>;
  /** The painted picture with the photo's colours, or its own again; a PNG. */
  recolour(options: { picture: Blob; content: Blob; colour: "style" | "luminance" }): Promise<Blob>;
  /** Frees what it holds. */
  dispose(): void;
}

/**
 * A device that paints. Jobs run one after another, in the order they were started, also while the tab is
 * hidden. A worker that dies, hangs or loses its device is replaced, and the jobs go on from their last checkpoints.
 */
export class Stylizer extends Tools {
  static create(options?: { backend?: "auto" | Backend; millisPerMegapixel?: number | null }): Promise<Stylizer>;
  private constructor(...args: never[]);
  device: Device;
  /** What `probe()` or the last job measured; null before. */
  millisPerMegapixel: number | null;
  /** Fetches the weights and compiles the GPU's programs now instead of with the first job. */
  prepare(): Promise<void>;
  start(options: StartOptions): Job;
  /** Measures a step on this device; pass the figure to `create` next time. */
  probe(): Promise<{ millisPerMegapixel: number }>;
  estimate(options: { width: number; height: number; config?: StyleConfig }): Promise<Estimate>;
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
  checkpoint(): Promise<Checkpoint | null>;
  /** Changes the run under way, from its next step on. */
  update(changes: Changes): Promise<void>;
  addEventListener<K extends keyof JobEventMap>(type: K, listener: (event: JobEventMap[K]) => void, options?: ListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: ListenerOptions): void;
}
