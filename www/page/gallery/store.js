// What the page keeps on this device: finished pictures, the files they were made of, and a run under way.

import { openDB } from "../../vendor/idb.js";

const STORES = ["results", "pictures", "run"];
/** A database that is blocked or damaged may never answer. */
const PATIENCE = 2500;

/**
 * Keyed values in IndexedDB; where the browser refuses that, in memory until the page is closed.
 *
 * Only `put` may fail (there may be no room left); everything else answers, with nothing if need be.
 */
export class Store {
  #db = null;
  #memory = new Map(STORES.map((name) => [name, new Map()]));

  /** Whether things outlast the page. */
  get lasts() {
    return this.#db !== null;
  }

  /** @returns {Promise<Store>} always, whatever the browser allows */
  static async open() {
    const store = new Store();
    await store.#connect().catch(() => {});
    return store;
  }

  async get(name, key) {
    return this.#db ? this.#quietly((db) => db.get(name, key), undefined) : this.#memory.get(name).get(key);
  }

  async all(name) {
    return this.#db ? this.#quietly((db) => db.getAll(name), []) : [...this.#memory.get(name).values()];
  }

  async keys(name) {
    return this.#db ? this.#quietly((db) => db.getAllKeys(name), []) : [...this.#memory.get(name).keys()];
  }

  async put(name, key, value) {
    if (this.#db) await this.#reconnecting((db) => db.put(name, value, key));
    else this.#memory.get(name).set(key, value);
  }

  async delete(name, key) {
    if (this.#db) await this.#quietly((db) => db.delete(name, key));
    else this.#memory.get(name).delete(key);
  }

  async #connect() {
    const upgrade = (db) => {
      for (const name of STORES) if (!db.objectStoreNames.contains(name)) db.createObjectStore(name);
    };
    // A newer version in another tab may want to change the database: this one must not be in its way.
    const blocking = (_current, _blocked, event) => event.target.close();
    const opening = openDB("easel", 1, { upgrade, blocking });
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
