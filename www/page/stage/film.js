// Frames made into a film: MP4 where the browser encodes H.264, which every phone and messenger plays, else WebM.
//
// The browser encodes, a library puts the file together. Browsers without an encoder to call may still record what a canvas
// shows: that takes as long as the film does.

import { text } from "../text/index.js";
import { withDuration } from "./webm.js";

const FRAME_MILLIS = 40;
/** How long the finished picture stays, in frames. */
const LAST_FRAMES = 30;
const BITS_PER_SECOND = 4e6;

/**
 * What to encode, in this order; `format` is the library's class.
 * @type {{ codec: string, name: string, format: "Mp4OutputFormat" | "WebMOutputFormat", type: string, ending: "mp4" | "webm" }[]}
 */
const ENCODINGS = [
  { codec: "avc1.42001f", name: "avc", format: "Mp4OutputFormat", type: "video/mp4", ending: "mp4" },
  { codec: "vp09.00.10.08", name: "vp9", format: "WebMOutputFormat", type: "video/webm", ending: "webm" },
  { codec: "vp8", name: "vp8", format: "WebMOutputFormat", type: "video/webm", ending: "webm" },
];
const RECORDED = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];

const recordable = () =>
  globalThis.MediaRecorder && HTMLCanvasElement.prototype.captureStream ? RECORDED.find((type) => MediaRecorder.isTypeSupported(type)) : undefined;

/** Whether a film can be made here; which kind shows when it is made. */
export const canFilm = () => Boolean(globalThis.VideoEncoder || recordable());

/**
 * Makes a film of 25 frames a second whose last frame stays.
 * @param {Blob[]} frames pictures, the last of them the largest; the others are drawn as large
 * @returns {Promise<{ blob: Blob, ending: "mp4" | "webm" }>}
 */
export async function makeFilm(frames) {
  const canvas = await canvasFor(frames.at(-1));
  for (const encoding of globalThis.VideoEncoder ? ENCODINGS : []) {
    // What a browser says it encodes it does not always: the next may do.
    const blob = await encode(frames, canvas, encoding).catch(() => null);
    if (blob) return { blob, ending: encoding.ending };
  }
  if (!recordable()) throw new Error(text.noFilm);
  return { blob: await record(frames, canvas), ending: "webm" };
}

/** A canvas of a picture's size, in whole pairs of pixels: H.264 keeps colours by pairs. */
async function canvasFor(picture) {
  const bitmap = await createImageBitmap(picture);
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(2, 2 * Math.floor(side / 2)));
  bitmap.close();
  return Object.assign(document.createElement("canvas"), { width, height });
}

/** Draws one frame after another; `shown(i)` takes each before the next is drawn. */
async function play(frames, canvas, shown) {
  const context = canvas.getContext("2d");
  for (const [i, frame] of frames.entries()) {
    const bitmap = await createImageBitmap(frame);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    await shown(i);
  }
}

/** A film by the browser's encoder; null when it has none of this kind. */
async function encode(frames, canvas, { codec, name, format, type }) {
  const config = { codec, width: canvas.width, height: canvas.height, bitrate: BITS_PER_SECOND, framerate: 1000 / FRAME_MILLIS };
  if (!(await VideoEncoder.isConfigSupported(config)).supported) return null;
  const library = await import("../../vendor/mediabunny.js");
  const source = new library.EncodedVideoPacketSource(name);
  const output = new library.Output({ format: new library[format](), target: new library.BufferTarget() });
  output.addVideoTrack(source, { frameRate: config.framerate });
  await output.start();

  let added = Promise.resolve();
  const take = (chunk, details) => (added = added.then(() => source.add(library.EncodedPacket.fromEncodedChunk(chunk), details)));
  let failure = null;
  const encoder = new VideoEncoder({ output: take, error: (error) => (failure = error) });
  try {
    encoder.configure(config);
    const add = (i) => {
      const frame = new VideoFrame(canvas, { timestamp: i * 1000 * FRAME_MILLIS, duration: 1000 * FRAME_MILLIS });
      encoder.encode(frame);
      frame.close();
    };
    await play(frames, canvas, add);
    for (let i = 0; i < LAST_FRAMES - 1; i++) add(frames.length + i);
    await encoder.flush();
    await added;
    await output.finalize();
  } catch (error) {
    throw failure ?? error;
  } finally {
    if (encoder.state !== "closed") encoder.close();
  }
  return new Blob([output.target.buffer], { type });
}

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** A film of what the canvas shows, as fast as it will be seen. */
async function record(frames, canvas) {
  const stream = canvas.captureStream(0);
  const [track] = /** @type {CanvasCaptureMediaStreamTrack[]} */ (stream.getVideoTracks());
  try {
    const recorder = new MediaRecorder(stream, { mimeType: recordable(), videoBitsPerSecond: BITS_PER_SECOND });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve, reject) => {
      recorder.onstop = resolve;
      recorder.onerror = ({ error }) => reject(error);
    });
    recorder.start();
    const begun = performance.now();
    const shown = () => {
      track.requestFrame();
      return wait(FRAME_MILLIS);
    };
    await play(frames, canvas, shown);
    // The film lasts until the last frame that was taken, and a busy device takes none in time that is asked for just before the end.
    for (let i = 1; i < LAST_FRAMES; i++) {
      canvas.getContext("2d").drawImage(canvas, 0, 0); // only what was drawn makes one
      await shown();
    }
    const millis = performance.now() - begun;
    recorder.stop();
    await stopped;
    return withDuration(new Blob(parts, { type: "video/webm" }), millis);
  } finally {
    track.stop();
  }
}
