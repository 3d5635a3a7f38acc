// A use of the packages' types, compiled as a site with an older TypeScript library would; nothing runs it.
import { Stylizer, type StyleConfig } from "easel-engine";
import { EaselCanvas } from "easel-engine/element";
import { weights } from "easel-weights";

const config: StyleConfig = { preset: "bold", size: 256 };
EaselCanvas.places = { weights };
const stylizer = await Stylizer.create({ weights, wasm: new URL("https://host/easel_bg.wasm") });
const { blob } = await stylizer.start({ content: "cat.jpg", styles: [{ image: new Image() }], config }).finished;
document.querySelector("easel-canvas")!.photo = blob;
// @ts-expect-error there is no such setting
stylizer.start({ content: blob, styles: [{ image: blob }], config: { sise: 3 } });
