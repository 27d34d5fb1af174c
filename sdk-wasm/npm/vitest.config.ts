import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The package as it is published, and not its sources. */
const built = [
  { find: /^carewire$/, replacement: here("dist/index.js") },
  { find: /^carewire\/react$/, replacement: here("dist/react.js") },
  { find: /^carewire\/testing$/, replacement: here("dist/testing.js") },
];

const react18 = here("test/react-18/node_modules");

/** Time is virtual in most tests: this is for a machine that stands still for a while. */
const testTimeout = 30_000;

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias: built },
        test: { name: "client", include: ["test/client/*.test.ts"], testTimeout, environment: "node" },
      },
      {
        resolve: { alias: built },
        test: { name: "page", include: ["test/page/*.test.ts"], testTimeout, environment: "happy-dom" },
      },
      { test: { name: "docs", include: ["test/docs/*.test.ts"], testTimeout, environment: "node" } },
      {
        resolve: { alias: built },
        test: {
          name: "react 19",
          include: ["test/react/*.test.tsx", "test/react-19/*.test.tsx"],
          testTimeout,
          environment: "happy-dom",
        },
      },
      {
        resolve: {
          alias: [
            ...built,
            { find: /^react-dom(.*)$/, replacement: `${react18}/react-dom$1` },
            { find: /^react(\/.*)?$/, replacement: `${react18}/react$1` },
          ],
        },
        test: { name: "react 18", include: ["test/react/*.test.tsx"], testTimeout, environment: "happy-dom" },
      },
    ],
  },
});
