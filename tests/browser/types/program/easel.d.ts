// What the worker uses of the program made from Rust, for `make check`, which builds none. src/web.rs is what it comes from.

export class Picture {
  private constructor();
  readonly width: number;
  readonly height: number;
  rgba(): Uint8ClampedArray<ArrayBuffer>;
  free(): void;
}

export class Pictures {
  constructor(width: number, height: number, rgba: Uint8ClampedArray);
  addStyle(width: number, height: number, rgba: Uint8ClampedArray, weight: number): void;
  setMask(width: number, height: number, rgba: Uint8ClampedArray): void;
  setInit(width: number, height: number, rgba: Uint8ClampedArray): void;
  free(): void;
}

export class InstantStyles {
  constructor();
  add(vector: Float32Array, weight: number): void;
  setMask(width: number, height: number, rgba: Uint8ClampedArray): void;
  needsOwn(strength: number): boolean;
  free(): void;
}

export class Run {
  private constructor();
  readonly finished: boolean;
  readonly previewEvery: number;
  readonly reportEvery: number;
  readonly iteration: number;
  readonly iterations: number;
  readonly nextPixels: number;
  readonly startsScale: boolean;
  stopGrowing(last: number): void;
  step(): Promise<any>;
  update(changes: string): void;
  catchUp(): Promise<any>;
  checkpoint(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  resume(checkpoint: Uint8Array): void;
  picture(): Promise<Picture>;
  report(): any;
  free(): void;
}

export class Engine {
  private constructor();
  static open(backend: string, gpuName: string, subgroups: boolean, isFallback?: boolean, kernels?: string, gigaflops?: number): Promise<Engine>;
  readonly device: any;
  readonly kernels: string | undefined;
  readonly largestBuffer: number | undefined;
  readonly ready: boolean;
  setManifest(text: string): { file: string; bytes: number; sha256: string }[];
  addShard(file: string, bytes: Uint8Array): void;
  finishWeights(): void;
  tune(): Promise<{ kernels: string | null; rejected: { kernels: string; operation: string; error: number }[]; times: Record<string, number>; gigaflops: number | null }>;
  useKernels(word: string, gigaflops?: number): void;
  warmUp(): Promise<void>;
  probe(): Promise<number>;
  start(pictures: Pictures, config: string): Run;
  instantShards(manifest: string, set: string): { file: string; bytes: number; sha256: string }[];
  addInstantShard(set: string, file: string, bytes: Uint8Array): void;
  finishInstant(set: string): void;
  suggest(width: number, height: number, rgba: Uint8ClampedArray, styles: InstantStyles, count: number): Promise<Suggestions>;
  headStart(pictures: Pictures, config: string): Promise<Pictures>;
  styleVector(width: number, height: number, rgba: Uint8ClampedArray, frames?: string): Promise<Float32Array>;
  instant(width: number, height: number, rgba: Uint8ClampedArray, styles: InstantStyles, own: Float32Array | undefined, options: string): Promise<Picture>;
}

export function checkLength(what: string, bytes: number): void;
export function checkHeader(what: string, bytes: Uint8Array): void;
export function notAPicture(what: string, reason: string, bytes: Uint8Array): Error;
export function embedSettings(bytes: Uint8Array, json: string): Uint8Array<ArrayBuffer>;
export function extractSettings(bytes: Uint8Array): string | undefined;
export function completeConfig(config: string): any;
export function settings(): any;
export function estimate(width: number, height: number, config: string, paintings?: number, masked?: number, kernels?: string, largest?: number): any;
export function recolour(width: number, height: number, painted: Uint8ClampedArray, photo: Uint8ClampedArray, tile?: string): Picture;
export function program(): WebAssembly.Module;
export default function init(options?: { module_or_path: string | BufferSource | WebAssembly.Module }): Promise<{ memory: WebAssembly.Memory }>;

export class Suggestions {
  readonly length: number;
  weights(at: number): Float64Array;
  score(at: number): number;
  picture(at: number): Picture;
  free(): void;
}
