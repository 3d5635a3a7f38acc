import { paintInto } from "../paint.js";

paintInto({ assets: "easel/" });
