// Numbers, amounts and dates as the visitor writes them, and numbers read as the visitor types them.
//
// The locale is the visitor's, also where the page does not speak that language: who types "0,02" means two
// hundredths, whatever language the labels are in.

/**
 * @param {string} locale a BCP 47 tag
 */
export function formats(locale) {
  const formatter = (options) => new Intl.NumberFormat(locale, options);
  const [four, whole, one, two] = [
    formatter({ maximumSignificantDigits: 4 }),
    formatter({ maximumFractionDigits: 0 }),
    formatter({ minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    formatter({ maximumSignificantDigits: 2 }),
  ];
  const plain = formatter({ maximumFractionDigits: 0, useGrouping: false });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const decimal = one.formatToParts(0.5).find(({ type }) => type === "decimal")?.value ?? ".";
  const digits = new Map([...Array(10).keys()].map((digit) => [plain.format(digit), String(digit)]));

  return {
    /** A measured value, four digits of it: "1,234", "0.01235". */
    number: (value) => four.format(value),
    /** A whole number, in groups: "12,345". */
    whole: (value) => whole.format(value),
    /** A whole number that counts something: "12345". */
    count: (value) => plain.format(value),
    /** A share as percent, without the sign: two digits of it. */
    percent: (share) => (share < 0.1 ? whole : two).format(100 * share),
    /** An amount of data for people: "13.0 MB". */
    megabytes: (bytes) => `${one.format(bytes / 1e6)} MB`,
    /** An amount of memory for people: "40 MB", "1.3 GB". */
    memory: (bytes) => (bytes < 1e9 ? `${whole.format(Math.max(1, bytes / 1e6))} MB` : `${one.format(bytes / 1e9)} GB`),
    /** The length of so many pixels in print, at 300 to the inch: "8.7 cm". */
    centimetres: (pixels) => `${one.format((pixels / 300) * 2.54)} cm`,
    /** A duration for people: "12 s", "3 min 20 s", "1 h 5 min". */
    duration(seconds) {
      const s = Math.max(0, Math.round(seconds));
      if (s < 60) return `${plain.format(s)} s`;
      if (s < 3600) return `${plain.format(Math.floor(s / 60))} min ${plain.format(s % 60)} s`;
      const minutes = Math.round(s / 60);
      return `${plain.format(Math.floor(minutes / 60))} h ${plain.format(minutes % 60)} min`;
    },
    /** A moment: "Nov 24, 2026, 10:30 PM". */
    day: (date) => day.format(date),
    /** A number as a field shows it: what `parse` reads back to the same number. */
    print: (value) => (decimal === "," ? String(value).replace(".", ",") : String(value)),
    /**
     * A number as typed, with the locale's decimal separator and digits or with "." and 0–9; no separators of
     * groups, which elsewhere are the decimal ones. NaN where it is none.
     * @param {string} word
     * @returns {number}
     */
    parse(word) {
      const ascii = [...word.trim()].map((letter) => digits.get(letter) ?? letter).join("");
      return ascii === "" ? NaN : Number(ascii.replace(decimal, ".").replace(/^\u2212/, "-"));
    },
    /** What stands between the entries of a list of numbers, so that it is not taken for a decimal separator. */
    separator: decimal === "," ? "; " : ", ",
  };
}
