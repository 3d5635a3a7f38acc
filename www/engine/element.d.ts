// The types of element.js, which defines <easel-canvas>.
import type { Job, ListenerOptions, Progress, Result } from "./stylizer.js";


export class EaselCanvas extends HTMLElement {
  static readonly observedAttributes: string[];
  /** An address, or the picture itself. */
  photo: string | Blob | null;
  /** Addresses separated by spaces, or the pictures themselves. */
  painting: string | Blob | Blob[] | null;
  readonly job: Job | null;
  readonly canvas: HTMLCanvasElement;
  /** Paints from the beginning; null when cancelled or failed. */
  start(): Promise<Result | null>;
  cancel(): void;
  addEventListener(type: "progress", listener: (event: CustomEvent<Progress>) => void, options?: ListenerOptions): void;
  addEventListener(type: "finish", listener: (event: CustomEvent<Result>) => void, options?: ListenerOptions): void;
  addEventListener(type: "error", listener: (event: CustomEvent<Error>) => void, options?: ListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: ListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "easel-canvas": EaselCanvas;
  }
}
