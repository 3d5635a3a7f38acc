// The types of element.js, which defines <easel-canvas> and <easel-painting>.
import type { Job, ListenerOptions, Picture, Places, Progress, Result, Style, StyleConfig } from "./stylizer.js";

/** Every setting is a property, and an attribute: `styleWeight` is `style-weight`. What is left out takes the preset's value. */
export interface EaselCanvas extends StyleConfig {}

export class EaselCanvas extends HTMLElement {
  static readonly observedAttributes: string[];
  static readonly formAssociated: boolean;
  /** Where the engine's parts are, for all elements of the page; to be set before the first is painted. */
  static places: Places;
  /** An address, or the picture itself; another one cancels the run under way. */
  photo: Picture | null;
  /** Addresses separated by spaces, which come before the children; or the pictures themselves, with weights and masks perhaps, which take their place. */
  painting: Picture | (Picture | Style)[] | null;
  /** What the picture shows. */
  alt: string;
  /** "auto" unless said, "webgpu" or "cpu". */
  backend: string;
  /** The folder with worker, program and weights, laid out as Easel's own; null: where `places` says, or beside the modules. */
  assets: string | null;
  /** What a form calls the finished picture. */
  name: string;
  readonly form: HTMLFormElement | null;
  readonly job: Job | null;
  readonly canvas: HTMLCanvasElement;
  /**
   * Paints from the beginning, with the settings and pictures of now; null when cancelled or failed. Addresses, images, canvases, ImageData and
   * ImageBitmaps are read once the painter is open: leave them as they are until the first `progress`.
   */
  start(): Promise<Result | null>;
  /** As when the element is taken out of the document; one that is only moved paints on. */
  cancel(): void;
  /** Stops, and frees the painter unless other elements use it, too. */
  dispose(): void;
  [Symbol.dispose](): void;
  /** The element closes `detail.preview` right after its event: draw it at once, or make a copy of it there and then. */
  addEventListener(type: "progress", listener: (event: CustomEvent<Progress>) => void, options?: ListenerOptions): void;
  /** `finish` is the same, by its first name. */
  addEventListener(type: "finished" | "finish", listener: (event: CustomEvent<Result>) => void, options?: ListenerOptions): void;
  addEventListener(type: "error", listener: (event: CustomEvent<Error>) => void, options?: ListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: ListenerOptions): void;
}

/** One of several paintings, a child of an <easel-canvas>. */
export class EaselPainting extends HTMLElement {
  /** An address, the attribute `src`, or the picture itself. */
  image: Picture | null;
  /** Its share, 1 unless said. */
  weight: number;
  /** Where in the picture it counts: from half white on; black and what is transparent is outside. */
  mask: Picture | null;
}

declare global {
  interface HTMLElementTagNameMap {
    "easel-canvas": EaselCanvas;
    "easel-painting": EaselPainting;
  }
}
