// The painters that a page's elements share: their jobs take turns.

import { Stylizer } from "./stylizer.js";

/** @typedef {{ opening: Promise<Stylizer>, unwanted: AbortController, taken: Set<object> }} Painter */

/** By backend and place. */
const painters = /** @type {Map<string, Painter>} */ (new Map());

/**
 * What is counted in a user's place: an element that a page has dropped without `dispose()` is to be collected, and its painter freed.
 * @type {WeakMap<object, object>}
 */
const seats = new WeakMap();
const collected = new FinalizationRegistry(vacate);

/** @param {object} user */
function seatOf(user) {
  const known = seats.get(user);
  if (known) return known;
  const seat = {};
  seats.set(user, seat);
  collected.register(user, seat);
  return seat;
}

/**
 * The painter for a backend; made where there is none, or none any more. Whoever used another uses that no more.
 * @param {object} user who is to be counted until it `leave`s
 * @param {string} backend an unknown one is said
 * @param {import("./places.js").PlaceOptions} places
 */
export function join(user, backend, places) {
  const key = JSON.stringify([backend, String(places.assets)]);
  const seat = seatOf(user);
  vacate(seat, key);
  const known = painters.get(key);
  if (known) {
    known.taken.add(seat);
    return known.opening;
  }
  const unwanted = new AbortController();
  const opening = Stylizer.create({ ...places, backend: /** @type {any} */ (backend), signal: unwanted.signal });
  const painter = { opening, unwanted, taken: new Set([seat]) };
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
 */
export function leave(user) {
  vacate(seatOf(user));
}

/**
 * @param {object} seat
 * @param {string} [kept] the key of a painter that it goes on with
 */
function vacate(seat, kept) {
  for (const [key, { opening, unwanted, taken }] of painters) {
    if (key === kept || !taken.delete(seat) || taken.size > 0) continue;
    painters.delete(key);
    unwanted.abort();
    opening.then(
      (stylizer) => stylizer.dispose(),
      () => {},
    );
  }
}
