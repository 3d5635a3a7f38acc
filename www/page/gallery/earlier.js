// What earlier versions kept: in a database called "easel", whichever folder of the site they were in.
//
// Which copy of Easel a picture was painted in it does not say, so the first copy that is opened takes all of it over. That
// is done picture by picture, each in the new place before it leaves the old one: at no time is one in neither, and
// what does not fit yet stays for the next visit.

import { deleteDB, openDB } from "../../vendor/idb.js";
import { detached } from "./detached.js";
import { filesOf } from "./kept.js";

const DATABASE = "easel";
const STORES = ["results", "pictures", "run"];
/** Whoever paints in an earlier version holds this lock, and goes on writing there. */
const LOCK = "easel-run";
/** The database may never answer, as little as the one in use. */
const PATIENCE = 10_000;
/** Another tab may be at it; one that paints is not waited for. */
const LOCK_PATIENCE = 2500;

/**
 * Moves into `store` what an earlier version kept. Never fails; what could not be moved is tried again at the next visit.
 * @param {import("./store.js").Store} store
 */
export async function moveEarlier(store) {
  const move = () => moveAll(store);
  try {
    if (navigator.locks) await navigator.locks.request(LOCK, { signal: AbortSignal.timeout(LOCK_PATIENCE) }, move);
    else await move();
  } catch {
    // It is in use, blocked, or there is no room.
  }
}

async function moveAll(store) {
  const db = await open();
  if (!db) return;
  try {
    const moves = (await db.getAllKeys("results")).map((key) => () => moveResult(db, store, key));
    // The checkpoint first: without the job that goes with it nobody takes it up.
    moves.push(() => moveRun(db, store, "checkpoint"), () => moveRun(db, store, "job"));
    const failures = [];
    for (const move of moves) await move().catch((error) => failures.push(error));
    if (failures.length === 0) deleteDB(DATABASE).catch(() => {}); // once no page has it open any more
  } finally {
    db.close();
  }
}

/** The database, or null where there is none; it is not made by looking for it. */
async function open() {
  const upgrade = (_db, _old, _new, transaction) => {
    transaction.done.catch(() => {});
    transaction.abort();
  };
  const opening = openDB(DATABASE, undefined, { upgrade });
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const db = await Promise.race([opening.catch(() => null), late]);
  if (!db) opening.then((found) => found.close()).catch(() => {}); // too late, and in nobody's way
  if (!db || STORES.every((name) => db.objectStoreNames.contains(name))) return db;
  db.close(); // another program's
  return null;
}

/** The run under way, unless there is a newer one. */
async function moveRun(db, store, key) {
  const value = await detached(await db.get("run", key));
  if (value === undefined) return;
  const newer = await store.get("run", "job");
  if (!newer) await store.put("run", key, value);
  await db.delete("run", key);
}

/** A picture with the files it was made of. */
async function moveResult(db, store, key) {
  const result = await detached(await db.get("results", key));
  const files = await Promise.all(filesOf(result ?? {}).map(async (file) => [file, await detached(await db.get("pictures", file))]));
  await store.change(["results", "pictures"], async (now) => {
    for (const [file, blob] of files) if (blob) await now.put("pictures", file, blob);
    await now.put("results", key, result);
  });
  await db.delete("results", key);
}
