// What a run is to be of.

import { weighed } from "../pictures/recipe.js";
import { text } from "../text/index.js";

/** @import { Inputs, Left, Photo, Ports } from "./ports.js" */

/** What a run that does another over, or goes on with it, has of its own from the start. @param {Inputs | Left | null | undefined} earlier */
export const ownOf = (earlier) => (earlier ? { photo: earlier.photo, paintings: earlier.paintings } : {});

/**
 * What is gone on with, whatever was chosen since; or photo and paintings of an earlier run with the settings there are, which were made its
 * own; else what is chosen. Throws a sentence when there is nothing to paint.
 * @param {object} known
 * @param {Left | null} known.left
 * @param {Inputs | null} known.again
 * @param {Record<string, any> | null} known.live the settings of what is gone on with that can change during the run, as they are now
 * @param {Photo | null} known.photo
 * @param {Ports["panel"]} known.panel
 */
export function inputsOf({ left, again, live, photo, panel }) {
  if (left) return { photo: left.photo, paintings: weighed(left), live, recipe: left.recipe };
  const chosen = panel.read();
  if (again) {
    const isRead = photo?.blob === again.photo.blob; // then its size is known
    return { ...chosen, photo: isRead ? photo : again.photo, paintings: weighed(again) };
  }
  if (!photo) throw new Error(text.needPhoto);
  if (chosen.paintings.length === 0) throw new Error(text.needPainting);
  return { photo, ...chosen };
}
