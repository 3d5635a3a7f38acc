// What the page keeps on this device: finished pictures, the files they were made of, and a run under way.

import { openDB } from "../../vendor/idb.js";
import { DATABASE } from "../offline/names.js";
import { detached } from "./detached.js";
import { moveEarlier } from "./earlier.js";

const STORES = ["results", "pictures", "run"];
/** A database that is blocked or damaged may never answer; on a busy phone it takes seconds. */
const PATIENCE = 10_000;

/**
 * Keyed values in IndexedDB; where the browser refuses that, in memory until the page is closed.
 *
 * Only `put` and `change` may fail (there may be no room left); everything else answers, with nothing if need be.
 */
export class Store {
  #db = null;
  #memory = new Map(STORES.map((name) => [name, new Map()]));
  #asked = false;

  /** Whether things outlast the page. */
  get lasts() {
    return this.#db !== null;
  }

  /** @returns {Promise<Store>} always, whatever the browser allows */
  static async open() {
    const store = new Store();
    await store.#connect().catch(() => {});
    if (store.lasts) await moveEarlier(store);
    return store;
  }

  /** A value, to be done with as one likes: its Blobs are copies. */
  async get(name, key) {
    return this.#db ? this.#quietly(async (db) => detached(await db.get(name, key)), undefined) : this.#memory.get(name).get(key);
  }

  /** All values, to be looked at: what is to outlive its record there goes through `detached` first. */
  async all(name) {
    return this.#db ? this.#quietly((db) => db.getAll(name), []) : [...this.#memory.get(name).values()];
  }

  async put(name, key, value) {
    if (this.#db) await this.#reconnecting((db) => putAtOnce(db.transaction(name, "readwrite"), key, value));
    else this.#memory.get(name).set(key, value);
  }

  async delete(name, key) {
    await this.change([name], (now) => now.delete(name, key)).catch(() => {});
  }

  /**
   * Reads and writes as one: all of it or nothing, and nothing of another tab's comes between.
   * @template T
   * @param {string[]} names the stores concerned
   * @param {(now: Access) => T | Promise<T>} action may wait for what it asks of `now`, and for nothing else: meanwhile
   *   the browser would take the transaction for finished
   * @returns {Promise<T>}
   */
  async change(names, action) {
    if (!this.#db) return action(inMemory(this.#memory));
    return this.#reconnecting((db) => inOneGo(db.transaction(names, "readwrite"), action));
  }

  /** Asks the browser not to clear what is kept when it runs short; it may ask the visitor. Once a page, and nobody waits for the answer. */
  askToLast() {
    if (this.#asked || !this.lasts) return;
    this.#asked = true;
    navigator.storage?.persist?.().catch(() => {});
  }

  async #connect() {
    const upgrade = (db) => {
      for (const name of STORES) if (!db.objectStoreNames.contains(name)) db.createObjectStore(name);
    };
    // A newer version in another tab may want to change the database: this one must not be in its way.
    const blocking = (_current, _blocked, event) => event.target.close();
    const opening = openDB(DATABASE, 1, { upgrade, blocking });
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("The database does not answer.")), PATIENCE));
    this.#db = await Promise.race([opening, late]);
  }

  /** Browsers close a database when the page sleeps: one more try with a new connection. */
  async #reconnecting(action) {
    try {
      return await action(this.#db);
    } catch (error) {
      if (error.name !== "InvalidStateError") throw error;
      await this.#connect();
      return action(this.#db);
    }
  }

  async #quietly(action, otherwise) {
    try {
      return await this.#reconnecting(action);
    } catch {
      return otherwise;
    }
  }
}

/**
 * What a change may do.
 * @typedef {object} Access
 * @property {(name: string, key: string) => Promise<any>} get
 * @property {(name: string) => Promise<any[]>} all
 * @property {(name: string) => Promise<string[]>} keys
 * @property {(name: string, key: string, value: any) => Promise<void>} put
 * @property {(name: string, key: string) => Promise<void>} delete
 */

/** Writes without waiting in between: a page on its way out may not live to see the first answer. */
function putAtOnce(transaction, key, value) {
  const put = Promise.all([transaction.store.put(value, key), transaction.done]);
  transaction.commit?.();
  return put;
}

async function inOneGo(transaction, action) {
  const { done } = transaction;
  done.catch(() => {}); // whoever waits for the action says so
  const of = (name) => transaction.objectStore(name);
  try {
    const value = await action({
      get: (name, key) => of(name).get(key),
      all: (name) => of(name).getAll(),
      keys: (name) => of(name).getAllKeys(),
      put: (name, key, value) => of(name).put(value, key),
      delete: (name, key) => of(name).delete(key),
    });
    await done;
    return value;
  } catch (failure) {
    // What the browser aborts for want of room it tells there, and each request only that it was aborted.
    const error = transaction.error ?? failure;
    try {
      transaction.abort();
    } catch {
      // It has ended by itself.
    }
    throw error;
  }
}

const inMemory = (stores) => ({
  get: async (name, key) => stores.get(name).get(key),
  all: async (name) => [...stores.get(name).values()],
  keys: async (name) => [...stores.get(name).keys()],
  put: async (name, key, value) => void stores.get(name).set(key, value),
  delete: async (name, key) => void stores.get(name).delete(key),
});
