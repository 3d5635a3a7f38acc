// What a run is to be of.

import { weighed } from "../pictures/recipe.js";
import { text } from "../text/index.js";

/** @import { Left, Photo, Ports } from "./ports.js" */

/**
 * What is gone on with, whatever was chosen since; else what is chosen. Throws a sentence when there is nothing to paint.
 * @param {object} known
 * @param {Left | null} known.left
 * @param {Record<string, any>} known.live the settings of what is gone on with that can change during the run, as they are now
 * @param {Photo | null} known.photo
 * @param {Ports["panel"]} known.panel
 */
export function inputsOf({ left, live, photo, panel }) {
  if (left) return { photo: left.photo, paintings: weighed(left), live, recipe: left.recipe };
  const chosen = panel.read();
  if (!photo) throw new Error(text.needPhoto);
  if (chosen.paintings.length === 0) throw new Error(text.needPainting);
  return { photo, ...chosen };
}
