// The painters that a page's elements share: their jobs take turns.

import { Stylizer } from "./stylizer.js";

/** @typedef {{ opening: Promise<Stylizer>, unwanted: AbortController, users: Set<object> }} Painter */

/** By backend and place. */
const painters = /** @type {Map<string, Painter>} */ (new Map());

/**
 * The painter for a backend; made where there is none, or none any more. Whoever used another uses that no more.
 * @param {object} user who is to be counted until it `leave`s
 * @param {string} backend an unknown one is said
 * @param {import("./places.js").PlaceOptions} places
 */
export function join(user, backend, places) {
  const key = JSON.stringify([backend, String(places.assets)]);
  leave(user, key);
  const known = painters.get(key);
  if (known) {
    known.users.add(user);
    return known.opening;
  }
  const unwanted = new AbortController();
  const opening = Stylizer.create({ ...places, backend: /** @type {any} */ (backend), signal: unwanted.signal });
  const painter = { opening, unwanted, users: new Set([user]) };
  painters.set(key, painter);
  const forget = () => {
    if (painters.get(key) === painter) painters.delete(key);
  };
  opening.then((stylizer) => stylizer.addEventListener("stopped", forget), forget);
  return opening;
}

/**
 * Counts a user no more; painters that nobody uses are disposed of, or open no further.
 * @param {object} user
 * @param {string} [kept] the key of one that it goes on with
 */
export function leave(user, kept) {
  for (const [key, { opening, unwanted, users }] of painters) {
    if (key === kept || !users.delete(user) || users.size > 0) continue;
    painters.delete(key);
    unwanted.abort();
    opening.then(
      (stylizer) => stylizer.dispose(),
      () => {},
    );
  }
}
