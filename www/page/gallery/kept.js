// The kept pictures themselves, each with all it takes to make it again, the same in every tab.
//
// A picture is kept in one transaction together with the files it was made of, and leaves in one together with those that no
// other picture needs. Tabs can therefore keep and delete at once without taking a file from under each other; what one
// does it tells the others, which look for themselves. What there is no room for is listed, too, until the page is closed:
// it may be all there is of hours.

import { hashOf } from "../../engine/hash.js";
import { GALLERY_CHANNEL } from "../offline/names.js";
import { toBlob } from "../pictures/encode.js";
import { detached } from "./detached.js";

const STORES = ["results", "pictures"];
const THUMB_SIDE = 240;

/** Where tabs tell each other; null where there is none, or a browser that denies storage refuses this, too. */
function channel() {
  try {
    return new BroadcastChannel(GALLERY_CHANNEL);
  } catch {
    return null;
  }
}

/** The key of a file among the kept ones: the same file is kept once, however many pictures were made of it. */
const keyOf = async (blob) => (crypto.subtle ? hashOf(blob) : `${blob.size}-${Math.random()}`);

async function thumbOf(bitmap) {
  const scale = Math.min(1, THUMB_SIDE / Math.min(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return toBlob(canvas, "image/jpeg");
}

/** A picture's size, and a small one of it; itself where there is no memory for that: without one it would be listed nowhere. */
async function measure(picture) {
  const bitmap = await createImageBitmap(picture);
  try {
    const { width, height } = bitmap;
    const thumb = (await thumbOf(bitmap).catch(() => null)) ?? picture;
    return { width, height, thumb };
  } finally {
    bitmap.close();
  }
}

/** The keys of the files a picture was made of; of a damaged record those that can be told. */
export const filesOf = ({ photo, paintings }) => [photo, ...(Array.isArray(paintings) ? paintings : [])].map((file) => file?.key).filter(Boolean);

const isWhole = ({ picture, thumb, recipe, photo, paintings }) => picture && thumb && recipe?.config && photo && paintings;

/**
 * The list, newest first. Fires `change` when another tab kept or deleted something.
 *
 * A kept picture: `{ id, date, name, recipe, width, height, picture, thumb, photo, paintings, seconds, iteration }`.
 */
export class Kept extends EventTarget {
  #store;
  #channel = channel();
  #all = [];
  /** Those that could not be kept, with their files by key, and why. @type {Map<object, { files: Map<string, Blob>, error: Error }>} */
  #unkept = new Map();
  /** Changes of the list come one after another: what was read before another could be put down after it. */
  #turn = Promise.resolve();

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    super();
    this.#store = store;
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hear(data);
  }

  get all() {
    return this.#all;
  }

  /** Finds what was kept earlier. */
  load() {
    return this.#inTurn(async () => {
      this.#all = [];
      for (const result of await this.#store.all("results")) this.#list(result);
    });
  }

  /** Why a picture is not kept, but only listed; null of one that is. @returns {Error | null} */
  failure(result) {
    return this.#unkept.get(result)?.error ?? null;
  }

  /**
   * Keeps a picture; only lists it when there is no room left, see `failure`.
   * @param {import("../session/ports.js").Result} result
   * @param {Pick<import("./unfinished.js").Unfinished, "forget" | "end">} [run] the run it is of, which it makes superfluous
   * @returns {Promise<object>} it, as kept
   */
  async add({ picture, photo, paintings, ...rest }, run) {
    const files = new Map();
    const keyed = async (blob) => {
      const key = await keyOf(blob);
      files.set(key, blob);
      return key;
    };
    const date = Date.now();
    const result = {
      ...rest,
      ...(await measure(picture)),
      id: `${date}-${Math.random().toString(36).slice(2, 8)}`,
      date,
      picture,
      photo: { name: photo.name, key: await keyed(photo.blob) },
      paintings: await Promise.all(paintings.map(async ({ blob, name, weight, mask }) => ({ name, weight, mask, key: await keyed(blob) }))),
    };
    try {
      await this.#put(result, files, run && ((now) => run.forget(now))).catch(async () => {
        await run?.end(); // its state takes more room than the picture
        await this.#put(result, files);
      });
      this.#store.askToLast();
      await this.#tryAgain();
    } catch (error) {
      this.#onlyList(result, files, error);
    }
    return result;
  }

  /**
   * Deletes a picture, and the files that no other was made of. Those there was no room for are kept then, if there is now; so are they
   * when another is kept, or another tab does something.
   * @returns {Promise<() => Promise<void>>} undoes it; only lists it when there is no room left, see `failure`
   */
  async remove(result) {
    const files = new Map();
    await this.#inTurn(async () => {
      for (const key of filesOf(result)) files.set(key, await this.#file(result, key));
      const { picture, thumb, paintings } = result; // with their masks: one that is lost takes nothing else along
      for (const part of [{ picture, thumb }, { paintings }]) Object.assign(result, await detached(part).catch(() => ({})));
      if (!this.#unkept.delete(result)) await this.#erase(result); // else the store, which may be what fails, does not know it
      this.#all = this.#all.filter(({ id }) => id !== result.id);
    });
    await this.#tryAgain();
    return () => this.#put(result, files).catch((error) => this.#onlyList(result, files, error));
  }

  /**
   * A picture with the files it was made of: `photo` and `paintings` get `blob`, undefined where one is gone. It outlives its record, which may be
   * deleted while a run goes on from it.
   */
  async whole(result) {
    const [picture, paintings] = await Promise.all([result.picture, result.paintings].map((part) => detached(part).catch(() => part)));
    const fetch = async ({ key, ...rest }) => ({ ...rest, blob: await this.#file(result, key) });
    return { ...result, picture, photo: await fetch(result.photo), paintings: await Promise.all(paintings.map(fetch)) };
  }

  async #file(result, key) {
    return this.#unkept.get(result)?.files.get(key) ?? this.#store.get("pictures", key);
  }

  /**
   * @param {any} result
   * @param {Map<string, Blob | undefined>} files by their keys
   * @param {(now: import("./store.js").Access) => Promise<void>} [also]
   * @param {() => boolean} [wanted] whether it still is, once it is its turn
   */
  #put(result, files, also = async () => {}, wanted = () => true) {
    return this.#inTurn(async () => {
      if (!wanted()) return;
      await this.#store.change([...STORES, "run"], async (now) => {
        const there = new Set(await now.keys("pictures"));
        for (const [key, blob] of files) if (blob && !there.has(key)) await now.put("pictures", key, blob);
        await now.put("results", result.id, result);
        await also(now);
      });
      this.#unkept.delete(result);
      this.#list(result);
      this.#tell(result.id);
    });
  }

  async #erase({ id }) {
    await this.#store.change(STORES, async (now) => {
      await now.delete("results", id);
      const used = new Set((await now.all("results")).flatMap(filesOf));
      for (const key of await now.keys("pictures")) if (!used.has(key)) await now.delete("pictures", key);
    });
    this.#tell(id);
  }

  #onlyList(result, files, error) {
    this.#unkept.set(result, { files, error });
    this.#list(result);
  }

  /** Keeps what there was no room for, if there is by now. One that is deleted meanwhile is not put back. */
  async #tryAgain() {
    for (const [result, { files }] of [...this.#unkept]) await this.#put(result, files, undefined, () => this.#unkept.has(result)).catch(() => {});
  }

  /** Another tab did something with a picture; it may have made room. */
  async #hear(id) {
    await this.#inTurn(async () => {
      const result = await this.#store.get("results", id);
      this.#all = this.#all.filter((other) => other.id !== id);
      if (result) this.#list(result);
    });
    await this.#tryAgain();
    this.dispatchEvent(new Event("change"));
  }

  #tell(id) {
    if (this.#store.lasts) this.#channel?.postMessage(id);
  }

  /** Puts a picture in its place; what is damaged has none. */
  #list(result) {
    if (isWhole(result)) this.#all = [...this.#all.filter((other) => other !== result), result].sort((a, b) => b.date - a.date);
  }

  #inTurn(action) {
    const done = this.#turn.then(action);
    this.#turn = done.catch(() => {});
    return done;
  }
}
