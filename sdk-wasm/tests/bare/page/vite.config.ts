import { defineConfig } from "vite";

export default defineConfig({
  // The package is a neighbouring folder with a React of its own for its tests.
  resolve: { dedupe: ["react", "react-dom"] },
});
