// The picture at hand, painted: in whose colours, and how to take it away.

import { FORMATS, writableFormats } from "../pictures/encode.js";
import { text } from "../text/index.js";
import { canCopyPictures, copyPicture } from "./clipboard.js";
import { pairOf } from "./pair.js";
import { canShare, converted, download, fileOf, share, stemOf } from "./saving.js";

/** How long the program may take before whoever waits for a file is told, in milliseconds. */
const SOON = 500;

/**
 * The row under the picture: save, share, copy, before and after, timelapse, colours.
 *
 * `show` takes `{ picture, photo, recipe, name, colour, timelapse }`, `colour` being whose colours `picture` has.
 * Only what was painted in the painting's colours can change over; the photo's cannot be turned back.
 */
export class Finished extends EventTarget {
  #parts;
  #tools;
  #say;
  #unsay;
  #shown = null;
  #versions = new Map();
  #colour = "style";
  #wanted = "style";
  /** The file that was made last: a press that is repeated, as sharing may ask for it, finds it there. */
  #ready = null;

  /**
   * @param {Record<"row"|"save"|"format"|"share"|"copy"|"pair"|"film"|"colours", HTMLElement>} parts
   * @param {{ tools: () => Promise<import("../../engine/stylizer.js").Tools>, status: import("./status.js").Status }} helpers
   */
  constructor(parts, { tools, status }) {
    super();
    this.#parts = parts;
    this.#tools = tools;
    this.#say = (sentence) => status.say(sentence);
    this.#unsay = (sentence) => status.unsay(sentence);
    const attempt = (action) => status.attempt(action);
    parts.save.onclick = () => attempt(() => this.#save());
    parts.share.onclick = () => attempt(() => this.#share());
    parts.copy.onclick = () => attempt(() => this.#copy());
    parts.pair.onclick = () => attempt(() => this.#pair());
    parts.film.onclick = () => attempt(() => this.#film());
    parts.colours.addEventListener("change", ({ target }) => attempt(() => this.#recolour(/** @type {HTMLInputElement} */ (target).value)));
    writableFormats().then((types) => parts.format.append(...types.map((type) => new Option(FORMATS[type].toUpperCase(), type))));
  }

  /** A picture to take away. */
  show(shown) {
    const { row, save, share: shareButton, copy, pair, film, colours } = this.#parts;
    this.#unsay(text.recolouring); // it was of the picture before
    for (const button of [save, shareButton]) button.removeAttribute("aria-busy");
    this.#shown = shown;
    this.#ready = null;
    this.#colour = this.#wanted = shown.colour === "luminance" ? "luminance" : "style";
    this.#versions = new Map([[this.#colour, shown.picture]]);
    row.hidden = false;
    shareButton.hidden = !canShare();
    copy.hidden = !canCopyPictures();
    pair.hidden = !shown.photo?.blob;
    film.hidden = !(shown.timelapse?.frames > 1);
    colours.hidden = shown.colour !== "style";
    this.#showColour();
  }

  /** Nothing to take away. */
  hide() {
    this.#shown = this.#ready = null;
    this.#unsay(text.recolouring); // what comes of it is not shown any more
    this.#parts.row.hidden = true;
  }

  /** The picture in the colours that are seen. */
  get #picture() {
    return this.#versions.get(this.#colour) ?? this.#shown.picture;
  }

  async #file(tools) {
    const { name, recipe } = this.#shown;
    const [picture, type] = [this.#picture, this.#parts.format.value];
    if (this.#ready?.picture === picture && this.#ready.type === type) return this.#ready.made;
    const recoloured = this.#colour === this.#shown.colour ? recipe : { ...recipe, recoloured: this.#colour };
    const made = await fileOf({ picture, type, name, recipe: recoloured, tools });
    this.#ready = made.complete && made.file.type === type ? { picture, type, made } : null; // else it may be whole the next time
    return made;
  }

  #save() {
    return this.#handOver(this.#parts.save, ({ file, complete }) => {
      download(file);
      this.#say(complete ? text.saved : text.savedPlain);
    });
  }

  #share() {
    return this.#handOver(this.#parts.share, async ({ file }) => {
      if (await share(file)) this.#say(text.shared);
    });
  }

  /** Makes the file and hands it over; who waits for the program is told, and a second press of the button does nothing. */
  async #handOver(button, hand) {
    const shown = this.#shown;
    if (button.getAttribute("aria-busy")) return; // not disabled, so that who waits at it keeps the focus
    button.setAttribute("aria-busy", "true");
    const telling = setTimeout(() => this.#say(text.loading), SOON);
    const tools = this.#tools();
    const told = () => {
      clearTimeout(telling);
      this.#unsay(text.loading);
    };
    tools.then(told, told); // without it the file lacks the settings
    try {
      await hand(await this.#file(tools));
    } finally {
      if (shown === this.#shown) button.removeAttribute("aria-busy"); // else it is another picture's
    }
  }

  async #copy() {
    await copyPicture(converted(this.#picture, "image/png"));
    this.#say(text.copied);
  }

  async #pair() {
    const { photo, name } = this.#shown;
    const blob = await pairOf(photo.blob, this.#picture, this.#parts.format.value);
    if (!blob) throw new Error(text.noPair);
    download(new File([blob], `${stemOf(name)}-before-after.${FORMATS[blob.type] ?? "png"}`, { type: blob.type }));
    this.#say(text.saved);
  }

  async #film() {
    const { timelapse, name } = this.#shown;
    const { film } = this.#parts;
    if (film.getAttribute("aria-busy")) return; // not disabled, so that who waits at it keeps the focus
    film.setAttribute("aria-busy", "true");
    this.#say(text.makingTimelapse);
    try {
      const { blob, ending } = await timelapse.film();
      download(new File([blob], `${stemOf(name)}-timelapse.${ending}`, { type: blob.type }));
      this.#say(text.timelapseSaved);
    } finally {
      film.removeAttribute("aria-busy");
    }
  }

  async #recolour(colour) {
    const [shown, versions] = [this.#shown, this.#versions];
    this.#wanted = colour;
    let bitmap;
    try {
      if (!versions.has(colour)) {
        this.#say(text.recolouring);
        const tools = await this.#tools();
        const { tile } = shown.recipe.config;
        versions.set(colour, await tools.recolour({ picture: shown.picture, content: shown.photo.blob, colour, tile }));
      }
      bitmap = await createImageBitmap(versions.get(colour));
    } catch (error) {
      if (this.#shown !== shown || this.#wanted !== colour) return; // nobody waits for it any more
      this.#showColour();
      throw error;
    }
    // Another picture may be shown by now, or the other colours wished for again.
    if (this.#shown !== shown || this.#wanted !== colour) {
      bitmap.close();
      return;
    }
    this.#colour = colour;
    this.dispatchEvent(new CustomEvent("picture", { detail: bitmap }));
    this.#say(text.recoloured[colour]);
  }

  /** Lets the switch say whose colours are seen. */
  #showColour() {
    this.#wanted = this.#colour;
    this.#parts.colours.querySelector(`[value="${this.#colour}"]`).checked = true;
  }
}
