// The pictures that come with the page.

import { text } from "../text/index.js";

/** Their files; what they are called is the languages' business. */
export const samples = {
  photos: ["photo-chelsea.jpg", "photo-coffee.jpg", "photo-astronaut.jpg", "photo-rocket.jpg"],
  paintings: [
    "style-cafe-terrace.jpg",
    "style-great-wave.jpg",
    "style-composition-viii.jpg",
    "style-moulin-de-la-galette.jpg",
    "style-poppies.jpg",
    "style-church-at-auvers.jpg",
    "style-inokashira-snow.jpg",
    "style-summertime.jpg",
    "style-night-cafe.jpg",
    "style-langlois-bridge.jpg",
  ],
};

/** What is shown of a sample until it is chosen: a square of 160 px and at most 8 kB, where the sample itself has a hundred. */
export const thumbnail = (file) => `samples/thumbnails/${file}`;

/** @returns {Promise<Blob>} a sample's file */
export async function sample(file) {
  let status = 0;
  try {
    const response = await fetch(`samples/${file}`);
    ({ status } = response);
    if (response.ok) return await response.blob();
  } catch {
    status = 0; // no connection, or none any more: browsers say so in words of their own, in English
  }
  throw new Error(text.sampleMissing(file, status));
}
