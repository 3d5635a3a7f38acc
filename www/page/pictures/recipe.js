// What a picture was painted with, as it travels inside the picture's file.

import { isWithin } from "../settings/sane.js";
import { commonName, sampleName, sampleNamed, text } from "../text/index.js";
import { sample } from "./samples.js";

/**
 * A recipe as it may leave the device: the names of the visitor's own files are nobody's business, so
 * paintings are named only when all of them are samples. Masks stay behind: as pictures they would make the file
 * larger by more than the rest of its settings is worth; that there were some is said (`masked`).
 */
export function fitToTravel(recipe, paintings) {
  const files = paintings.map(({ name }) => sampleNamed(name));
  const masked = paintings.some(({ mask }) => mask) ? { masked: true } : {};
  return files.every(Boolean) ? { ...recipe, ...masked, paintings: files.map(commonName) } : { ...recipe, ...masked };
}

/** The weights that there can be. */
const WEIGHTS = { min: 0, max: Number.MAX_VALUE };

/** A run's paintings, each with the weight it had in the end. */
export const weighed = ({ paintings, recipe }) => paintings.map((painting, i) => ({ ...painting, weight: recipe.weights?.[i] ?? painting.weight }));

/**
 * Puts a recipe back into the page: the settings exactly, the paintings when they are samples, else their weights.
 * @param {any} recipe
 * @param {Pick<import("../settings/settings.js").Settings, "write">} settings
 * @param {{ weigh: (weights: (number | undefined)[]) => void, usePaintings: (coming: Promise<any[]>) => Promise<any> }} page
 */
export async function restore(recipe, settings, { weigh, usePaintings }) {
  try {
    settings.write(recipe);
  } catch (error) {
    throw new Error(text.otherSettings(error.message));
  }
  // Out of a file comes anything: what is no weight is left as it is.
  const [names, given] = [recipe.paintings, recipe.weights].map((list) => (Array.isArray(list) ? list : []));
  const known = given.filter((weight) => isWithin(weight, WEIGHTS));
  // The command line's may be of any size: it is their ratio that counts, and a slider ends at 1.
  const most = Math.max(1, ...known);
  const weights = given.map((weight) => (known.includes(weight) ? weight / most : undefined));
  const files = names.map(sampleNamed);
  if (files.length === 0 || !files.every(Boolean)) {
    weigh(weights);
    return;
  }
  await usePaintings(Promise.all(files.map(async (file, i) => ({ blob: await sample(file), name: sampleName(file), weight: weights[i] ?? 1 }))));
}
