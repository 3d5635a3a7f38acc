// The loss over the iterations, as a small line on a logarithmic scale.

import { text } from "../text/index.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 240;
const HEIGHT = 48;
/** More points than this are thinned: nobody sees them, and a long run stays cheap to draw. */
const MOST_POINTS = 400;

/** Draws into an `<svg role="img">`; its label says what the line shows. */
export class Chart {
  #svg;
  #line = document.createElementNS(SVG, "path");
  #marks = document.createElementNS(SVG, "path");
  #points = [];
  #stride = 1;
  #scales = [];

  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.#svg = svg;
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    this.#marks.setAttribute("class", "marks");
    this.#line.setAttribute("class", "line");
    svg.append(this.#marks, this.#line);
    this.clear();
  }

  clear() {
    [this.#points, this.#scales, this.#stride] = [[], [], 1];
    this.#line.removeAttribute("d");
    this.#marks.removeAttribute("d");
    this.#svg.setAttribute("aria-label", text.chartEmpty);
  }

  /** @param {{ iteration: number, iterations: number, scale: { index: number }, losses: { total: number } }} progress */
  add({ iteration, iterations, scale, losses }) {
    if (!(losses.total > 0) || !Number.isFinite(losses.total)) return;
    if (this.#scales.at(-1)?.index !== scale.index) this.#scales.push({ index: scale.index, iteration });
    const last = this.#points.at(-1);
    const point = { x: iteration / iterations, y: Math.log(losses.total), loss: losses.total, iteration };
    // After going back to a checkpoint the line goes back too.
    if (last && iteration <= last.iteration) this.#points = this.#points.filter((earlier) => earlier.iteration < iteration);
    if (iteration % this.#stride === 0 || this.#points.length === 0) this.#points.push(point);
    if (this.#points.length > MOST_POINTS) {
      this.#points = this.#points.filter((_, i) => i % 2 === 0);
      this.#stride *= 2;
    }
    this.#draw(iterations, point);
  }

  #draw(iterations, newest) {
    const points = this.#points.at(-1) === newest ? this.#points : [...this.#points, newest];
    const lows = Math.min(...points.map(({ y }) => y));
    const highs = Math.max(...points.map(({ y }) => y));
    const place = ({ x, y }) => {
      const down = highs > lows ? (highs - y) / (highs - lows) : 0.5;
      return `${(x * WIDTH).toFixed(1)} ${(3 + down * (HEIGHT - 6)).toFixed(1)}`;
    };
    this.#line.setAttribute("d", `M${points.map(place).join("L")}`);
    const at = this.#scales.slice(1).map(({ iteration }) => ((WIDTH * iteration) / iterations).toFixed(1));
    this.#marks.setAttribute("d", at.map((x) => `M${x} 0V${HEIGHT}`).join(""));
    this.#svg.setAttribute("aria-label", text.chart(points[0].loss, newest.loss, newest.iteration));
  }
}
