// What axe-core objects to on a page.
import AxeBuilder from "@axe-core/playwright";
import { expect } from "./helpers.js";

/** What is objected to in a state of the page, in these colours. */
export const violations = async (page, colorSchemes) => {
  const found = [];
  for (const colorScheme of colorSchemes) {
    await page.emulateMedia({ colorScheme });
    const { violations, passes } = await new AxeBuilder({ page }).analyze();
    expect(passes.length).toBeGreaterThan(20); // it did look
    found.push(...violations.map(({ id, nodes }) => `${colorScheme}, ${id}: ${nodes.map(({ target }) => target).join("; ")}`));
  }
  return found;
};
