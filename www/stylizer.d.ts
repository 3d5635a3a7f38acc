export * from "./engine/stylizer.js";
