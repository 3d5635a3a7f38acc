// What a picture was painted with, as it travels inside the picture's file.

import { samples, text } from "../text/text.js";
import { sample } from "./intake.js";

/**
 * A recipe as it may leave the device: the names of the visitor's own files are nobody's business, so
 * paintings are named only when all of them are samples. Masks stay behind: as pictures they would make the file
 * larger by more than the rest of its settings is worth; that there were some is said (`masked`).
 */
export function fitToTravel(recipe, paintings) {
  const names = paintings.map(({ name }) => name);
  const masked = paintings.some(({ mask }) => mask) ? { masked: true } : {};
  return names.every((name) => fileOf(name)) ? { ...recipe, ...masked, paintings: names } : { ...recipe, ...masked };
}

/** Puts a recipe back into the page: the settings exactly, the paintings when they are samples, else their weights. */
export async function restore(recipe, settings, paintings) {
  try {
    settings.write(recipe);
  } catch (error) {
    throw new Error(text.otherSettings(error.message));
  }
  const { paintings: names = [], weights = [] } = recipe;
  if (names.length === 0 || !names.every((name) => fileOf(name))) {
    paintings.weigh(weights);
    return;
  }
  paintings.set(await Promise.all(names.map(async (name, i) => ({ blob: await sample(fileOf(name)), name, weight: weights[i] ?? 1 }))));
}

const fileOf = (name) => samples.paintings.find((known) => known.name === name)?.file;
