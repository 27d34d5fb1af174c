// What axe finds wrong with a page for people who cannot see, hear or point as others do.

import type { Page } from "@playwright/test";
import type axe from "axe-core";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "./stage.ts";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What bars people, and where. */
export async function barriers(page: Page): Promise<string[]> {
  // Through the debugger: the page's own policy lets no such script in.
  await page.evaluate(`window.axe || (() => { ${source} })()`);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<axe.AxeResults> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, impact, nodes }) =>
      nodes.map((node) => `${id} (${impact}): ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
    );
  });
}

/** Fails where there is any, and says in which state. */
export async function accessible(page: Page, state: string): Promise<void> {
  expect.soft(await barriers(page), state).toEqual([]);
}
