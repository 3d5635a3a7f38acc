// Looking at the picture: before and after, zoom and pan, by mouse, touch and keyboard.

import { drawOnWhite } from "../pictures/bitmaps.js";
import { text } from "../text/index.js";

const MAX_ZOOM = 16;
/** Pictures longer than this are shown inside a box of this shape. */
const MAX_ASPECT = 3;

/**
 * Shows the photo ("before") and the painting ("after") in one box.
 *
 * The box always has the picture's shape; zooming moves and scales both canvases alike, and what the
 * slider uncovers is cut in the box's own coordinates, so that the divider stays under the finger.
 */
export class Viewer {
  #box;
  #before;
  #after;
  #divider;
  #slider;
  #zoomText;
  #first;
  #zoom = 1;
  #x = 0;
  #y = 0;
  #pointers = new Map();
  #moved = false;
  #painted = false;
  #sketched = false;
  /** @type {Blob | null} */
  #photo = null;

  /** @param {Record<"box"|"first"|"before"|"after"|"divider"|"slider"|"zoomIn"|"zoomOut"|"zoomFit", HTMLElement>} parts */
  constructor({ box, first, before, after, divider, slider, zoomIn, zoomOut, zoomFit }) {
    this.#box = box;
    this.#first = first;
    this.#before = before;
    this.#after = after;
    this.#divider = divider;
    this.#slider = slider;
    this.#zoomText = zoomFit;
    slider.addEventListener("input", () => this.#draw());
    zoomIn.onclick = () => this.#zoomBy(1.5);
    zoomOut.onclick = () => this.#zoomBy(1 / 1.5);
    zoomFit.onclick = () => this.fit();
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    box.addEventListener("dblclick", (event) => (this.#zoom > 1 ? this.fit() : this.#zoomBy(3, event)));
    box.addEventListener("pointerdown", (event) => this.#down(event));
    box.addEventListener("pointermove", (event) => this.#move(event));
    // A capture can end without the pointer: by another window, a dialog, a gesture of the system.
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) box.addEventListener(end, (event) => this.#up(event));
    new ResizeObserver(() => this.#draw()).observe(box);
    this.#draw();
  }

  /** The canvas that holds the painting at its own resolution. */
  get canvas() {
    return this.#after;
  }

  /** The photo ("before") by its file: a kept picture has brought its own. */
  get photo() {
    return this.#photo;
  }

  /**
   * Shows a photo, as yet unpainted.
   * @param {ImageBitmap} bitmap closed
   * @param {Blob} photo its file
   * @param {{ beneath?: boolean }} [how] beneath the picture that the page shows until there is anything painted
   */
  showPhoto(bitmap, photo, { beneath = false } = {}) {
    if (!beneath) this.#first.remove();
    this.#photo = photo;
    this.#paint(this.#before, bitmap);
    this.#painted = false;
    this.#slider.value = 0;
    this.#describe(text.unpainted);
    this.fit();
  }

  /** Shows the painting, or its next state, over the photo. */
  showPainting(picture) {
    this.#showOver(picture, text.painted);
  }

  /** Shows a picture in one pass over the photo. */
  showSketch(picture) {
    this.#showOver(picture, text.sketched);
    this.#sketched = true;
  }

  /** Whether what lies over the photo is a picture in one pass. */
  get sketched() {
    return this.#painted && this.#sketched;
  }

  #showOver(picture, label) {
    this.#first.remove();
    this.#paint(this.#after, picture);
    this.#describe(label);
    [this.#painted, this.#sketched] = [true, false];
    this.#draw();
  }

  /** Takes the painting away: the photo alone is seen. */
  clear() {
    this.#painted = false;
    this.#describe(text.unpainted);
    this.#draw();
  }

  /** Brings the picture into view. */
  look() {
    this.#box.scrollIntoView({ block: "nearest" });
  }

  /** The whole picture, unzoomed. */
  fit() {
    [this.#zoom, this.#x, this.#y] = [1, 0, 0];
    this.#draw();
  }

  #paint(canvas, picture) {
    const { width, height } = picture;
    try {
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      drawOnWhite(canvas.getContext("2d"), picture, { width, height });
    } finally {
      picture.close();
    }
    const aspect = Math.min(MAX_ASPECT, Math.max(1 / MAX_ASPECT, width / height));
    this.#box.style.setProperty("--aspect", aspect);
  }

  #describe(label) {
    if (this.#after.getAttribute("aria-label") === label) return;
    this.#after.setAttribute("aria-label", label);
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#box;
    const slack = (side) => side * (this.#zoom - 1);
    this.#x = Math.min(0, Math.max(-slack(width), this.#x));
    this.#y = Math.min(0, Math.max(-slack(height), this.#y));
    const transform = `translate(${this.#x}px, ${this.#y}px) scale(${this.#zoom})`;
    for (const canvas of [this.#before, this.#after]) canvas.style.transform = transform;
    // Before the first stroke the photo lies on top, whole.
    const share = this.#painted ? Number(this.#slider.value) / 100 : 1;
    const cut = width > 0 ? (width * share - this.#x) / this.#zoom / width : share;
    this.#before.style.clipPath = share === 1 ? "none" : `inset(0 ${Math.min(100, Math.max(0, 100 * (1 - cut)))}% 0 0)`;
    this.#divider.hidden = !this.#painted;
    this.#divider.style.left = `${100 * share}%`;
    this.#slider.disabled = !this.#painted;
    if (this.#zoom === 1 && document.activeElement === this.#zoomText) this.#box.focus({ preventScroll: true }); // its button rests
    this.#zoomText.textContent = this.#zoom === 1 ? text.zoomFit : `${Math.round(100 * this.#zoom)} %`;
    this.#zoomText.disabled = this.#zoom === 1;
    this.#box.classList.toggle("zoomed", this.#zoom > 1);
  }

  /** Zooms about a point of the screen, or the middle. */
  #zoomBy(factor, point) {
    const { left, top, width, height } = this.#box.getBoundingClientRect();
    const [px, py] = point ? [point.clientX - left, point.clientY - top] : [width / 2, height / 2];
    const zoom = Math.min(MAX_ZOOM, Math.max(1, this.#zoom * factor));
    const ratio = zoom / this.#zoom;
    this.#x = px - (px - this.#x) * ratio;
    this.#y = py - (py - this.#y) * ratio;
    this.#zoom = zoom < 1.02 ? 1 : zoom;
    this.#draw();
  }

  #key(event) {
    if (event.target !== this.#box || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 60;
    const actions = {
      "+": () => this.#zoomBy(1.5),
      "=": () => this.#zoomBy(1.5),
      "-": () => this.#zoomBy(1 / 1.5),
      0: () => this.fit(),
      ArrowLeft: () => (this.#x += step),
      ArrowRight: () => (this.#x -= step),
      ArrowUp: () => (this.#y += step),
      ArrowDown: () => (this.#y -= step),
    };
    const arrow = event.key.startsWith("Arrow");
    // An unzoomed picture has nowhere to go: the arrows scroll the page as ever.
    if (!actions[event.key] || (arrow && this.#zoom === 1)) return;
    event.preventDefault();
    actions[event.key]();
    this.#draw();
  }

  #wheel(event) {
    const zoomsOut = event.deltaY > 0;
    // Who scrolls the page past the picture must not be caught by it.
    const wanted = event.ctrlKey || this.#zoom > 1 || (!zoomsOut && (scrollY === 0 || this.#box.contains(document.activeElement)));
    if (!wanted || (zoomsOut && this.#zoom === 1 && !event.ctrlKey)) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
    this.#zoomBy(Math.exp(-Math.max(-200, Math.min(200, event.deltaY * lines)) / 400), event);
  }

  #down(event) {
    if (event.button !== 0) return;
    if (this.#pointers.size === 0) this.#moved = false;
    const role = event.target.closest(".divider") ? "divide" : "pan";
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, role });
    // Whatever it does next, and wherever, its end is heard of.
    this.#box.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const last = this.#pointers.get(event.pointerId);
    if (!last) return;
    const now = { x: event.clientX, y: event.clientY, role: last.role };
    if (Math.hypot(now.x - last.x, now.y - last.y) > 3) this.#moved = true;
    this.#pointers.set(event.pointerId, now);
    if (last.role === "divide") {
      const { left, width } = this.#box.getBoundingClientRect();
      this.#slider.value = Math.min(100, Math.max(0, (100 * (now.x - left)) / width));
      this.#draw();
      return;
    }
    this.#x += (now.x - last.x) / this.#pointers.size;
    this.#y += (now.y - last.y) / this.#pointers.size;
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const spread = (point) => Math.hypot(point.x - other.x, point.y - other.y);
      const middle = { clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 };
      this.#zoomBy(spread(now) / Math.max(1, spread(last)), middle);
    }
    this.#draw();
  }

  #up(event) {
    const last = this.#pointers.get(event.pointerId);
    this.#pointers.delete(event.pointerId);
    // A click on a zoomed picture brings that spot to the middle: panning without dragging.
    if (event.type !== "pointerup" || last?.role !== "pan" || this.#moved || this.#zoom === 1 || this.#pointers.size > 0) return;
    const { left, top, width, height } = this.#box.getBoundingClientRect();
    this.#x += width / 2 - (event.clientX - left);
    this.#y += height / 2 - (event.clientY - top);
    this.#draw();
  }
}
