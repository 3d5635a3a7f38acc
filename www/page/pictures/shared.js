// The link to what is set on the page: made, copied, and put in place when one was opened.

import { sampleName, sampleNamed, text } from "../text/index.js";
import { fragmentOf, isShared, readFragment } from "../settings/link.js";
import { sample, samples } from "./samples.js";

/**
 * What is set on the page, as it may be shared: the names of samples, and nothing of the visitor's own pictures.
 * @param {{ config: any, strength: number }} chosen
 * @param {{ name: string } | null} photo
 * @param {{ name: string, weight: number, mask?: Blob | null }[]} paintings
 * @returns {{ fragment: string, complete: boolean }} whether all of it is in the link
 */
export function shared({ config, strength }, photo, paintings) {
  const files = paintings.map(({ name }) => sampleNamed(name));
  // Some of a mixture would be another mixture.
  const all = files.length > 0 && files.every(Boolean);
  const photoFile = photo ? sampleNamed(photo.name) : undefined;
  const fragment = fragmentOf({
    config,
    strength,
    photo: photoFile ?? null,
    paintings: all ? files.map((file, i) => ({ file, weight: paintings[i].weight })) : [],
  });
  return { fragment, complete: Boolean(all && photoFile && !paintings.some(({ mask }) => mask)) };
}

/**
 * Takes the settings of a link out of an address, which is then as ever: a reload shall not set them again.
 * @returns {string | null} its fragment, if it carries settings
 */
export function takeFragment({ location, history } = globalThis) {
  const { hash } = location;
  if (!isShared(hash)) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return hash;
}

/**
 * Puts what a link carries in place, as far as it can be.
 * @param {string} fragment
 * @param {{ adopt: (settings: { config: unknown, strength: unknown }) => boolean, usePhoto: (blob: Blob, name: string) => Promise<any>,
 *   usePaintings: (coming: Promise<{ blob: Blob, name: string, weight: number, mask: null }[]>) => Promise<any> }} page
 * @returns {Promise<string>} a sentence about it
 */
export async function openShared(fragment, { adopt, usePhoto, usePaintings }) {
  const link = readFragment(fragment);
  if (!link) return text.badLink;
  let whole = adopt(link);
  const isPainting = ({ file, weight }) => samples.paintings.includes(file) && weight >= 0 && weight <= 1;
  const known = link.paintings.filter(isPainting);
  whole &&= known.length === link.paintings.length;
  if (known.length > 0) {
    await usePaintings(Promise.all(known.map(async ({ file, weight }) => ({ blob: await sample(file), name: sampleName(file), weight, mask: null }))));
  }
  if (samples.photos.includes(link.photo)) await usePhoto(await sample(link.photo), sampleName(link.photo));
  else whole &&= link.photo === null;
  return whole ? text.linkOpened : text.linkOpenedPartly;
}
