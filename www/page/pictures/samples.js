// The pictures that come with the page.

import { text } from "../text/index.js";

/** Their files; what they are called is the languages' business. */
export const samples = {
  photos: ["photo-chelsea.jpg", "photo-coffee.jpg", "photo-astronaut.jpg", "photo-rocket.jpg"],
  paintings: ["style-cafe-terrace.jpg", "style-church-at-auvers.jpg", "style-night-cafe.jpg", "style-langlois-bridge.jpg"],
};

/** @returns {Promise<Blob>} a sample's file */
export async function sample(file) {
  const response = await fetch(`samples/${file}`);
  if (!response.ok) throw new Error(text.sampleMissing(file, response.status));
  return response.blob();
}
