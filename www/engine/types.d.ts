// The records of Easel's JavaScript API: what it takes and what it tells. stylizer.d.ts has them all.

/** A picture: a file's bytes, pixels, an image or canvas that the page shows, or an address (of `config.init` only as a URL). */
export type Picture = Blob | ImageBitmap | ImageData | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | string | URL;

export type Backend = "webgpu" | "cpu";

/** Where the engine's parts are, if not beside its modules; from the page's own address on. Other origins have to allow it. */
export interface Places {
  /** The folder with worker, program and weights, laid out as Easel's own. */
  assets?: string | URL;
  /** The worker's module, `engine/worker.js`. */
  workerURL?: string | URL;
  /** The program, `easel_bg.wasm`: its address, or what is there. */
  wasm?: string | URL | Response | BufferSource | WebAssembly.Module;
  /** The folder of the networks' weights, or the address of each of its files by name. */
  weights?: string | URL | Record<string, string | URL>;
}

/** What is asked for with a signal is given up with it: it rejects at once with the signal's reason. */
export interface Giving {
  signal?: AbortSignal;
}

export interface CreateOptions extends Places {
  /** `auto`, unless said: WebGPU where a GPU answers, else the CPU. */
  backend?: "auto" | Backend;
  /** Those a GPU is to use, "direct" say, whatever is fastest there. */
  kernels?: string;
  /** What `probe()` measured before. */
  millisPerMegapixel?: number | null;
  /** Ends the opening. */
  signal?: AbortSignal;
}

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
  preset?: "painterly" | "bold" | "gentle" | "sketch" | "photoreal" | "texture" | "strokes" | "classic";
  /** Long side of the picture, in pixels. */
  size?: number;
  minSize?: number;
  /** Steps at each scale, but for the first of several; above 512 px scales that refine another take fewer, in proportion to 1 / size. */
  iterations?: number;
  /** At the first of several scales; null: twice the iterations. */
  firstIterations?: number | null;
  contentWeight?: number;
  styleWeight?: number;
  tvWeight?: number;
  photorealWeight?: number;
  contentLayers?: LayerWeight[];
  contentLoss?: "features" | "self-similarity";
  styleLayers?: LayerWeight[];
  styleLoss?: "gram" | "wasserstein" | "neighbours";
  /** With "neighbours": the most quarter turns by which paintings are turned to be looked up in again. */
  turns?: number;
  pooling?: "max" | "average";
  optimizer?: "adam" | "lbfgs";
  learningRate?: number;
  /** Decay of the averaged picture; 0 turns averaging off. For Adam: L-BFGS shows its best picture. */
  averaging?: number;
  init?: "content" | "noise" | "style-colour" | "instant" | Exclude<Picture, string>;
  colour?: "style" | "luminance" | "match";
  styleScale?: number;
  /** White, grey or black margins around the paintings, and frames within them: left out, or kept as part of the painting. */
  frames?: "crop" | "keep";
  /** Which edges meet, so that the picture repeats without a seam; sides along that way become multiples of 16 pixels. */
  tile?: "none" | "x" | "y" | "both";
  /** Rows that go through the network at a time; 0: all; null: all where the plan is within 2 GB and the device has a buffer as large as needed, else 48. */
  band?: number | null;
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
  /** On a GPU, which kernels it runs where there is a choice, as `winograd 64×64×16, direct 2×4×1`. */
  variants?: string;
  /**
   * What it does with them, in 10⁹ multiplications and additions a second, once that was measured: it gets its work in submissions of 200 ms
   * by it.
   */
  gigaflops?: number;
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
  /** The share of the work that is done, from 0 to 1: of its time, as told by what the steps took so far. It never shrinks. */
  fraction: number;
  scale: { index: number; count: number; width: number; height: number };
  losses: Losses;
  millisPerIteration: number;
  etaSeconds: number;
  /** At most eight a second. A job's is yours to draw and to close, <easel-canvas> closes its own. */
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

/** Losses as a report has them: those of style by layer. */
export interface ScaleLosses {
  total: number;
  content: number;
  style: Record<string, number>;
  tv: number;
  photoreal?: number;
}

export interface Report {
  /** Of a picture to start from it says only that there was one: "image", which is to be given anew to start from it again. */
  config: Omit<StyleConfig, "init"> & { init: Extract<StyleConfig["init"], string> | "image" };
  device: Omit<Device, "software">;
  scales: { first: ScaleLosses; last: ScaleLosses; [key: string]: unknown }[];
  /** In steps, and from the start to the report; of a run that went on from a checkpoint, up to that and from then on. */
  timings: { stepMillis: number; totalMillis: number };
  /**
   * How often the network looked at photo or paintings: once each at every scale, however often the run was changed, and once more
   * where it went on from a checkpoint.
   */
  passes: number;
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
  /** Cancels the job. */
  signal?: AbortSignal;
}

/** One of the paintings of a one-pass picture. */
export type InstantStyle = (Style & { vector?: undefined }) | {
  /** The 100 numbers that stand for a painting. */
  vector: number[] | Float32Array;
  image?: undefined;
  weight?: number;
  mask?: Picture;
};

export interface InstantOptions {
  content: Picture;
  /** Any number of them; where masks leave some of a pixel to none, the photo's own manner comes in. */
  styles: InstantStyle[];
  /** The long side in pixels, 16 to 4096; 384 unless said. */
  size?: number;
  /** From the photo's own manner, 0, to the paintings', 1 (unless said), and beyond, to 1.5. */
  strength?: number;
  colour?: StyleConfig["colour"];
  /** What is made of the paintings' margins; "crop" unless said. */
  frames?: StyleConfig["frames"];
  /**
   * Within a lane only the newest picture that has not begun is painted; those it takes the place of reject with an AbortError. "picture"
   * unless said, which goes before all others; null: no other takes its place.
   */
  lane?: string | null;
  /** Gives it up. */
  signal?: AbortSignal;
}

export interface SuggestOptions {
  content: Picture;
  paintings: (Picture | { vector: number[] | Float32Array })[];
  /** How many to return; 3 unless said. */
  count?: number;
  /** What is made of the paintings' margins; "crop" unless said. */
  frames?: StyleConfig["frames"];
  /** Gives it up. */
  signal?: AbortSignal;
}

export interface Suggestion {
  /** Of each painting, in the order given; they add up to 1. */
  weights: number[];
  /** From 0, perfect, up. */
  score: number;
  /** The photo in this mixture, 192 px long; yours to close. */
  bitmap: ImageBitmap;
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

/** A state to go on from that is damaged, or of other pictures or settings: what a job's `finished` rejects with. */
export interface CheckpointError extends Error {
  code: "checkpoint";
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

/** The engine's own sentences by name; words in braces are filled in. */
export type Sentences = Record<string, string>;

declare global {
  // For those whose TypeScript knows no `using` yet.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
  }
}
