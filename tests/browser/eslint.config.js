// Lints the page's modules and these tests: duplicate keys, unused names, unknown globals.
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/vendor/**", "tests/consumers/*/out/**"] }, // others' code, and what is made of ours
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.worker, ...globals.node } },
    rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" },
  },
];
