import { weights } from "easel-weights";
import { paintInto } from "../paint.js";

paintInto({ weights });
