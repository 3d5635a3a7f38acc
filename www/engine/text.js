// Every sentence of the engine itself, in English. Another language takes their place by `translate`; what the program in
// WebAssembly says of settings and files stays as it is.

/** Sentences by name; words in braces stand for what `say` puts there. */
export const text = {
  // The element, for screen readers and its author.
  unpainted: "Not painted yet",
  beingPainted: "Being painted",
  painted: "The painted picture",
  noPicture: "<easel-canvas> has no {what}. Set its {what} attribute to a picture's address.",

  // What pictures are called.
  photo: "The photo",
  painting: "The painting",
  mask: "The mask",
  start: "The picture to start from",
  picture: "The picture",
  file: "The file",

  // What was asked for.
  badBackend: "The backend cannot be {value}: use one of {choices}.",
  badPicture: "{what} must be a Blob, an ImageBitmap, an ImageData, an image, a canvas or an address.",
  noPixels: "{what} has no pixels: it was closed or handed on before, or has no width or height. Give it a size, or use another picture.",
  noPainting: "There is no painting to take the style from. Add at least one with a weight above 0.",
  badSettings: 'The settings must be an object such as { "size": 256 }.',
  badPlace: "{what} cannot be {value}: say an address.",
  badCheckpoint: "What to resume from must be a checkpoint's Blob.",
  badWeight: "A painting's weight cannot be {value}: use a number from 0 to 1000.",
  badCount: "{value} is no number of suggestions. Use a whole number from 1 up.",
  badVector: "A painting's vector must be the 100 numbers that instant pictures have for one.",
  badColour: 'The colours of a finished picture cannot be {value}: use "luminance", the photo\'s, or "style", the painting\'s.',
  badLane: 'A lane must be a name such as "picture", or null.',
  badChanges: 'The changes must be an object such as { "styleWeight": 2 }.',
  ended: "The job has ended: nothing can be changed any more. Start another.",
  endedBefore: "The job ended before this could be changed.",
  cancelled: "The job was cancelled.",
  superseded: "A newer picture was asked for instead.",
  disposed: "The painter was disposed of. Create a new one.",

  // What comes over the network.
  notFetched: "The network file {file} could not be fetched. Check the connection and try again.",
  notServed: "The network file {file} could not be fetched (HTTP {status}). Try again, or reinstall the weights folder.",
  pictureNotFetched: "{what} {address} could not be fetched ({reason}). Check its address.",
  foreignPicture: "{what} comes from another site, which does not let its pixels be read. Use a copy of your own.",

  // What comes from another site, and what this page's policy has to allow for it.
  noCors:
    'Another site does not let this page read {address}: its server has to send the header "Access-Control-Allow-Origin" with it (* or {page}), and many do not where a file is missing.',
  unreachable: '{address} could not be fetched: there is no connection, or its server does not send the header "Access-Control-Allow-Origin".',
  policyWorker: "This page's Content-Security-Policy does not let Easel start its worker, which comes from another site: add blob: to its worker-src.",
  policyConnect: "This page's Content-Security-Policy does not let Easel fetch its files: add {origin} to its connect-src.",
  policyProgram: "This page's Content-Security-Policy does not let Easel's program run: add 'wasm-unsafe-eval' to its script-src.",
  unknownPlace: "Easel cannot find its files: a bundler has left them at {address}. Say where they are by the option assets, wasm or weights.",
  notGiven: "The network file {file} is not among those that the option weights names.",

  // Workers and devices.
  outdated: "Easel was updated while this page was open. Reload the page to go on.",
  notStarted: "The painter did not start. Check the connection and try again.",
  stopped: "The painter stopped unexpectedly ({reason}). Try again.",
  programNotLoaded: "The painter's program could not be loaded ({reason}). Check the connection and try again.",
  notLoaded: "its program could not be loaded",
  garbled: "The painter sent a message that could not be read. Try again.",
  silent: "The painter stopped without a word. Try again.",
  hung: "The painter did not answer any more. Try again.",
  outOfMemory: "The painter ran out of memory.",
  programFailed: "The painter's program failed ({reason}).",
  deviceLost: "The graphics device was lost ({reason}).",
  noReason: "no reason given",
  wrongDevice: "The graphics device computes wrongly ({operation}). Update the browser and the graphics driver, or paint on the CPU.",
  deviceOutOfMemory: "The graphics device is out of memory.",
  givenUp: "The painter failed several times and was given up. {reason} Create a new one, or paint a smaller size.",
};

/**
 * A sentence.
 * @param {keyof typeof text} name
 * @param {Record<string, unknown>} [values] what its words in braces stand for
 */
export const say = (name, values = {}) => text[name].replace(/\{(\w+)\}/g, (word, key) => (key in values ? String(values[key]) : word));

/**
 * Puts other sentences in place of these, from now on. Workers made afterwards speak them, too.
 * @param {Partial<typeof text>} sentences those left out stay
 */
export function translate(sentences) {
  for (const name of /** @type {(keyof typeof text)[]} */ (Object.keys(text))) {
    const sentence = sentences[name];
    if (typeof sentence === "string") text[name] = sentence;
  }
}
