// What a session works with and what it hands over, as types: there is nothing here to run.

/**
 * @typedef {import("./run.js").Photo} Photo
 * @typedef {import("./run.js").Painting} Painting
 * @typedef {import("./run.js").Recipe} Recipe
 * @typedef {{ photo: Photo, paintings: Painting[], recipe: Recipe }} Inputs what an earlier run was of
 * @typedef {{ photo: Photo, paintings: Painting[], recipe: Recipe, checkpoint: Blob | null | Promise<Blob | null>, resumed: number,
 *   underpainting?: Blob | null, stopped?: { seconds: number, iteration: number }, apart?: boolean }} Left a run that did not get to its end;
 *   `resumed`: how often it was taken up again without getting anywhere since; `stopped`: that somebody found it good enough, and how far it was;
 *   `apart`: that it is not offered beside its picture, which is not seen any more
 * @typedef {{ picture: Blob, photo: Photo, paintings: Painting[], recipe: Recipe, name: string, seconds: number,
 *   iteration: number, iterations: number }} Result a picture with all it takes to paint it again
 *
 * @typedef {object} Ports what a session works with
 * @property {() => Promise<import("../../engine/stylizer.js").Stylizer>} open the device
 * @property {{ read: () => { recipe: Recipe, live: Record<string, any>, paintings: Painting[] },
 *   restore: (inputs: Inputs, how?: { yields?: boolean, after?: Promise<any>, wanted?: () => boolean }) => Promise<Record<string, any>> }} panel what is
 *   set on the page, and how to set it as it was for an earlier run, once `after` has resolved and if that is still wanted, which gives the settings that
 *   can change on the way as they are then. A photo or paintings chosen after the call stay; a photo that yields does so to one chosen before, too. Both may throw
 *   sentences, and what will never be set again, for its pictures are gone or its settings refused, says so by `code: "useless"`
 * @property {{ begin: (run: import("./run.js").Run, how: { fresh: boolean }) => Promise<void>, picture: (run: import("./run.js").Run) => Promise<{ blob: Blob, enlarged?: number }>,
 *   painted: (result: Result, how: { stopped: boolean }) => Promise<void>,
 *   show: (result: Result, wanted: () => boolean) => Promise<void> }} view shows a run's photo, gives the picture as it stands, at the size
 *   chosen (`enlarged`: the long side it was painted at, if that was less) or rejects with a sentence where it is not to be had, shows a finished
 *   one, and one that was kept, if that is still wanted once it is read
 *
 * @typedef {object} Storage where a session keeps things
 * @property {import("../gallery/unfinished.js").Unfinished} unfinished
 * @property {(result: Result) => Promise<any>} keep fails when there is no room, by the name of QuotaExceededError
 */

export {};
