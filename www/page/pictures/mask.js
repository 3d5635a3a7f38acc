// Where a painting applies: brushed onto the photo by mouse, finger, pen or keyboard.

import { text } from "../text/index.js";
import { together } from "./bitmaps.js";
import { MASK_SIDE, Region, SHAPES } from "./region.js";

const SHOWN_SIDE = 1024;
const PEN_ERASER = 32; // in PointerEvent.buttons
const MIDDLE = { x: 0.5, y: 0.5 };

/** The dialog that asks where a painting applies. The region lies over the photo as a veil of the painting itself. */
export class MaskEditor {
  #dialog;
  #decode;
  #find;
  #region = null;
  #texture = null;
  #stroke = null; // { pointer, erasing }
  #at = MIDDLE; // the brush, in shares of the picture
  #held = false; // the Space bar
  #close = null;

  /**
   * @param {HTMLDialogElement} dialog its parts are known by `data-mask`
   * @param {(blob: Blob, maxSide: number) => Promise<ImageBitmap>} decode
   */
  constructor(dialog, decode) {
    this.#dialog = dialog;
    this.#decode = decode;
    this.#find = (part) => dialog.querySelector(`[data-mask="${part}"]`);
    const picture = this.#find("picture");
    picture.addEventListener("pointerdown", (event) => this.#down(event));
    picture.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, (event) => this.#up(event));
    picture.addEventListener("keydown", (event) => this.#key(event));
    picture.addEventListener("keyup", ({ key }) => (this.#held &&= key !== " "));
    picture.addEventListener("blur", () => (this.#held = false));
    this.#find("size").addEventListener("input", () => this.#showBrush());
    this.#find("eraser").onclick = () => this.#erase(!this.#erasing);
    this.#find("undo").onclick = () => this.#undo();
    for (const [name, draw] of Object.entries(SHAPES)) this.#find(name).onclick = () => this.#change(() => this.#region.shape(draw));
    this.#find("invert").onclick = () => this.#change(() => this.#region.invert());
    this.#find("everywhere").onclick = () => this.#close?.(null);
    this.#find("done").onclick = () => this.#done();
    this.#find("cancel").onclick = () => this.cancel();
    // Browsers close dialogs by themselves, too: by Escape, or the way back on phones.
    dialog.addEventListener("close", () => !dialog.open && this.cancel());
  }

  /**
   * Asks for a painting's region, unless one is being drawn; one that is only about to be gives way.
   * @param {Blob} photo
   * @param {{ blob: Blob, name: string, mask: Blob | null }} painting
   * @param {() => boolean} [wanted] whether it still is to be asked, once the pictures are read
   * @returns {Promise<Blob | null>} the mask: a PNG of the photo's shape, white inside, transparent outside; null
   *   for everywhere; when the visitor thought better of it the one there is by then, for a new photo may have cleared it
   */
  async edit(photo, painting, wanted = () => true) {
    if (this.#dialog.open) return painting.mask;
    this.cancel();
    const { blob, name, mask } = painting;
    let answered = false;
    /** @type {(outcome?: Blob | null) => void} */
    let close;
    const closed = new Promise((resolve) => {
      close = (outcome) => {
        answered = true;
        resolve(outcome);
      };
    });
    this.#close = close;
    const isWanted = () => !answered && wanted();
    let pictures = [];
    try {
      pictures = await together([this.#decode(photo, SHOWN_SIDE), this.#decode(blob, MASK_SIDE), mask && createImageBitmap(mask)]);
      if (!isWanted()) return painting.mask; // there is another photo, say
      const [shown, texture, drawn] = pictures;
      this.#texture = texture;
      this.#open(shown, drawn, name);
      const outcome = await closed;
      return outcome === undefined ? painting.mask : outcome;
    } catch (error) {
      if (isWanted()) throw error;
      return painting.mask;
    } finally {
      if (this.#close === close) {
        this.#close = null;
        this.#dialog.close();
        this.#region = null;
      }
      for (const picture of pictures) picture?.close();
    }
  }

  /** Leaves everything as it was. */
  cancel() {
    this.#close?.(undefined);
  }

  /** Asks no more about a region unless that is seen already: something else has begun. */
  giveUp() {
    if (!this.#dialog.open) this.cancel();
  }

  #open(photo, drawn, name) {
    const { width, height } = photo;
    const canvas = this.#find("photo");
    Object.assign(canvas, { width, height });
    canvas.getContext("2d").drawImage(photo, 0, 0);
    this.#region = new Region({ width, height });
    if (drawn) this.#region.load(drawn);
    Object.assign(this.#find("veil"), { width: this.#region.width, height: this.#region.height });
    this.#find("title").textContent = text.maskTitle(name);
    this.#find("picture").style.setProperty("--aspect", width / height);
    this.#at = MIDDLE;
    this.#stroke = null;
    this.#erase(false);
    this.#complain("");
    this.#dialog.showModal();
    this.#find("picture").focus();
    this.#draw();
    this.#showBrush();
    this.#tell();
  }

  async #done() {
    const { share } = this.#region;
    const close = this.#close; // of this painting, whichever is asked about by the time the mask is written
    if (share === 0) this.#complain(text.maskEmpty);
    else if (share === 1) close?.(null);
    else {
      const mask = await this.#region.toBlob();
      if (mask) close?.(mask);
      else if (close === this.#close) this.#complain(text.noRoom); // null would be everywhere
    }
  }

  // ---- changes

  /** Makes a change that can be undone. */
  #change(action) {
    this.#region.begin();
    this.#complain("");
    action();
    this.#draw();
    this.#tell();
  }

  #undo() {
    const button = this.#find("undo");
    const focused = document.activeElement === button;
    this.#region.undo();
    this.#draw();
    this.#tell();
    if (focused && button.disabled) this.#find("picture").focus(); // a disabled button would lose it
  }

  #brush(to, erasing) {
    this.#region.line(this.#at, to, this.#size, erasing);
    this.#at = to;
  }

  // ---- the brush

  /** The brush's width as a share of the longer side. */
  get #size() {
    return Number(this.#find("size").value) / 100;
  }

  get #erasing() {
    return this.#find("eraser").getAttribute("aria-pressed") === "true";
  }

  #erase(erasing) {
    this.#find("eraser").setAttribute("aria-pressed", String(erasing));
  }

  #place({ clientX, clientY }) {
    const { left, top, width, height } = this.#find("veil").getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }

  #down(event) {
    const erases = Boolean(event.buttons & PEN_ERASER);
    if (this.#stroke || !(event.button === 0 || erases)) return;
    this.#find("picture").setPointerCapture(event.pointerId);
    this.#stroke = { pointer: event.pointerId, erasing: erases || this.#erasing };
    this.#at = this.#place(event);
    this.#change(() => this.#brush(this.#at, this.#stroke.erasing));
    this.#showBrush();
  }

  #move(event) {
    if (this.#stroke && this.#stroke.pointer !== event.pointerId) return;
    if (this.#stroke) {
      const points = event.getCoalescedEvents?.() ?? [];
      for (const point of points.length > 0 ? points : [event]) this.#brush(this.#place(point), this.#stroke.erasing);
      this.#draw();
    } else {
      this.#at = this.#place(event);
    }
    this.#showBrush();
  }

  #up({ pointerId }) {
    if (this.#stroke?.pointer !== pointerId) return;
    this.#stroke = null;
    this.#tell();
  }

  #key(event) {
    const { key } = event;
    const command = event.ctrlKey || event.metaKey;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const sizes = { "+": "stepUp", "=": "stepUp", "-": "stepDown" };
    if (command ? key !== "z" : !(moves[key] || sizes[key] || ["e", "E", " "].includes(key))) return;
    event.preventDefault();
    if (command) this.#undo();
    else if (moves[key]) this.#step(...moves[key]);
    else if (sizes[key]) this.#find("size")[sizes[key]]();
    else if (key !== " ") this.#erase(!this.#erasing);
    else if (!event.repeat) {
      this.#held = true;
      this.#change(() => this.#brush(this.#at, this.#erasing));
    }
    this.#showBrush();
  }

  /** Moves the brush by half its width; with Space held it paints on the way. */
  #step(right, down) {
    const { width, height } = this.#region;
    const stride = (this.#size * Math.max(width, height)) / 2;
    const within = (share) => Math.min(1, Math.max(0, share));
    const next = { x: within(this.#at.x + (right * stride) / width), y: within(this.#at.y + (down * stride) / height) };
    if (this.#held) this.#change(() => this.#brush(next, this.#erasing));
    else this.#at = next;
  }

  // ---- showing

  #draw() {
    const { width, height } = this.#region;
    const context = this.#find("veil").getContext("2d");
    const cover = Math.max(width / this.#texture.width, height / this.#texture.height);
    const [w, h] = [this.#texture.width * cover, this.#texture.height * cover];
    context.globalCompositeOperation = "copy";
    context.drawImage(this.#texture, (width - w) / 2, (height - h) / 2, w, h);
    context.globalCompositeOperation = "destination-in";
    context.drawImage(this.#region.canvas, 0, 0);
  }

  #showBrush() {
    const { style } = this.#find("brush");
    const { width, height } = this.#region;
    style.left = `${100 * this.#at.x}%`;
    style.top = `${100 * this.#at.y}%`;
    style.width = `${(100 * this.#size * Math.max(width, height)) / width}%`;
  }

  #tell() {
    this.#find("share").textContent = text.maskShare(this.#region.share);
    this.#find("undo").disabled = !this.#region.undoable;
  }

  #complain(sentence) {
    this.#find("complaint").textContent = sentence;
  }
}
