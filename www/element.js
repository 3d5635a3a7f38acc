export * from "./engine/element.js";
